import { Copy } from "lucide-react";
import { Link } from "react-router";
import type { DocumentDetail } from "@/client/types";
import { layerWord, likenessWord } from "../api/duplicates";
import "./duplicates.css";

/** A hint in the reader: which documents this one looks like, each with the way to see both side by side. */
export function LooksLike({ document }: { document: Pick<DocumentDetail, "id" | "looks_like"> }) {
  if (!document.looks_like?.length) return null;
  return (
    <section className="looks-like" aria-label="Looks like">
      {document.looks_like.map((other) => (
        <p key={other.document_id}>
          <Copy className="icon" size={16} aria-hidden />
          <span>Looks like “{other.title}”: <span className="num">{layerWord(other.layer)}, {likenessWord(other.likeness)}</span>. <Link to={`/duplicates?a=${document.id}&b=${other.document_id}`}>Compare side by side</Link></span>
        </p>
      ))}
    </section>
  );
}
