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
export type Hit = Schemas["SearchItem"];
export type Readiness = Schemas["Readiness"];
export type ApiKey = Schemas["ApiKey"];
export type Invitation = Schemas["Invitation"];

export type LinksTaken = Schemas["BatchTaken"];
export type Batch = Schemas["Batch"];
export type BatchItem = Schemas["BatchItem"];
export type DocumentPage = Schemas["Page"];
export type PageWord = Schemas["PageWord"];
