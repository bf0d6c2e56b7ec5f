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

/** A word and its left, top, right and bottom, in shares of the page. */
export type PageBox = [text: string, left: number, top: number, right: number, bottom: number];
export interface DocumentPage { page: number; width: number; height: number; engine: string; confidence: number; boxes?: PageBox[] | null }

interface Soon {
  "/documents/{document_id}/pages": Get<{ items: DocumentPage[]; next_cursor: string | null; total: number }, { limit?: number }, { document_id: number }>;
  "/documents/{document_id}/chunks/retry": Act<{ job_id: string }, { document_id: number }>;
}
export type Paths = Omit<Soon, keyof paths> & paths;
