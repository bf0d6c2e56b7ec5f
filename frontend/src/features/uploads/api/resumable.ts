/** Uploads by the tus protocol: the server keeps what has arrived, and a later try goes on from there. Loaded when needed. */
import { DetailedError, type HttpResponse, Upload as Tus } from "tus-js-client";
import { problemOfAnswer } from "@/client/problem";
import { noteAnswer } from "@/lib/connection";
import { type Answer, refusal, type Sending } from "./send";
import type { Upload } from "./upload";

/** A request is kept to what proxies in front of a board let through. */
const PIECE = 64 * 1024 * 1024;
const DELAYS = [0, 500, 1000, 2000, 4000, 8000];

export function sendResumable(file: File, one: Upload, onBytes: (sent: number) => void): Sending {
  let end: (answer: Answer) => void = () => undefined;
  const done = new Promise<Answer>((resolve) => {
    end = resolve;
  });
  let shown = 0;
  const upload = new Tus(file, {
    endpoint: `${window.location.origin}/uploads/`,
    chunkSize: PIECE,
    retryDelays: DELAYS,
    metadata: { filename: file.name, ...(file.type ? { filetype: file.type } : {}), ...(one.description ? { description: one.description } : {}) },
    // the same file chosen again is known by these; its bytes are not read for it
    fingerprint: async () => `syncboard/${file.name}/${file.size}/${file.lastModified}`,
    removeFingerprintOnSuccess: true,
    onProgress: (sent) => {
      const now = performance.now();
      if (now - shown < 100 && sent < file.size) return;
      shown = now;
      noteAnswer(200);
      onBytes(sent);
    },
    onShouldRetry: (error) => {
      const status = error.originalResponse?.getStatus() ?? 0;
      if (status === 0 || status >= 502) noteAnswer(null);
      return status === 0 || status >= 500 || status === 409 || status === 423;
    },
    onSuccess: ({ lastResponse }) => end(accepted(lastResponse)),
    onError: (error) => end(failed(error)),
  });
  void upload.findPreviousUploads().then((earlier) => {
    const newest = earlier.filter((one) => one.uploadUrl).sort((a, b) => b.creationTime.localeCompare(a.creationTime))[0];
    if (newest) upload.resumeFromPreviousUpload(newest);
    upload.start();
  });
  const stop = (forget: boolean) => {
    // when the server cannot be told to forget, the upload ends there by itself after its time
    upload.abort(forget).catch(() => undefined);
    end({ kind: "stopped" });
  };
  return { done, stop };
}

function accepted(answer: HttpResponse): Answer {
  const job = answer.getHeader("SyncBoard-Job-Id");
  if (!job) return { kind: "refused", problem: problemOfAnswer(answer.getStatus(), "null"), retryAfter: null };
  noteAnswer(200);
  const duplicate = answer.getHeader("SyncBoard-Duplicate-Of");
  return { kind: "accepted", job: { job_id: job, duplicate_of: duplicate ? Number(duplicate) : null } };
}

function failed(error: Error | DetailedError): Answer {
  const answer = error instanceof DetailedError ? error.originalResponse : null;
  if (!answer) return refusal(0, "", null);
  return refusal(answer.getStatus(), answer.getBody(), answer.getHeader("Retry-After") ?? null);
}
