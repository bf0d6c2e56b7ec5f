/** Short names for the server's shapes; `schema.d.ts` is generated from its OpenAPI document. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type User = Schemas["User"];
export type JobItem = Schemas["JobItem"];
export type JobDetail = Schemas["JobDetail"];
export type JobList = Schemas["JobList"];
export type Attempt = Schemas["Attempt"];
export type Accepted = Schemas["Accepted"];
export type DocumentItem = Schemas["Document"];
export type DocumentDetail = Schemas["DocumentDetail"];
export type DocumentText = Schemas["DocumentText"];
export type Quote = Schemas["ProvedConcept"];
export type Cluster = Schemas["Cluster"];
export type RelatedDocument = Schemas["RelatedDocument"];
export type Hit = Schemas["SearchItem"];
export type Readiness = Schemas["Readiness"];
export type ApiKey = Schemas["ApiKey"];
export type Invitation = Schemas["Invitation"];

export type LinksTaken = Schemas["BatchTaken"];
export type Batch = Schemas["Batch"];
export type BatchItem = Schemas["BatchItem"];
export type DocumentPage = Schemas["Page"];
export type PageWord = Schemas["PageWord"];

/** A document on the map, at a place in the unit square. */
export interface MapDocument { document_id: number; title: string; media_type: string; x: number; y: number; cluster_id: number | null; subcluster_id: number | null }
export interface MapCluster { id: number; name: string; x: number; y: number; document_count: number; parent_id: number | null }
export interface BoardMap { documents: MapDocument[]; clusters: MapCluster[]; computed_at: string | null; job_id: string | null; stale: boolean }
export interface Suggestion { kind: "document" | "concept" | "cluster" | "tag" | "saved_search" | "word"; id: number | null; text: string; detail: string | null }
export type SavedSearch = Schemas["SavedSearch"];

export type Tag = Schemas["Tag"];
export type Note = Schemas["Note"];
export type Highlight = Schemas["Highlight"];
export type DuplicateGroup = Schemas["DuplicateGroup"];
export type DuplicateDocument = Schemas["DuplicateDocument"];
/** The client forgets that a mark has two ends. */
export type CompareRow = Omit<Schemas["Row"], "marks_a" | "marks_b"> & { marks_a: number[][]; marks_b: number[][] };
export type LastScan = Schemas["LastScan"];
interface Named { id: number; name: string; documents: number }
export interface Analytics {
  computed_at: string | null; stale: boolean; age_seconds: number;
  totals: { documents: number; passages: number; concepts: number; clusters: number; bytes: number; characters: number; words: number; reading_minutes: number; duplicates_groups: number; failed: number };
  growth: { day: string; documents: number; bytes: number }[];
  by_type: { name: string; documents: number; bytes: number }[];
  by_cluster: Named[]; by_concept: Named[]; by_tag: Named[];
  by_language: { name: string; documents: number }[];
  by_source: { name: string; documents: number }[];
  failures: { code: string; count: number; message: string; last_at: string | null }[];
  queues: { queue: string; jobs: number; wait_p50: number | null; wait_p95: number | null; run_p50: number | null; run_p95: number | null }[];
}
export type ConceptDetail = Schemas["ConceptDetail"];
