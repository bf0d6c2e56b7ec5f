import type { Problem } from "@/client/problem";

/** "interrupted": the page was closed amid the bytes; they go on when the same file is chosen again. */
export type UploadState = "waiting" | "sending" | "paused" | "accepted" | "failed" | "cancelled" | "interrupted";

export type UploadKind = "file" | "image" | "text" | "link";

export interface Upload {
  id: string;
  kind: UploadKind;
  name: string;
  size: number;
  description: string;
  /** Counts up: files are sent in the order they were given. */
  order: number;
  sent: number;
  /** Bytes a second, or null before it can be told. */
  speed: number | null;
  state: UploadState;
  jobId: string | null;
  duplicateOf: number | null;
  problem: Problem | null;
}

export const isOnItsWay = (one: Pick<Upload, "state">): boolean => one.state === "waiting" || one.state === "sending" || one.state === "paused";

/** From this size on a file goes in pieces that outlive a reload and a dying server; smaller ones are sent whole. */
export const RESUMABLE_FROM = 5 * 1024 * 1024;
export const isResumable = (one: Pick<Upload, "size">): boolean => one.size >= RESUMABLE_FROM;
