import { lazy, Suspense, useCallback, useEffect, useMemo } from "react";
import { useSearchParams } from "react-router";
import { readProblem } from "@/client/problem";
import { Loading, ProblemNotice } from "@/components/ui/notice";
import { useClusters } from "@/features/clusters/api/clusters";
import { ClusterRail } from "@/features/clusters/components/cluster-rail";
import { useDocuments } from "@/features/documents/api/documents";
import type { Mark } from "@/features/documents/components/text-view";
import { Hits } from "@/features/search/components/hits";
import { SearchBox } from "@/features/search/components/search-box";
import { plural } from "@/lib/format";
import { isTyping } from "@/lib/lists";
import { useTitle } from "@/lib/title";
import { BoardList } from "./board-list";
import { EmptyBoard } from "./empty-board";
import { type BoardView, readView, useBoardLinks } from "./board-view";
import "./board.css";

const Reader = lazy(() => import("./reading"));

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

type FilledProps = { view: BoardView; total: number; clusters: NonNullable<ReturnType<typeof useClusters>["data"]> };

function Filled({ view, total, clusters }: FilledProps) {
  const { go, linkTo } = useBoardLinks(view);
  const name = useCallback((id: number) => clusters.find((one) => one.id === id)?.name ?? null, [clusters]);
  const close = useCallback(() => {
    const opened = view.document;
    go({ document: null, at: null });
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-document="${opened}"]`)?.focus());
  }, [go, view.document]);
  const reading = view.document !== null;
  useEffect(() => {
    if (!reading) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || isTyping(event)) return;
      event.preventDefault();
      close();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [reading, close]);
  return (
    <div className={view.document === null ? "board" : "board reading"}>
      <header className="board-head">
        <h1>Board</h1>
        <p className="quiet num">{plural(total, "document")} in {plural(clusters.length, "cluster")}</p>
        <SearchBox value={view.q} onChange={(q) => go({ q: q || null }, true)} />
      </header>
      <ClusterRail clusters={clusters} chosen={view.cluster} total={total} linkTo={(cluster) => linkTo({ cluster, concept: null, document: null, at: null })} />
      <div className="board-list">
        {view.q ? (
          <Hits q={view.q} cluster={view.cluster} clusterName={name} chosen={view.document} linkTo={(hit) => linkTo({ document: hit.document_id, at: { start: hit.start, end: hit.end } })} />
        ) : (
          <BoardList view={view} clusters={clusters} linkTo={linkTo} go={go} />
        )}
      </div>
      {view.document === null ? null : (
        <Suspense fallback={<aside className="reader" aria-label="Reader" />}>
        <Reader
          id={view.document}
          mark={view.at}
          q={view.q}
          onMark={(mark: Mark) => go({ at: { ...mark } }, true)}
          onClose={close}
        />
        </Suspense>
      )}
    </div>
  );
}
