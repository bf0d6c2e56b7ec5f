import type { JobItem } from "@/client/types";
import { duration, plural } from "@/lib/format";

const QUEUE_WORDS: Record<string, string> = { uploads: "reading", analysis: "understanding", low_priority: "background" };
export const queueWord = (queue: string): string => QUEUE_WORDS[queue] ?? queue;

/** Why a waiting job waits, as a sentence. */
export function waitingWords(job: Pick<JobItem, "meta" | "queue" | "state" | "parent_id">): string {
  const { waiting_reason: reason, position } = job.meta;
  if (reason === "no_worker") return `No worker is reading the “${job.queue}” queue. It goes on as soon as one starts.`;
  if (reason === "paused") return job.parent_id ? "Paused with its batch" : `Paused. It goes on when the “${job.queue}” queue does.`;
  if (reason === "broker_unreachable") return "The message broker is away. The job is safe and starts when it is back.";
  if (reason === "backing_off") return "The last try failed; it is tried again in a moment.";
  if (position && position > 1) return `Waiting behind ${plural(position - 1, "other")}`;
  return "Next in the queue";
}

interface Result { title?: unknown; filename?: unknown; document_id?: unknown; duplicate_of?: unknown; batch_id?: unknown; total?: unknown; cluster_id?: unknown; cluster_name?: unknown; concepts?: unknown }
export const resultOf = (job: Pick<JobItem, "result">): Result => (job.result ?? {}) as Result;

/** Jobs that are about no document. */
const BOARD_WORK: Record<string, string> = {
  find_duplicates_background: "Scan for duplicates",
  recluster_board: "Group the board anew",
  refresh_analytics: "Count for the analytics",
  reembed_board: "Bring the board to another model",
  apply_tag: "Apply the rule of a tag",
};

/** What a job is about. One whose document gave way to another, or became a batch, says it in its result. */
export function jobName(job: Pick<JobItem, "filename" | "result" | "kind">): string {
  const { filename, title } = resultOf(job);
  return job.filename ?? [title, filename].find((one): one is string => typeof one === "string" && one !== "") ?? BOARD_WORK[job.kind] ?? "Untitled";
}

/** The document a finished job led to; null when there is none. */
export function documentOf(job: Pick<JobItem, "result" | "document_id">): number | null {
  const { document_id: found } = resultOf(job);
  return typeof found === "number" ? found : (job.document_id ?? null);
}

/** The batch that a playlist became. */
export function batchOf(job: Pick<JobItem, "result" | "kind">): string | null {
  const { batch_id: batch } = resultOf(job);
  return job.kind !== "process_batch" && typeof batch === "string" ? batch : null;
}

/** The line under a job's bar. Errors have their own place. */
export function jobWords(job: JobItem): string {
  const { meta } = job;
  if (job.state === "PENDING" || job.state === "RETRY") return waitingWords(job) + eta(job);
  if (job.state === "REVOKED") return "Cancelled";
  if (job.state === "SUCCESS") return "Done";
  const units = meta.units?.total ? `, ${unitWords(meta.units.kind, meta.units.done, meta.units.total)}` : "";
  const sentence = meta.message.replace(/\.{2,}$|…$/, "") || "Working";
  if (meta.stalled) return `${sentence}. The worker has gone quiet; another takes over.`;
  return sentence + units + eta(job);
}

/** "12 of 40 pages", "35 of 60 min of sound". */
export function unitWords(kind: string | null, done: number, total: number): string {
  if (kind && SOUND.has(kind)) return `${done} of ${plural(total, "part")} of the sound`;
  const one = (kind ?? "part").replace(/s$/, "");
  return `${done} of ${plural(total, one)}`;
}

const SOUND = new Set(["sound", "speech", "audio", "minute"]);

function eta(job: JobItem): string {
  const seconds = job.meta.eta_seconds?.p50;
  return seconds && seconds >= 1 ? `, about ${duration(seconds)} left` : "";
}

const KINDS: Record<string, string> = { process_file_upload: "File", process_text_upload: "Text", process_url_upload: "Link", process_image_upload: "Image", process_batch: "Batch" };
export const kindWord = (kind: string): string => KINDS[kind] ?? kind.replaceAll("_", " ");

const STEPS: Record<string, string> = { fetch: "Fetch", extract: "Read", understand: "Understand", await: "Wait for all lines" };
export const stepWord = (step: string): string => STEPS[step] ?? step;

const OUTCOMES: Record<string, string> = {
  SUCCESS: "finished",
  FANNED_OUT: "handed to parts",
  FORGIVEN: "put back, not counted",
  RETRY: "failed, tried again",
  LOST: "the worker died",
  FAILURE: "failed",
  REVOKED: "cancelled",
};
export const outcomeWord = (outcome: string | null | undefined): string => (outcome ? (OUTCOMES[outcome] ?? outcome) : "running");

/** Refusals of YouTube that a pasted transcript gets around. */
export const wantsTranscript = (job: Pick<JobItem, "error">): boolean => TRANSCRIPT.has(job.error?.code ?? "");
const TRANSCRIPT = new Set(["video_refused", "age_restricted", "video_private", "region_blocked", "video_protected", "no_captions_no_audio", "video_not_understood"]);
