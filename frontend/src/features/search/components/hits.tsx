import { Link } from "react-router";
import { readProblem } from "@/client/problem";
import type { Hit } from "@/client/types";
import { Empty, Loading, ProblemNotice } from "@/components/ui/notice";
import { placeName, plainText, plural } from "@/lib/format";
import { markPieces } from "@/lib/offsets";
import { type Narrowed, useSearch } from "../api/search";
import "./search.css";

interface Props {
  q: string;
  narrowed: Narrowed;
  clusterName: (id: number) => string | null;
  linkTo: (hit: Pick<Hit, "document_id" | "start" | "end">) => string;
  chosen: number | null;
}

export function Hits({ q, narrowed, clusterName, linkTo, chosen }: Props) {
  const hits = useSearch(q, narrowed);
  if (q.length < 2) return <p className="quiet">Type at least two letters.</p>;
  if (hits.error && !hits.data) return <ProblemNotice problem={readProblem(hits.error)} />;
  if (!hits.data) return <Loading rows={5} label="Searching" />;
  const items = hits.data.items;
  if (items.length === 0) {
    return <Empty title={`Nothing on your board says “${q}”`}><p>Try fewer or other words{Object.keys(narrowed).length > 0 ? ", or search without the filters" : ""}.</p></Empty>;
  }
  return (
    <section aria-label="Search results">
      <p className="small quiet num hits-count" role="status">{plural(hits.data.total, "document")} found in {Math.max(1, Math.round(hits.data.took_ms))} ms</p>
      <ul className={hits.isPlaceholderData ? "fading" : ""}>
        {items.map((hit) => (
          <li key={hit.passage_id + ":" + hit.document_id} className={chosen === hit.document_id ? "hit chosen" : "hit"}>
            <Link to={linkTo(hit)} data-row className="hit-link">{hit.title}</Link>
            <p className="hit-snippet">{markPieces(hit.snippet, hit.highlights).map((piece, index) => (piece.marked ? <mark key={index}>{piece.text}</mark> : plainText(piece.text)))}</p>
            <p className="small quiet">
              {hit.cluster_id && clusterName(hit.cluster_id) ? <><i className="dot" style={{ background: `var(--c${hit.cluster_id % 10})` }} aria-hidden /> {clusterName(hit.cluster_id)}</> : null}
              {placeName(hit.place) ? <span className="num"> · {placeName(hit.place)}</span> : null}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
