import { useCallback } from "react";
import { useNavigate } from "react-router";

/** What the board shows; all of it lives in the address, so that a reload or a link shows the same. */
export interface BoardView {
  q: string;
  cluster: number | null;
  concept: number | null;
  sort: "clusters" | "newest" | "title";
  document: number | null;
  at: { start: number; end: number } | null;
}

export type Change = { [Key in keyof BoardView]?: BoardView[Key] | null };

const whole = (value: string | null): number | null => (value && /^\d+$/.test(value) ? Number(value) : null);

export function readView(params: URLSearchParams): BoardView {
  const at = /^(\d+)-(\d+)$/.exec(params.get("at") ?? "");
  const sort = params.get("sort");
  return {
    q: params.get("q") ?? "",
    cluster: whole(params.get("cluster")),
    concept: whole(params.get("concept")),
    sort: sort === "newest" || sort === "title" ? sort : "clusters",
    document: whole(params.get("document")),
    at: at ? { start: Number(at[1]), end: Number(at[2]) } : null,
  };
}

export function writeView(view: BoardView): string {
  const params = new URLSearchParams();
  if (view.q) params.set("q", view.q);
  if (view.cluster !== null) params.set("cluster", String(view.cluster));
  if (view.concept !== null) params.set("concept", String(view.concept));
  if (view.sort !== "clusters") params.set("sort", view.sort);
  if (view.document !== null) params.set("document", String(view.document));
  if (view.document !== null && view.at) params.set("at", `${view.at.start}-${view.at.end}`);
  const text = params.toString();
  return text ? `/?${text}` : "/";
}

/** Links and moves that change some of the view and keep the rest. */
export function useBoardLinks(view: BoardView) {
  const navigate = useNavigate();
  const linkTo = useCallback((change: Change) => writeView(changed(view, change)), [view]);
  const go = useCallback(
    (change: Change, replace = false) => {
      // the address is ahead of what is drawn while a page is on its way: a change starts from the address
      const now = readView(new URLSearchParams(window.location.search));
      void navigate(writeView(changed(now, change)), { replace, preventScrollReset: true });
    },
    [navigate],
  );
  return { linkTo, go };
}

function changed(view: BoardView, change: Change): BoardView {
  const next = { ...view, ...change } as BoardView;
  next.q = change.q === null ? "" : next.q;
  next.sort = change.sort === null ? "clusters" : next.sort;
  return next;
}
