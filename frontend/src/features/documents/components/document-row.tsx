import { CircleAlert, LoaderCircle } from "lucide-react";
import { Link } from "react-router";
import { readProblem } from "@/client/problem";
import type { DocumentItem } from "@/client/types";
import { ago, bytes } from "@/lib/format";
import { isBeingRead } from "../api/documents";
import { isImage } from "../api/media";
import "@/components/ui/chips.css";
import "@/components/ui/pens.css";
import "./documents.css";

interface Props {
  document: DocumentItem;
  to: string;
  chosen: boolean;
  conceptTo: (id: number) => string;
  showCluster?: boolean;
}

/** A document as an index card line: its title, what it is about, where it came from. */
export function DocumentRow({ document, to, chosen, conceptTo, showCluster = false }: Props) {
  const pictured = isImage(document) && (document.status === "completed" || document.status === "partial_error");
  const concepts = (document.concepts ?? []).slice(0, showCluster ? 3 : 5);
  return (
    <article className={`document-row${chosen ? " chosen" : ""}${pictured ? " pictured" : ""}`}>
      {pictured ? <img className="document-picture" src={`/documents/${document.id}/thumbnail`} alt="" loading="lazy" decoding="async" /> : null}
      <Link to={to} className="document-link" data-row data-document={document.id} aria-current={chosen ? "true" : undefined}>
        <span className="document-title">{document.title || document.filename}</span>
        <State document={document} />
      </Link>
      <p className="document-line small">
        {showCluster && document.cluster_id && document.cluster_name ? (
          <span className="in-cluster"><i className="dot" style={{ background: `var(--c${document.cluster_id % 10})` }} aria-hidden />{document.cluster_name}</span>
        ) : null}
        {document.status === "error" && document.error ? <span>{readProblem({ error: document.error }).message}</span> : null}
        {document.tags.slice(0, 3).map((tag) => <Link key={`tag-${tag.id}`} className="row-tag" data-pen={tag.colour} to={`/?tag=${tag.id}`}>{tag.name}</Link>)}
        {concepts.map((concept) => <Link key={concept.id} className="concept" to={conceptTo(concept.id)}>{concept.name}</Link>)}
        <span className="quiet num document-meta">{formatOf(document)} · {document.size_bytes > 0 ? `${bytes(document.size_bytes)} · ` : ""}{ago(document.created_at)}</span>
      </p>
    </article>
  );
}

function State({ document }: { document: DocumentItem }) {
  if (isBeingRead(document)) return <span className="document-state quiet"><LoaderCircle className="icon turning" size={15} aria-hidden />being read</span>;
  if (document.status === "error") return <span className="document-state bad"><CircleAlert className="icon" size={15} aria-hidden />could not be read</span>;
  if (document.status === "partial_error") return <span className="document-state warn"><CircleAlert className="icon" size={15} aria-hidden />read in part</span>;
  if (document.status === "cancelled") return <span className="document-state quiet">cancelled</span>;
  return null;
}

/** The file of a video is named by its title and its id: "Nets [dQw4w9WgXcQ].en.vtt". */
const OF_VIDEO = /\[[\w-]{11}\](\.[\w-]+)?\.\w+$/;

/** "PDF", "DOCX", "Note", "YouTube": the short word for what a document is. */
export function formatOf(document: Pick<DocumentItem, "filename" | "kind" | "media_type">): string {
  const ending = /\.([a-z0-9]{1,5})$/i.exec(document.filename)?.[1];
  if (document.kind === "text" && !ending) return "Note";
  if (document.kind === "url" && OF_VIDEO.test(document.filename)) return "YouTube";
  if (document.kind === "url" && document.media_type === "text/html") return "Web page";
  return ending ? ending.toUpperCase() : (document.media_type.split("/").at(-1) ?? "File");
}
