import type { JobItem } from "@/client/types";
import type { Upload } from "./upload";

export interface Totals {
  waiting: number;
  sending: number;
  paused: number;
  /** Cut off by closing the page; they wait for their file to be chosen again. */
  interrupted: number;
  bytes: number;
  sent: number;
  working: number;
  failed: number;
  done: number;
  /** Bytes a second over the uploads being sent, or null before it can be told. */
  speed: number | null;
}

/** What the uploads of this tab come to, counting each row once: while it is sent, then as its job. */
export function totalsOf(uploads: readonly Upload[], jobs: ReadonlyMap<string, Pick<JobItem, "state">>): Totals {
  const totals: Totals = { waiting: 0, sending: 0, paused: 0, interrupted: 0, bytes: 0, sent: 0, working: 0, failed: 0, done: 0, speed: null };
  for (const one of uploads) {
    if (one.state === "waiting" || one.state === "sending" || one.state === "paused") {
      totals[one.state] += 1;
      totals.bytes += one.size;
      totals.sent += one.sent;
      if (one.state === "sending" && one.speed) totals.speed = (totals.speed ?? 0) + one.speed;
    } else if (one.state === "accepted") {
      const state = one.jobId ? jobs.get(one.jobId)?.state : undefined;
      if (state === "SUCCESS" || state === "REVOKED") totals.done += 1;
      else if (state === "FAILURE") totals.failed += 1;
      else totals.working += 1;
    } else if (one.state === "failed" || one.state === "interrupted") totals[one.state] += 1;
    else totals.done += 1;
  }
  return totals;
}
