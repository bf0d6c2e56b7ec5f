import type { ReactNode } from "react";
import type { DocumentDetail } from "@/client/types";
import { bytes, clock, dateTime } from "@/lib/format";
import { videoOf } from "../api/media";
import { formatOf } from "./document-row";

/** Where a document comes from and how it was read, as a plain list. */
export function Provenance({ document }: { document: DocumentDetail }) {
  const details = document.details ?? {};
  const video = videoOf(document);
  const recording = details.recording as { seconds?: number; artist?: string } | undefined;
  const seconds = video?.duration ?? recording?.seconds;
  const facts: Array<[string, ReactNode]> = [
    ["Source", <Address key="s" url={document.source_url} />],
    ["Asked for", details.requested_url !== document.source_url ? <Address key="r" url={textOf(details.requested_url)} /> : ""],
    ["Channel", video?.channel],
    ["Published", video?.uploaded || textOf(details.date)],
    ["By", recording?.artist],
    ["Duration", seconds ? clock(seconds) : ""],
    ["Captions", video ? video.captions || "none; the sound was transcribed" : ""],
    ["File", document.filename],
    ["Kind", `${formatOf(document)} (${document.media_type})`],
    ["Size", bytes(document.size_bytes)],
    ["Added", dateTime(document.created_at)],
    ["Fetched", textOf(details.fetched_at) ? dateTime(textOf(details.fetched_at)) : ""],
    ["Read", dateTime(document.updated_at)],
    ["Language", document.language ? (new Intl.DisplayNames(["en"], { type: "language" }).of(document.language) ?? document.language) : ""],
    ["Pages", typeof details.page_count === "number" ? details.page_count.toLocaleString("en") : ""],
    ["Picture", typeof details.width === "number" && typeof details.height === "number" ? `${details.width} × ${details.height}` : ""],
    ["Taken", textOf(details.taken_at) ? dateTime(textOf(details.taken_at)) : ""],
    ["Length", document.char_count ? `${document.char_count.toLocaleString("en")} characters` : ""],
    ...Object.entries(details)
      .filter(([key, value]) => !TOLD.has(key) && (typeof value === "string" || typeof value === "number") && value !== "")
      .slice(0, 12)
      .map(([key, value]): [string, string] => [sentenceCase(key), MOMENT.test(String(value)) ? dateTime(String(value)) : String(value)]),
  ];
  return (
    <section className="provenance" aria-label="Where it comes from">
      <h3>Where it comes from</h3>
      <dl>
        {facts.filter(([, value]) => value && !(typeof value === "object" && "props" in value && !(value.props as { url?: string }).url)).map(([name, value]) => <div key={name}><dt>{name}</dt><dd className="num">{value}</dd></div>)}
      </dl>
    </section>
  );
}

/** Details that have a line of their own, or are only for the machinery. */
const TOLD = new Set(["requested_url", "fetched_at", "failed_parts", "description", "date", "member", "charset", "page_count", "width", "height", "taken_at"]);

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** An address of the web as a link; anything else as words. */
function Address({ url }: { url: string | null | undefined }) {
  if (!url) return null;
  return /^https?:\/\//.test(url) ? <a href={url} target="_blank" rel="noreferrer">{url}</a> : <>{url}</>;
}

function sentenceCase(key: string): string {
  const words = key.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
