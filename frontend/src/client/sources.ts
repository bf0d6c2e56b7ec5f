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

/** A word, its [left, top, right, bottom] in pixels of the page, and its place in the text. */
export interface PageWord { text: string; box: [number, number, number, number]; start: number | null; end: number | null }
export interface DocumentPage {
  page: number; state: string; width: number; height: number; engine: string | null; confidence: number | null;
  error: { message?: string } | null; words: PageWord[];
}

interface Soon {
  "/documents/{document_id}/pages": Get<{ items: DocumentPage[]; next_cursor: string | null }, { page?: number; boxes?: boolean; cursor?: string; limit?: number }, { document_id: number }>;
  "/documents/{document_id}/chunks/retry": Act<{ job_id: string }, { document_id: number }>;
}
export type Paths = Omit<Soon, keyof paths> & paths;
