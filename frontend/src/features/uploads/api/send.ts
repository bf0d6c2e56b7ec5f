import { problemOfAnswer, type Problem } from "@/client/problem";
import type { Accepted } from "@/client/types";
import { signedOut } from "@/client/api";
import { noteAnswer } from "@/lib/connection";
import { isResumable, type Upload } from "./upload";

export type Answer =
  | { kind: "accepted"; job: Pick<Accepted, "job_id" | "duplicate_of"> }
  | { kind: "refused"; problem: Problem; retryAfter: number | null }
  | { kind: "stopped" };

export interface Sending {
  /** Never rejects. */
  done: Promise<Answer>;
  /** Stops the bytes; with `forget` those that arrived are dropped, without it they wait to be gone on with. */
  stop: (forget: boolean) => void;
}

/** Sends one file, in resumable pieces when it is large; `onBytes` is told how many bytes are there. */
export function send(file: File, one: Upload, onBytes: (sent: number) => void): Sending {
  if (!isResumable(one)) return sendWhole(file, one, onBytes);
  let stopped: boolean | null = null;
  let inner: Sending | null = null;
  const begun = import("./resumable").then(
    ({ sendResumable }): Promise<Answer> | Answer => {
      if (stopped !== null) return { kind: "stopped" };
      inner = sendResumable(file, one, onBytes);
      return inner.done;
    },
    // the code for it could not be loaded: the server is away
    (): Answer => {
      noteAnswer(null);
      return { kind: "refused", problem: problemOfAnswer(0, ""), retryAfter: null };
    },
  );
  const stop = (forget: boolean) => {
    stopped = forget;
    inner?.stop(forget);
  };
  return { done: begun, stop };
}

/** One multipart request with real byte progress (fetch has none for uploads). */
function sendWhole(file: File, one: Upload, onBytes: (sent: number) => void): Sending {
  const request = new XMLHttpRequest();
  let shown = 0;
  const done = new Promise<Answer>((resolve) => {
    request.upload.onprogress = (event) => {
      const now = performance.now();
      if (now - shown < 100) return;
      shown = now;
      // the form's own bytes are counted too; the file cannot be more than whole
      onBytes(Math.min(event.loaded, file.size));
    };
    request.upload.onload = () => onBytes(file.size);
    request.onabort = () => resolve({ kind: "stopped" });
    request.onerror = () => {
      noteAnswer(null);
      resolve({ kind: "refused", problem: problemOfAnswer(0, ""), retryAfter: null });
    };
    request.onload = () => resolve(answerOf(request));
  });
  const form = new FormData();
  form.append("file", file, file.name);
  if (one.description) form.append("description", one.description);
  request.open("POST", one.kind === "image" ? "/upload_image" : "/upload_file");
  request.setRequestHeader("Idempotency-Key", one.id);
  request.send(form);
  return { done, stop: () => request.abort() };
}

function answerOf(request: XMLHttpRequest): Answer {
  if (request.status >= 200 && request.status < 300) {
    try {
      const job = JSON.parse(request.responseText) as Accepted;
      noteAnswer(request.status);
      return { kind: "accepted", job };
    } catch {
      return { kind: "refused", problem: problemOfAnswer(request.status, "null"), retryAfter: null };
    }
  }
  return refusal(request.status, request.responseText, request.getResponseHeader("Retry-After"));
}

/** What an answer that is no success comes to, and after how many seconds it is worth another try. */
export function refusal(status: number, body: string, retryAfter: string | null): Answer {
  noteAnswer(status || null);
  if (status === 401) signedOut.set(true);
  const wait = Number(retryAfter ?? Number.NaN);
  const again = status === 429 || status === 503 ? (Number.isFinite(wait) ? wait : 5) : null;
  return { kind: "refused", problem: problemOfAnswer(status, body), retryAfter: again };
}
