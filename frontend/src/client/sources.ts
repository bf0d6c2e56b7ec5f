/** Shapes that the server's OpenAPI document has not got yet. */
import type { paths } from "./schema";

interface Failure {
  error: { code: string; message: string; hint: string; retryable: boolean };
  request_id: string;
}
type Answers<Answer> = { 200: { content: { "application/json": Answer } }; default: { content: { "application/json": Failure } } };
interface Operation<Answer, Query, Path, Body> {
  parameters: { query?: Query; path: Path; header?: { "Idempotency-Key"?: string | null } };
  requestBody?: Body extends never ? never : { content: { "application/json": Body } };
  responses: Answers<Answer>;
}
interface NoPath { parameters: { query?: never; header?: never; path?: never; cookie?: never } }
type Get<Answer, Query = never, Path = never> = NoPath & { get: Operation<Answer, Query, Path, never> };
interface Act<Answer, Path> extends NoPath {
  post: { parameters: { path: Path; header?: { "Idempotency-Key"?: string | null } }; requestBody?: never; responses: Answers<Answer> };
}
interface Post<Answer, Body = never, Query = never, Path = never> extends NoPath {
  post: {
    parameters: { query?: Query; path?: Path; header?: { "Idempotency-Key"?: string | null } };
    requestBody: { content: { "application/json": Body } };
    responses: Answers<Answer>;
  };
}

export type Verdict = "new" | "already_here" | "repeated" | "not_an_address";
export interface LinkVerdict { url: string; job_id: string | null; document_id: number | null; verdict: Verdict }
export interface LinkRefusal { url: string; code: string; message: string }
export interface LinksTaken { batch_id: string | null; job_id: string | null; total: number; queued: number; jobs: LinkVerdict[]; errors: LinkRefusal[] }
export interface UrlAccepted { job_id: string; document_id: number; message: string; url: string; duplicate_of?: number | null }
export type BatchCount = "waiting" | "running" | "done" | "failed" | "cancelled";
export interface BatchItem {
  url?: string | null; filename?: string | null; job_id: string | null; document_id: number | null; state: string | null; verdict: string;
  error: { code: string; message: string; hint?: string } | null;
}
export interface Batch {
  batch_id: string; job_id: string; kind: string; total: number; state: string; paused: boolean;
  counts: Record<BatchCount, number>; created_at: string; items: BatchItem[]; next_cursor: string | null;
}
export interface PageWord { text: string; box: [number, number, number, number]; start: number | null; end: number | null }
export interface DocumentPage {
  page: number; width: number; height: number; engine: string | null; confidence: number | null; state: string;
  error: { code: string; message: string } | null; words: PageWord[];
}

interface Soon {
  "/upload_url": Post<UrlAccepted, { url: string; title?: string | null }>;
  "/upload_batch_urls": Post<LinksTaken, { urls: string[] }, { dry_run?: boolean }>;
  "/batches/{batch_id}": Get<Batch, { limit?: number; cursor?: string }, { batch_id: string }>;
  "/batches/{batch_id}/pause": Act<Batch, { batch_id: string }>;
  "/batches/{batch_id}/resume": Act<Batch, { batch_id: string }>;
  "/batches/{batch_id}/cancel": Act<Batch, { batch_id: string }>;
  "/batches/{batch_id}/retry": Act<Batch, { batch_id: string }>;
  "/documents/{document_id}/pages": Get<{ items: DocumentPage[] }, never, { document_id: number }>;
  "/documents/{document_id}/chunks/retry": Act<{ job_id: string }, { document_id: number }>;
}
export type Paths = Omit<Soon, keyof paths> & paths;
