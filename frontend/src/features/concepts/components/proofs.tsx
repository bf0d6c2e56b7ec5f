import { Link } from "react-router";
import { readProblem } from "@/client/problem";
import { Button } from "@/components/ui/button";
import { Loading, ProblemNotice } from "@/components/ui/notice";
import { placeName, plainText, plural } from "@/lib/format";
import { useProofs } from "../api/concepts";
import "./concepts.css";

/** Every quote that proves a concept, by document; each leads to its place in the reader. */
export function Proofs({ id }: { id: number }) {
  const proofs = useProofs(id);
  const pages = proofs.data?.pages;
  if (proofs.error && !pages) return <ProblemNotice problem={readProblem(proofs.error)} />;
  if (!pages) return <Loading rows={6} label="Loading the quotes" />;
  const items = pages.flatMap((page) => page.items);
  const total = pages[0]?.total ?? 0;
  return (
    <section className="concept-part" aria-label="Documents and quotes">
      <h2>Where it is said <span className="small quiet num">{plural(total, "quote")}</span></h2>
      {items.length === 0 ? <p className="quiet">No document shows it any more.</p> : null}
      <ul className="proofs">
        {items.map((proof) => (
          <li key={`${proof.document_id}-${proof.start}-${proof.end}`}>
            <Link data-row to={`/?document=${proof.document_id}&at=${proof.start}-${proof.end}`}><q>{plainText(proof.quote)}</q></Link>
            <p className="small quiet">{proof.title}{placeName(proof.place) ? <span className="num">, {placeName(proof.place)}</span> : null}{proof.url ? <> · <a href={proof.url} target="_blank" rel="noreferrer">{/youtu/.test(proof.url) ? "Watch there" : "At its source"}</a></> : null}</p>
          </li>
        ))}
      </ul>
      {proofs.hasNextPage ? <Button busy={proofs.isFetchingNextPage} onClick={() => void proofs.fetchNextPage()}>Show more</Button> : null}
    </section>
  );
}
