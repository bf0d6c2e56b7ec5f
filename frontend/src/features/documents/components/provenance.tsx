import type { DocumentDetail } from "@/client/types";
import { bytes, dateTime } from "@/lib/format";
import { formatOf } from "./document-row";

/** Where a document comes from and how it was read, as a plain list. */
export function Provenance({ document }: { document: DocumentDetail }) {
  const facts: Array<[string, string]> = [
    ["File", document.filename],
    ["Kind", `${formatOf(document)} (${document.media_type})`],
    ["Size", bytes(document.size_bytes)],
    ["Added", dateTime(document.created_at)],
    ["Read", dateTime(document.updated_at)],
    ["Language", document.language ? (new Intl.DisplayNames(["en"], { type: "language" }).of(document.language) ?? document.language) : ""],
    ["Length", document.char_count ? `${document.char_count.toLocaleString("en")} characters` : ""],
    ["Source", document.source_url ?? ""],
    ...Object.entries(document.details ?? {})
      .filter(([, value]) => typeof value === "string" || typeof value === "number")
      .slice(0, 12)
      .map(([key, value]): [string, string] => [sentenceCase(key), String(value)]),
  ];
  return (
    <section className="provenance" aria-label="Where it comes from">
      <h3>Where it comes from</h3>
      <dl>
        {facts.filter(([, value]) => value).map(([name, value]) => <div key={name}><dt>{name}</dt><dd className="num">{value}</dd></div>)}
      </dl>
    </section>
  );
}

function sentenceCase(key: string): string {
  const words = key.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
