import { List, Map as MapIcon } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useMemo } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { readProblem } from "@/client/problem";
import type { Cluster, Suggestion } from "@/client/types";
import { Loading, ProblemNotice } from "@/components/ui/notice";
import { useClusters } from "@/features/clusters/api/clusters";
import { useDocuments } from "@/features/documents/api/documents";
import type { Mark } from "@/features/documents/components/text-view";
import { useSavedSearches } from "@/features/search/api/saved";
import { Hits } from "@/features/search/components/hits";
import { SearchBox } from "@/features/search/components/search-box";
import { plural } from "@/lib/format";
import { isTyping } from "@/lib/lists";
import { useTitle } from "@/lib/title";
import { BoardTools } from "./board-filters";
import { BoardList, Order } from "./board-list";
import { BoardRail, viewOf } from "./board-rail";
import { EmptyBoard } from "./empty-board";
import { askedOf, type BoardView, type Change, chosenOf, NO_FILTERS, readView, useBoardLinks } from "./board-view";
import "./board.css";

const Reading = lazy(() => import("./reading"));
const BoardMap = lazy(() => import("./board-map"));
const Dashboard = lazy(() => import("./board-dashboard"));

export default function Board() {
  useTitle("Board");
  const [params] = useSearchParams();
  const view = useMemo(() => readView(params), [params]);
  const clusters = useClusters();
  const any = useDocuments({}, 1);
  const total = any.data?.pages[0]?.total;
  const trouble = clusters.error ?? any.error;
  if (trouble && !(clusters.data && any.data)) return <ProblemNotice problem={readProblem(trouble)} />;
  if (!clusters.data || total === undefined) return <Loading rows={6} label="Opening the board" />;
  if (total === 0 && view.document === null) return <EmptyBoard />;
  return <Filled view={view} total={total} clusters={clusters.data} />;
}

function Filled({ view, total, clusters }: { view: BoardView; total: number; clusters: readonly Cluster[] }) {
  const { go, linkTo } = useBoardLinks(view);
  const close = useCallback(() => {
    const opened = view.document;
    go({ document: null, at: null });
    requestAnimationFrame(() => (document.querySelector<HTMLElement>(`[data-document="${opened}"]`) ?? document.querySelector<HTMLElement>(".map"))?.focus());
  }, [go, view.document]);
  const reading = view.document !== null;
  useCloseKey(reading, close);
  const plain = view.q === "" && Object.keys(chosenOf(view)).length === 0;
  return (
    <div className={`board${reading ? " reading" : ""}${view.as === "map" ? " mapped" : ""}`}>
      <header className="board-head">
        <h1>Board</h1>
        {plain && !reading ? null : <p className="quiet num">{plural(total, "document")} in {plural(clusters.length, "cluster")}</p>}
        <SearchBox value={view.q} onChange={(q) => go({ q: q || null }, true)} onPick={usePick(go)} />
      </header>
      {plain && !reading ? <Suspense fallback={<div className="dashboard" />}><Dashboard total={total} clusters={clusters.length} brief={view.as === "map"} clusterTo={(cluster) => linkTo({ cluster })} /></Suspense> : null}
      <BoardRail view={view} clusters={clusters} total={total} linkTo={linkTo} />
      <div className="board-list">
        <BoardTools view={view} clusters={clusters} linkTo={linkTo} go={go}>
          {view.as === "list" && view.q === "" ? <Order view={view} go={go} /> : null}
          <nav className="view-switch" aria-label="View">
            <Link to={linkTo({ as: "map" })} aria-current={view.as === "map" ? "page" : undefined}><MapIcon className="icon" size={17} aria-hidden />Map</Link>
            <Link to={linkTo({ as: "list" })} aria-current={view.as === "list" ? "page" : undefined}><List className="icon" size={17} aria-hidden />List</Link>
          </nav>
        </BoardTools>
        <Content view={view} clusters={clusters} linkTo={linkTo} go={go} />
      </div>
      {view.document === null ? null : (
        <Suspense fallback={<aside className="reader" aria-label="Reader" />}>
          <Reading id={view.document} mark={view.at} q={view.q} onMark={(mark: Mark) => go({ at: { ...mark } }, true)} onClose={close} />
        </Suspense>
      )}
    </div>
  );
}

interface ContentProps { view: BoardView; clusters: readonly Cluster[]; linkTo: (change: Change) => string; go: (change: Change, replace?: boolean) => void }

function Content({ view, clusters, linkTo, go }: ContentProps) {
  const name = useCallback((id: number) => clusters.find((one) => one.id === id)?.name ?? null, [clusters]);
  if (view.as === "map") return <Suspense fallback={<Loading rows={6} label="Drawing the map" />}><BoardMap view={view} clusters={clusters} linkTo={linkTo} go={go} /></Suspense>;
  if (view.q) return <Hits q={view.q} narrowed={askedOf(view)} clusterName={name} chosen={view.document} linkTo={(hit) => linkTo({ document: hit.document_id, at: { start: hit.start, end: hit.end } })} />;
  return <BoardList view={view} clusters={clusters} linkTo={linkTo} go={go} />;
}

/** Esc closes the reader. */
function useCloseKey(on: boolean, close: () => void): void {
  useEffect(() => {
    if (!on) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || isTyping(event)) return;
      event.preventDefault();
      close();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [on, close]);
}

/** What a suggestion leads to. */
function usePick(go: ContentProps["go"]) {
  const navigate = useNavigate();
  const saved = useSavedSearches().data;
  return ({ kind, id, text }: Suggestion) => {
    if (kind === "word" || id === null) return go({ q: text });
    if (kind === "document") return go({ q: null, document: id, at: null });
    if (kind === "cluster") return go({ ...NO_FILTERS, q: null, cluster: id });
    if (kind === "tag") return go({ ...NO_FILTERS, q: null, tag: id });
    if (kind === "concept") return void navigate(`/concepts/${id}`);
    const kept = saved?.find((one) => one.id === id);
    if (kept) go(viewOf(kept));
  };
}
