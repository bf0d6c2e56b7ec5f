import { Link } from "react-router";
import type { DuplicateGroup } from "@/client/types";
import { bytes } from "@/lib/format";
import { layerWord, likenessWord, primaryOf } from "../api/duplicates";

/** One group in the list: how alike, what the one to keep is called, what the others are, and what sets them apart. */
export function GroupRow({ group, to }: { group: DuplicateGroup; to: string }) {
  const primary = primaryOf(group);
  const others = group.documents.filter((one) => one.document_id !== primary.document_id);
  const pictures = group.documents.every((one) => one.media_type.startsWith("image/"));
  return (
    <article className="group-row">
      <p className="group-likeness num"><strong>{likenessWord(group.likeness)}</strong><span className="small quiet">{layerWord(group.layer)}</span></p>
      <div className="group-names">
        <Link to={to} data-row data-group={group.id} className="group-link">{primary.title || primary.filename}</Link>
        {others.map((one) => (
          <p key={one.document_id} className="small"><span className="quiet">{one.role === "contained" ? "holds" : "and"}</span> {one.title || one.filename} <span className="quiet num">{[nameUnless(one), one.size_bytes > 0 ? bytes(one.size_bytes) : ""].filter(Boolean).join(" · ")}</span></p>
        ))}
        {group.what_differs ? <p className="small quiet">{group.what_differs}</p> : null}
      </div>
      {pictures ? <p className="group-pictures">{group.documents.slice(0, 3).map((one) => <img key={one.document_id} src={`/documents/${one.document_id}/thumbnail`} alt="" loading="lazy" decoding="async" />)}</p> : null}
    </article>
  );
}

/** The file's name where it says more than the title. */
const nameUnless = (one: DuplicateGroup["documents"][number]): string => (one.filename && one.filename !== one.title && !one.filename.startsWith(`${one.title}.`) ? one.filename : (/\.(\w{1,5})$/.exec(one.filename)?.[1]?.toUpperCase() ?? ""));
