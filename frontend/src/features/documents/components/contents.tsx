import { type ReactNode, useCallback, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { readProblem } from "@/client/problem";
import type { DocumentDetail } from "@/client/types";
import { Loading, ProblemNotice } from "@/components/ui/notice";
import { isBeingRead, useDocumentPages, useDocumentText } from "../api/documents";
import { isFilm, isSound, mayHavePages, type Part, partAt, partWith, secondOf, videoOf, watchAt } from "../api/media";
import { FailedParts } from "./failed-parts";
import { Pictures, useCue } from "./media";
import { Player } from "./player";
import { type Mark, type Marking, TextView, type Ways } from "./text-view";

interface Props {
  document: DocumentDetail;
  mark: Mark | null;
  q: string;
  marking: Marking | null;
  /** What stands between the pictures or the player and the text. */
  children: ReactNode;
}

const NONE: readonly Part[] = [];

/** What is in a document: its sound, film or pictures beside its text, each leading to the other. */
export function Contents({ document, mark, q, marking, children }: Props) {
  const readable = document.status === "completed" || document.status === "partial_error" || (document.char_count ?? 0) > 0;
  const text = useDocumentText(document.id, document.updated_at, readable);
  const pages = useDocumentPages(document.id, document.updated_at, mayHavePages(document));
  const player = useRef<HTMLMediaElement>(null);
  const [page, setPage] = useState<number | null>(null);
  const [follow, setFollow] = useState(true);
  const [now, setNow] = useState(-1);
  const parts = text.data?.parts ?? NONE;
  const plays = isSound(document) || isFilm(document);
  const onSecond = useCallback((second: number) => setNow(second > 0 ? partAt(parts, second) : -1), [parts]);
  useCue(player, plays && mark ? secondOf(partWith(parts, mark.start)) : null);
  const ways = useWays(document, player, plays, pages.length > 0 ? setPage : null);
  const stacked = useStacked() && pages.length > 0;
  const failed = document.status === "partial_error" ? Number(document.details?.failed_parts ?? 0) || 1 : 0;
  const asCode = /^(text\/x-|application\/(json|xml|x-))/.test(document.media_type) && !/markdown/.test(document.media_type);
  return (
    <div className={pages.length > 0 ? "contents with-pages" : "contents"}>
      {failed > 0 ? <FailedParts id={document.id} what={plays ? "part" : "page"} count={failed} busy={isBeingRead(document)} /> : null}
      {plays ? <Player document={document} player={player} onSecond={onSecond} follow={follow} onFollow={setFollow} /> : null}
      <Pictures document={document} pages={pages} text={text.data} mark={mark} q={q} page={page} onPage={setPage} stacked={stacked} />
      <div className="contents-text">
        {children}
        <h3 className="hidden-text">Text</h3>
        {!readable ? null : text.data ? (
          <TextView content={text.data} title={document.title} asCode={asCode} mark={mark} still={stacked} ways={ways} spoken={plays ? (parts[now] ?? null) : null} follow={follow} marking={marking} />
        ) : text.error ? <ProblemNotice problem={readProblem(text.error)} /> : <Loading rows={10} label="Loading the text" />}
      </div>
    </div>
  );
}

const BESIDE = "(min-width: 1900px)";

/** Whether pictures stand above the text, not beside it: reader.css says from which width on they do. */
function useStacked(): boolean {
  return !useSyncExternalStore(
    (wake) => {
      const query = window.matchMedia(BESIDE);
      query.addEventListener("change", wake);
      return () => query.removeEventListener("change", wake);
    },
    () => window.matchMedia(BESIDE).matches,
  );
}

/** A time leads to the video it is of, else to the player; a page to its picture. */
function useWays(document: DocumentDetail, player: { current: HTMLMediaElement | null }, plays: boolean, onPage: ((page: number) => void) | null): Ways {
  const video = videoOf(document)?.id;
  return useMemo(() => {
    const onSecond = (second: number) => {
      if (!player.current) return;
      player.current.currentTime = second;
      // a browser may want another touch before it plays; the place is set all the same
      player.current.play().catch(() => undefined);
    };
    return {
      ...(video ? { secondHref: (second: number) => watchAt(video, second) } : plays ? { onSecond } : {}),
      ...(onPage ? { onPage } : {}),
    };
  }, [video, plays, player, onPage]);
}
