import { Check } from "lucide-react";
import { Link } from "react-router";
import type { DuplicateDocument } from "@/client/types";
import { ago, bytes } from "@/lib/format";

export type Side = Pick<DuplicateDocument, "document_id" | "title" | "filename" | "media_type" | "size_bytes" | "char_count" | "source_url"> & { created_at?: string };

interface Props {
  sides: readonly [Side, Side];
  keep: number;
  onKeep: (id: number) => void;
}

/** The heads of the two columns: what each document is, and the choice of the one to keep. */
export function Sides({ sides, keep, onKeep }: Props) {
  return (
    <fieldset className="sides">
      <legend className="hidden-text">Which one to keep</legend>
      {sides.map((side, index) => (
        <div key={side.document_id} className={side.document_id === keep ? "side-head kept" : "side-head"}>
          <Link to={`/?document=${side.document_id}`}>{side.title || side.filename}</Link>
          <p className="small quiet num">{facts(side)}</p>
          <label className="keep">
            <input type="radio" name="keep" checked={side.document_id === keep} onChange={() => onKeep(side.document_id)} />
            <span>{side.document_id === keep ? <><Check className="icon" size={16} aria-hidden />Keep this one</> : "Keep this one instead"}</span>
            <kbd aria-hidden>{index + 1}</kbd>
          </label>
        </div>
      ))}
    </fieldset>
  );
}

function facts(side: Side): string {
  const kind = /\.([a-z0-9]{1,5})$/i.exec(side.filename)?.[1]?.toUpperCase() ?? side.media_type.split("/").at(-1) ?? "";
  const length = side.char_count ? `${side.char_count.toLocaleString("en")} characters` : "";
  const source = /^https?:\/\/([^/]+)/.exec(side.source_url ?? "")?.[1] ?? "";
  return [kind, side.size_bytes > 0 ? bytes(side.size_bytes) : "", length, source, side.created_at ? `added ${ago(side.created_at)}` : ""].filter(Boolean).join(" · ");
}
