import { CornerLeftUp } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import type { DocumentDetail } from "@/client/types";
import { readProblem } from "@/client/problem";
import { Button } from "@/components/ui/button";
import { bytes, plural } from "@/lib/format";
import "./family.css";

const FEW = 12;
const WORDS: Record<string, string> = { already_here: "already here", failed: "could not be read", skipped: "left out" };

/** The archive or mail a document came out of. */
export function CameOutOf({ document }: { document: DocumentDetail }) {
  if (!document.parent) return null;
  return <Link to={`/?document=${document.parent.id}`}><CornerLeftUp className="icon" size={15} aria-hidden />Out of {document.parent.title || document.parent.filename}</Link>;
}

/** What an archive or a mail holds, member by member, and what became of each. */
export function Members({ document }: { document: DocumentDetail }) {
  const [all, setAll] = useState(false);
  const { children, children_total: total } = document;
  if (!children || children.length === 0) return null;
  return (
    <section className="members" aria-label="What it holds">
      <h3>What it holds <span className="num">({total.toLocaleString("en")})</span></h3>
      <ul>
        {children.slice(0, all ? undefined : FEW).map((child) => (
          <li key={child.name}>
            {child.document_id ? <Link className="one-line" title={child.name} to={`/?document=${child.document_id}`}>{child.name}</Link> : <span className="one-line" title={child.name}>{child.name}</span>}
            <span className={child.outcome === "failed" || child.status === "error" ? "small member-bad" : "small quiet num"}>{wordOf(child)}</span>
            {child.error ? <p className="small quiet">{readProblem({ error: child.error }).message}</p> : null}
          </li>
        ))}
      </ul>
      {children.length > FEW ? <Button look="quiet" aria-expanded={all} onClick={() => setAll(!all)}>{all ? "Show fewer" : `Show all ${children.length}`}</Button> : null}
      {all && total > children.length ? <p className="small quiet">and {plural(total - children.length, "other")}</p> : null}
    </section>
  );
}

function wordOf({ outcome, status, size_bytes: size }: NonNullable<DocumentDetail["children"]>[number]): string {
  if (status === "error") return "could not be read";
  if (status && status !== "completed" && status !== "partial_error" && status !== "cancelled") return "being read";
  return WORDS[outcome] ?? bytes(size);
}
