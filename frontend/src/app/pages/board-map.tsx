import { useMemo } from "react";
import { Link } from "react-router";
import { readProblem } from "@/client/problem";
import type { Cluster } from "@/client/types";
import { Empty, Loading, ProblemNotice } from "@/components/ui/notice";
import { useMatching } from "@/features/documents/api/matching";
import { useMap } from "@/features/map/api/map";
import MapView from "@/features/map/components/map-view";
import { useSearch } from "@/features/search/api/search";
import { plural } from "@/lib/format";
import { askedOf, type BoardView, type Change, chosenOf } from "./board-view";

const MOST_HITS = 100;

/** The board as a map: everything on it, what is asked for in full colour. */
export default function BoardMap({ view, clusters, linkTo, go }: { view: BoardView; clusters: readonly Cluster[]; linkTo: (change: Change) => string; go: (change: Change, replace?: boolean) => void }) {
  const map = useMap();
  const { cluster: _cluster, subcluster: _subcluster, ...narrowed } = askedOf(view);
  const filtered = Object.keys(chosenOf(view)).some((name) => name !== "cluster" && name !== "subcluster");
  const searched = view.q.length >= 2;
  const hits = useSearch(view.q, askedOf(view), MOST_HITS);
  const matching = useMatching(narrowed, filtered && !searched);
  const lit = useMemo(() => {
    if (searched) return hits.data ? new Set(hits.data.items.map((hit) => hit.document_id)) : null;
    return filtered && matching.data ? matching.data.ids : null;
  }, [searched, filtered, hits.data, matching.data]);
  if (map.error && !map.data) return <ProblemNotice problem={readProblem(map.error)} />;
  if (!map.data) return <Loading rows={6} label="Drawing the map" />;
  if (map.data.documents.length === 0) {
    return <Empty title="There is nothing on the map yet"><p>A document gets its place once it has been read.</p><Link to={linkTo({ as: "list" })}>Show the list</Link></Empty>;
  }
  const total = searched ? hits.data?.total : matching.data?.total;
  return (
    <>
      <MapView
        map={map.data}
        topics={clusters}
        cluster={view.cluster}
        subcluster={view.subcluster}
        lit={lit}
        open={view.document}
        clusterTo={(cluster, subcluster) => linkTo({ cluster, subcluster })}
        onOpen={(document) => go({ document, at: null })}
      />
      <p className="small quiet num map-note" role="status">
        {lit ? `${lit.size < (total ?? 0) ? `The first ${lit.size.toLocaleString("en")} of ${plural(total ?? 0, "document")}` : plural(lit.size, "document")} in full colour. ` : ""}
        {map.data.job_id ? "The board is being grouped anew; the map follows. " : map.data.stale ? "Much has been added since the board was grouped; “Group anew” draws a better map. " : ""}
        Near to each other lies what is alike.
      </p>
    </>
  );
}
