import { useCallback } from "react";
import { useNavigate } from "react-router";

/** What narrows the board down, besides words; a search is saved with these. */
export interface Filters {
  cluster: number | null;
  subcluster: number | null;
  concept: number | null;
  tag: number | null;
  type: string | null;
  language: string | null;
  source: string | null;
  since: string | null;
  until: string | null;
}

/** What the board shows; all of it lives in the address, so that a reload or a link shows the same. */
export interface BoardView extends Filters {
  q: string;
  as: "list" | "map";
  sort: "clusters" | "newest" | "title";
  document: number | null;
  at: { start: number; end: number } | null;
}

export type Change = { [Key in keyof BoardView]?: BoardView[Key] | null };

export const NO_FILTERS: Filters = { cluster: null, subcluster: null, concept: null, tag: null, type: null, language: null, source: null, since: null, until: null };
const NUMBERS = ["cluster", "subcluster", "concept", "tag"] as const;
const WORDS = ["type", "language", "source"] as const;
const DAYS = ["since", "until"] as const;

const whole = (value: string | null): number | null => (value && /^\d{1,15}$/.test(value) ? Number(value) : null);
const day = (value: string | null): string | null => (value && /^\d{4}-\d\d-\d\d$/.test(value) ? value : null);

export function readView(params: URLSearchParams): BoardView {
  const at = /^(\d+)-(\d+)$/.exec(params.get("at") ?? "");
  const sort = params.get("sort");
  const view: BoardView = {
    ...NO_FILTERS,
    q: params.get("q") ?? "",
    as: params.get("view") === "map" ? "map" : "list",
    sort: sort === "newest" || sort === "title" ? sort : "clusters",
    document: whole(params.get("document")),
    at: at ? { start: Number(at[1]), end: Number(at[2]) } : null,
  };
  for (const name of NUMBERS) view[name] = whole(params.get(name));
  for (const name of WORDS) view[name] = params.get(name)?.slice(0, 200) || null;
  for (const name of DAYS) view[name] = day(params.get(name));
  return view;
}

export function writeView(view: BoardView): string {
  const params = new URLSearchParams();
  if (view.q) params.set("q", view.q);
  if (view.as === "map") params.set("view", "map");
  for (const name of [...NUMBERS, ...WORDS, ...DAYS]) if (view[name] !== null) params.set(name, String(view[name]));
  if (view.sort !== "clusters") params.set("sort", view.sort);
  if (view.document !== null) params.set("document", String(view.document));
  if (view.document !== null && view.at) params.set("at", `${view.at.start}-${view.at.end}`);
  const text = params.toString();
  return text ? `/?${text}` : "/";
}

/** The filters that are set, without the empty ones: what lists and searches ask the server for. */
export function chosenOf(view: Filters): Partial<{ [Key in keyof Filters]: NonNullable<Filters[Key]> }> {
  return Object.fromEntries([...NUMBERS, ...WORDS, ...DAYS].flatMap((name) => (view[name] === null ? [] : [[name, view[name]]])));
}

/** The same as the server asks for it: moments, the last one not included. A day is the whole of it where one lives. */
export function askedOf(view: Filters) {
  const { since, until, ...rest } = chosenOf(view);
  return { ...rest, ...(since ? { since: momentOf(since, 0) } : {}), ...(until ? { until: momentOf(until, 1) } : {}) };
}

function momentOf(date: string, later: number): string {
  const at = new Date(`${date}T00:00:00`);
  at.setDate(at.getDate() + later);
  return at.toISOString();
}

/** The day of a moment where one lives: "2026-11-28"; of a last moment, the day it ends. */
export function dayOf(moment: string | null | undefined, last = false): string | null {
  const at = new Date(Date.parse(moment ?? "") - (last ? 1 : 0));
  if (Number.isNaN(at.getTime())) return null;
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
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
  next.as = change.as === null ? "list" : next.as;
  next.sort = change.sort === null ? "clusters" : next.sort;
  // a sub-topic belongs to its topic: another topic, or none, takes it away
  if (change.cluster !== undefined && change.cluster !== view.cluster && change.subcluster === undefined) next.subcluster = null;
  return next;
}

export const BEING_READ = "pending,queued,extracting,processing_chunks";
export const OPEN_OR_FAILED = `${BEING_READ},error,cancelled`;
