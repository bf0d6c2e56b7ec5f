import { X } from "lucide-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { readProblem } from "@/client/problem";
import type { Cluster } from "@/client/types";
import { Choice } from "@/components/ui/field";
import { Loading, ProblemNotice } from "@/components/ui/notice";
import { clusterColour, useSubtopics } from "@/features/clusters/api/clusters";
import { ClusterTitle } from "@/features/clusters/components/cluster-title";
import { type Filter, useDocuments } from "@/features/documents/api/documents";
import { DocumentRow } from "@/features/documents/components/document-row";
import { plural } from "@/lib/format";
import { type BoardView, type Change, chosenOf, OPEN_OR_FAILED } from "./board-view";

interface Props {
  view: BoardView;
  clusters: readonly Cluster[];
  linkTo: (change: Change) => string;
  go: (change: Change, replace?: boolean) => void;
}

const Flat = lazy(() => import("./board-flat"));

export function BoardList({ view, clusters, linkTo, go }: Props) {
  const topic = clusters.find((one) => one.id === view.cluster);
  const subtopics = useSubtopics(view.cluster ?? 0, view.subcluster !== null && view.cluster !== null).data ?? [];
  const cluster = view.subcluster === null ? topic : (subtopics.find((one) => one.id === view.subcluster) ?? topic);
  const byCluster = view.sort === "clusters" && Object.keys(chosenOf(view)).length === 0;
  return (
    <>
      {cluster ? <ClusterTitle key={cluster.id} cluster={cluster} onRemoved={() => go({ subcluster: null, ...(cluster.id === view.cluster ? { cluster: null } : {}) }, true)} /> : null}
      {cluster ? <ConceptChips cluster={cluster} chosen={view.concept} linkTo={linkTo} /> : null}
      {byCluster ? (
        <>
          <Section title="Not placed yet" filter={{ status: OPEN_OR_FAILED }} view={view} linkTo={linkTo} hideEmpty />
          {clusters.map((one, index) => <ClusterSection key={one.id} cluster={one} view={view} linkTo={linkTo} eager={index < 4} />)}
        </>
      ) : (
        <Suspense fallback={<Loading rows={6} />}><Flat view={view} linkTo={linkTo} /></Suspense>
      )}
    </>
  );
}

/** In what order the list stands; "by cluster" is for the whole board alone. */
export function Order({ view, go }: Pick<Props, "view" | "go">) {
  const flat = Object.keys(chosenOf(view)).length > 0;
  return <Choice legend="Order" value={flat && view.sort === "clusters" ? "newest" : view.sort} options={flat ? FLAT : ALL} onChange={(sort) => go({ sort }, true)} />;
}

const ALL = [["clusters", "By cluster"], ["newest", "Newest"], ["title", "A to Z"]] as const;
const FLAT = [["newest", "Newest"], ["title", "A to Z"]] as const;

function ConceptChips({ cluster, chosen, linkTo }: { cluster: Cluster; chosen: number | null; linkTo: Props["linkTo"] }) {
  return (
    <p className="chips">
      {cluster.concepts.map((concept) => {
        const on = concept.id === chosen;
        return (
          <Link key={concept.id} className="chip" aria-current={on ? "true" : undefined} to={linkTo({ concept: on ? null : concept.id })}>
            {concept.name}{on ? <X className="icon" size={14} aria-label="Remove" /> : null}
          </Link>
        );
      })}
    </p>
  );
}

function ClusterSection({ cluster, view, linkTo, eager }: { cluster: Cluster; view: BoardView; linkTo: Props["linkTo"]; eager: boolean }) {
  const [near, setNear] = useState(eager);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (near || !place.current) return;
    const watcher = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && setNear(true), { rootMargin: "600px" });
    watcher.observe(place.current);
    return () => watcher.disconnect();
  }, [near]);
  if (!near) return <div ref={place} className="cluster-section" style={{ minHeight: 120 + 64 * Math.min(cluster.document_count, 4) }} />;
  return <Section title={cluster.name} cluster={cluster} filter={{ cluster: cluster.id }} view={view} linkTo={linkTo} />;
}

interface SectionProps {
  title: string;
  cluster?: Cluster;
  filter: Filter;
  view: BoardView;
  linkTo: Props["linkTo"];
  hideEmpty?: boolean;
}

const FIRST = 5;

function Section({ title, cluster, filter, view, linkTo, hideEmpty = false }: SectionProps) {
  const documents = useDocuments(filter, FIRST);
  const page = documents.data?.pages[0];
  if (hideEmpty && !page?.items.length) return null;
  return (
    <section className="cluster-section" aria-label={title}>
      <header>
        <h2>
          {cluster ? <i className="dot" style={{ background: clusterColour(cluster.id) }} aria-hidden /> : null}
          {cluster ? <Link to={linkTo({ cluster: cluster.id })}>{title}</Link> : title}
        </h2>
        <span className="quiet small num">{page ? plural(page.total, "document") : ""}</span>
      </header>
      {documents.error && !page ? <ProblemNotice problem={readProblem(documents.error)} /> : null}
      {page ? page.items.map((document) => (
        <DocumentRow key={document.id} document={document} chosen={view.document === document.id} to={linkTo({ document: document.id, at: null })} conceptTo={(concept) => linkTo({ concept, cluster: null, document: null })} />
      )) : <Loading rows={3} />}
      {page && page.total > FIRST ? <Link className="more num" to={cluster ? linkTo({ cluster: cluster.id }) : "/jobs"}>{cluster ? `All ${page.total.toLocaleString("en")} documents` : `All ${page.total.toLocaleString("en")} in Jobs`}</Link> : null}
    </section>
  );
}
