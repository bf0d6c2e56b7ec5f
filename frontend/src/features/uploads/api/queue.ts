/**
 * The uploads of this tab, outside React so that they go on while people move between pages.
 *
 * Three files are sent at a time, each with its own idempotency key: sending one twice does it once. An upload that was
 * accepted is remembered for this tab, so that after a reload its row still follows its job.
 */
import { writeKey } from "@/client/api";
import { connection } from "@/lib/connection";
import { Meter } from "./meter";
import { uploads } from "./remember";
import { send, type Sending } from "./send";
import { isOnItsWay, isResumable, type Upload, type UploadKind } from "./upload";

export { uploads };
export type { Upload };

const AT_ONCE = 3;

let given = 0;
const files = new Map<string, File>();
const underWay = new Map<string, Sending>();

function change(id: string, next: Partial<Upload>): void {
  uploads.set((all) => all.map((one) => (one.id === id ? { ...one, ...next } : one)));
}

function fresh(kind: UploadKind, name: string, size: number): Upload {
  return { id: writeKey(), kind, name, size, description: "", order: ++given, sent: 0, speed: null, state: "waiting", jobId: null, duplicateOf: null, problem: null };
}

export function addFiles(chosen: Iterable<File>, description: string | null = null): number {
  const added = [...chosen].map((file): Upload => {
    const one = fresh(description === null ? "file" : "image", file.name, file.size);
    files.set(one.id, file);
    return { ...one, description: description ?? "" };
  });
  const names = new Set(added.map((one) => `${one.name}/${one.size}`));
  uploads.set((all) => [...added, ...all.filter((one) => one.state !== "interrupted" || !names.has(`${one.name}/${one.size}`))]);
  pump();
  return added.length;
}

/** A note or any other thing that was accepted without bytes to watch; its row follows its job like a file's. */
export function addAccepted(kind: UploadKind, name: string, size: number, jobId: string, duplicateOf: number | null): void {
  const one: Upload = { ...fresh(kind, name, size), sent: size, state: "accepted", jobId, duplicateOf };
  uploads.set((all) => [one, ...all]);
}

const halt = (id: string, forget: boolean): void => {
  underWay.get(id)?.stop(forget);
  underWay.delete(id);
};

export function cancelUpload(id: string): void {
  halt(id, true);
  change(id, { state: "cancelled", speed: null });
  pump();
}

export function pauseUpload(id: string): void {
  halt(id, false);
  change(id, { state: "paused", speed: null });
  pump();
}

/** Sends what was paused, stopped or refused; a large file goes on where it was. */
export function retryUpload(id: string): void {
  const one = uploads.get().find((other) => other.id === id);
  if (!one || !files.has(id)) return;
  change(id, { state: "waiting", speed: null, problem: null, sent: isResumable(one) ? one.sent : 0 });
  pump();
}

export const canSend = (id: string): boolean => files.has(id);

export function pauseAll(): void {
  const open = uploads.get().filter((one) => one.state === "waiting" || one.state === "sending");
  const ids = new Set(open.map((one) => one.id));
  uploads.set((all) => all.map((one) => (ids.has(one.id) ? { ...one, state: "paused", speed: null } : one)));
  for (const id of ids) halt(id, false);
}

export function resumeAll(): void {
  uploads.set((all) => all.map((one) => (one.state === "paused" ? { ...one, state: "waiting" } : one)));
  pump();
}

/** The row follows another job from now on: its document's retry. */
export function followJob(from: string, to: string): void {
  uploads.set((all) => all.map((one) => (one.jobId === from ? { ...one, jobId: to } : one)));
}

export function dismissUploads(ids: ReadonlySet<string>): void {
  for (const id of ids) files.delete(id);
  uploads.set((all) => all.filter((one) => !ids.has(one.id)));
}

export function forgetUploads(): void {
  for (const id of underWay.keys()) halt(id, false);
  files.clear();
  uploads.set([]);
}

function pump(): void {
  const all = uploads.get();
  const free = AT_ONCE - all.filter((one) => one.state === "sending").length;
  if (free <= 0) return;
  const waiting = all.filter((one) => one.state === "waiting" && files.has(one.id)).sort((a, b) => a.order - b.order);
  for (const one of waiting.slice(0, free)) start(one);
}

function start(one: Upload): void {
  const file = files.get(one.id);
  if (!file) return;
  const { id } = one;
  const meter = new Meter();
  change(id, { state: "sending", problem: null });
  const sending = send(file, one, (sent) => {
    if (underWay.get(id) === sending) change(id, { sent, speed: meter.note(sent, Date.now()) });
  });
  underWay.set(id, sending);
  void sending.done.then((answer) => {
    // it was stopped, and perhaps begun anew, meanwhile
    if (underWay.get(id) !== sending) return;
    underWay.delete(id);
    if (answer.kind === "accepted") {
      files.delete(id);
      change(id, { state: "accepted", sent: file.size, speed: null, jobId: answer.job.job_id, duplicateOf: answer.job.duplicate_of ?? null });
    } else if (answer.kind === "refused") {
      change(id, { state: "failed", speed: null, problem: answer.problem });
      if (answer.retryAfter !== null) window.setTimeout(() => retryIfFailed(id), answer.retryAfter * 1000);
    }
    pump();
  });
}

function retryIfFailed(id: string): void {
  if (uploads.get().find((one) => one.id === id)?.state === "failed") retryUpload(id);
}

connection.watch(() => {
  if (connection.get() !== "here") return;
  for (const one of uploads.get()) if (one.state === "failed" && one.problem?.code === "unreachable") retryUpload(one.id);
});

window.addEventListener("beforeunload", (event) => {
  if (uploads.get().some((one) => isOnItsWay(one) && files.has(one.id))) event.preventDefault();
});
