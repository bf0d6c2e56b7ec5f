import { Link, Navigate, useParams } from "react-router";
import { readProblem } from "@/client/problem";
import type { ConceptDetail } from "@/client/types";
import { Empty, Loading, ProblemNotice } from "@/components/ui/notice";
import { clusterColour } from "@/features/clusters/api/clusters";
import { useConcept } from "@/features/concepts/api/concepts";
import { ConceptHead } from "@/features/concepts/components/concept-head";
import { Proofs } from "@/features/concepts/components/proofs";
import { Spellings } from "@/features/concepts/components/spellings";
import { useTitle } from "@/lib/title";

export default function ConceptPage() {
  const { id = "" } = useParams();
  if (!/^\d{1,15}$/.test(id)) return <Navigate to="/" replace />;
  return <Concept key={id} id={Number(id)} />;
}

/** One concept: its name, its spellings, the quotes that prove it, and what stands near it. */
function Concept({ id }: { id: number }) {
  const found = useConcept(id);
  const concept = found.data;
  useTitle(concept?.name ?? "Concept");
  if (found.error && !concept) {
    const problem = readProblem(found.error);
    if (problem.code !== "not_found") return <ProblemNotice problem={problem} />;
    return <Empty title="There is no such concept any more"><p>It was merged into another, or its last document is gone.</p><p><Link to="/">To the board</Link></p></Empty>;
  }
  if (!concept) return <Loading rows={6} label="Opening the concept" />;
  // a spelling that was merged lives on its concept's page
  if (concept.id !== id) return <Navigate to={`/concepts/${concept.id}`} replace />;
  return (
    <div className="concept-page">
      <ConceptHead concept={concept} />
      <div className="concept-main"><Proofs id={id} /></div>
      <aside className="concept-aside" aria-label="About this concept">
        <Spellings concept={concept} />
        <Near concept={concept} />
      </aside>
    </div>
  );
}

function Near({ concept }: { concept: ConceptDetail }) {
  return (
    <>
      {concept.related.length > 0 ? (
        <section className="concept-part" aria-label="Related concepts">
          <h2>Often said with it</h2>
          <ul className="near">{concept.related.map((one) => <li key={one.id}><Link to={`/concepts/${one.id}`}>{one.name}</Link><span className="small quiet num">{one.documents.toLocaleString("en")}</span></li>)}</ul>
        </section>
      ) : null}
      {concept.clusters.length > 0 ? (
        <section className="concept-part" aria-label="Clusters it occurs in">
          <h2>Clusters</h2>
          <ul className="near">{concept.clusters.map((one) => <li key={one.id}><Link to={`/?cluster=${one.id}&concept=${concept.id}`}><i className="dot" style={{ background: clusterColour(one.id) }} aria-hidden />{one.name}</Link><span className="small quiet num">{one.documents.toLocaleString("en")}</span></li>)}</ul>
        </section>
      ) : null}
    </>
  );
}
