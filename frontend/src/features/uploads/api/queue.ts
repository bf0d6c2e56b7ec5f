/**
 * The uploads of this tab, outside React so that they go on while people move between pages.
 *
 * Three files are sent at a time, each with its own idempotency key: sending one twice does it once. An upload that was
 * accepted is remembered for this tab, so that after a reload its row still follows its job.
 */
import { writeKey } from "@/client/api";
import type { Problem } from "@/client/problem";
import { connection } from "@/lib/connection";
import { Store } from "@/lib/store";
import { send } from "./send";

export type UploadState = "waiting" | "sending" | "accepted" | "failed" | "cancelled" | "interrupted";

export interface Upload {
  id: string;
  name: string;
  size: number;
  /** Counts up: files are sent in the order they were given. */
  order: number;
  sent: number;
  startedAt: number;
  state: UploadState;
  jobId: string | null;
  duplicateOf: number | null;
  problem: Problem | null;
}

const AT_ONCE = 3;
const KEEP = "syncboard.uploads";

let given = 0;
const files = new Map<string, File>();
const stops = new Map<string, () => void>();

export const uploads = new Store<readonly Upload[]>(remembered());

function remembered(): Upload[] {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEEP) ?? "[]") as Upload[];
    return kept.map((one) => (one.state === "waiting" || one.state === "sending" ? { ...one, state: "interrupted", sent: 0 } : one));
  } catch {
    return [];
  }
}

let keeping = 0;

/** Writes what to remember, at most four times a second: while bytes go, the list changes all the time. */
function keep(): void {
  window.clearTimeout(keeping);
  keeping = 0;
  sessionStorage.setItem(KEEP, JSON.stringify(uploads.get().slice(0, 500)));
}

uploads.watch(() => {
  keeping ||= window.setTimeout(keep, 250);
});
window.addEventListener("pagehide", keep);

function change(id: string, next: Partial<Upload>): void {
  uploads.set((all) => all.map((one) => (one.id === id ? { ...one, ...next } : one)));
}

export function addFiles(chosen: Iterable<File>): number {
  const fresh = [...chosen].map((file): Upload => {
    const id = writeKey();
    files.set(id, file);
    return { id, name: file.name, size: file.size, order: ++given, sent: 0, startedAt: 0, state: "waiting", jobId: null, duplicateOf: null, problem: null };
  });
  const names = new Set(fresh.map((one) => `${one.name}/${one.size}`));
  uploads.set((all) => [...fresh, ...all.filter((one) => one.state !== "interrupted" || !names.has(`${one.name}/${one.size}`))]);
  pump();
  return fresh.length;
}

/** A note or any other thing that was accepted without bytes to watch; its row follows its job like a file's. */
export function addAccepted(name: string, size: number, jobId: string, duplicateOf: number | null): void {
  const one: Upload = { id: writeKey(), name, size, order: ++given, sent: size, startedAt: 0, state: "accepted", jobId, duplicateOf, problem: null };
  uploads.set((all) => [one, ...all]);
}

export function cancelUpload(id: string): void {
  stops.get(id)?.();
  change(id, { state: "cancelled" });
  pump();
}

export function retryUpload(id: string): void {
  if (!files.has(id)) return;
  change(id, { state: "waiting", sent: 0, problem: null });
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
  for (const stop of stops.values()) stop();
  files.clear();
  uploads.set([]);
}

function pump(): void {
  const all = uploads.get();
  const free = AT_ONCE - all.filter((one) => one.state === "sending").length;
  if (free <= 0) return;
  const waiting = all.filter((one) => one.state === "waiting" && files.has(one.id)).sort((a, b) => a.order - b.order);
  for (const one of waiting.slice(0, free)) start(one.id);
}

function start(id: string): void {
  const file = files.get(id);
  if (!file) return;
  change(id, { state: "sending", startedAt: Date.now(), sent: 0, problem: null });
  const { done, stop } = send(file, id, (sent) => change(id, { sent }));
  stops.set(id, stop);
  void done.then((answer) => {
    stops.delete(id);
    if (answer.kind === "accepted") {
      files.delete(id);
      change(id, { state: "accepted", sent: file.size, jobId: answer.job.job_id, duplicateOf: answer.job.duplicate_of ?? null });
    } else if (answer.kind === "refused") {
      change(id, { state: "failed", problem: answer.problem });
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
  if (uploads.get().some((one) => one.state === "sending" || (one.state === "waiting" && files.has(one.id)))) event.preventDefault();
});
