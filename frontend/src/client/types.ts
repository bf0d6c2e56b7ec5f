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

export type MapDocument = Schemas["MapDocument"];
export type MapCluster = Schemas["MapCluster"];
export type BoardMap = Schemas["ClusterMap"];
export type Analytics = Schemas["Analytics"];
export type Suggestion = Schemas["Suggested"];
export type SavedSearch = Schemas["SavedSearch"];

export type Tag = Schemas["Tag"];
export type Note = Schemas["Note"];
export type Highlight = Schemas["Highlight"];
export type DuplicateGroup = Schemas["DuplicateGroup"];
export type DuplicateDocument = Schemas["DuplicateDocument"];
/** The client forgets that a mark has two ends. */
export type CompareRow = Omit<Schemas["Row"], "marks_a" | "marks_b"> & { marks_a: number[][]; marks_b: number[][] };
export type LastScan = Schemas["LastScan"];
export type ConceptDetail = Schemas["ConceptDetail"];
