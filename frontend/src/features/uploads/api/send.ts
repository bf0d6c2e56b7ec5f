import { problemOfAnswer, type Problem } from "@/client/problem";
import type { Accepted } from "@/client/types";
import { signedOut } from "@/client/api";
import { noteAnswer } from "@/lib/connection";

export type Answer =
  | { kind: "accepted"; job: Accepted }
  | { kind: "refused"; problem: Problem; retryAfter: number | null }
  | { kind: "stopped" };

/** Sends one file as multipart with real byte progress (fetch has none for uploads). Never rejects. */
export function send(file: File, key: string, onBytes: (sent: number) => void): { done: Promise<Answer>; stop: () => void } {
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
  request.open("POST", "/upload_file");
  request.setRequestHeader("Idempotency-Key", key);
  request.send(form);
  return { done, stop: () => request.abort() };
}

function answerOf(request: XMLHttpRequest): Answer {
  noteAnswer(request.status);
  if (request.status === 401) signedOut.set(true);
  if (request.status >= 200 && request.status < 300) {
    try {
      return { kind: "accepted", job: JSON.parse(request.responseText) as Accepted };
    } catch {
      return { kind: "refused", problem: problemOfAnswer(request.status, "null"), retryAfter: null };
    }
  }
  const wait = Number(request.getResponseHeader("Retry-After") ?? Number.NaN);
  const retryAfter = request.status === 429 || request.status === 503 ? (Number.isFinite(wait) ? wait : 5) : null;
  return { kind: "refused", problem: problemOfAnswer(request.status, request.responseText), retryAfter };
}
