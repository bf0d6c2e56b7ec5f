/** What went wrong, in the server's own words: `{"error": {"code", "message", "hint", "retryable"}}`. */
export interface Problem {
  code: string;
  message: string;
  hint: string;
  retryable: boolean;
}

const AWAY: Problem = {
  code: "unreachable",
  message: "The server cannot be reached.",
  hint: "Nothing is lost; the page goes on by itself when it is back.",
  retryable: true,
};

/** Reads any thrown value or answer body as a Problem; never throws. */
export function readProblem(thrown: unknown): Problem {
  if (thrown instanceof TypeError) return AWAY;
  const body = thrown as { error?: Partial<Problem>; message?: string; detail?: unknown } | null | undefined;
  const error = body?.error;
  if (error && typeof error.message === "string") {
    return {
      code: error.code ?? "error",
      message: error.message,
      hint: error.hint ?? "",
      retryable: error.retryable ?? false,
    };
  }
  const message = typeof body?.message === "string" && body.message ? body.message : "Something went wrong on the server.";
  return { code: "internal", message, hint: "Try again; if it stays, look at the server's log.", retryable: true };
}

/** The Problem of an answer's text, for requests made without the client (uploads with byte progress). */
export function problemOfAnswer(status: number, text: string): Problem {
  try {
    return readProblem(JSON.parse(text));
  } catch {
    return status === 0 || status >= 502 ? AWAY : readProblem({ message: `The server answered with status ${status}.` });
  }
}
