import { useCallback, useEffect, useRef } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { readProblem } from "@/client/problem";
import type { DuplicateGroup } from "@/client/types";
import { Loading, ProblemNotice } from "@/components/ui/notice";
import { Rows } from "@/components/ui/rows";
import { LAYER_WORDS, LAYERS, type Layer, useComparison, useGroups } from "@/features/duplicates/api/duplicates";
import { GroupRow } from "@/features/duplicates/components/group-row";
import { GroupView } from "@/features/duplicates/components/group-view";
import { MergedLately } from "@/features/duplicates/components/merged-lately";
import { NoGroups, ScanPanel } from "@/features/duplicates/components/scan-panel";
import { plural } from "@/lib/format";
import { useTitle } from "@/lib/title";
import "@/components/ui/chips.css";

/** Where the page is, in its address: the kind of likeness, and the group or the pair that is open. */
function useAddress() {
  const [params] = useSearchParams();
  const layer = LAYERS.find((one) => one === params.get("layer")) ?? null;
  const whole = (name: string) => (/^\d+$/.test(params.get(name) ?? "") ? Number(params.get(name)) : null);
  return { layer, group: params.get("group"), a: whole("a"), b: whole("b") };
}

const addressOf = (layer: Layer | null, group: string | null = null): string => {
  const params = new URLSearchParams({ ...(layer ? { layer } : {}), ...(group ? { group } : {}) });
  return params.size ? `/duplicates?${params}` : "/duplicates";
};

export default function Duplicates() {
  useTitle("Duplicates");
  const { layer, group, a, b } = useAddress();
  if (a !== null && b !== null && a !== b) return <OnePair key={`${a}-${b}`} a={a} b={b} />;
  return <Groups layer={layer} opened={group} />;
}

function Groups({ layer, opened }: { layer: Layer | null; opened: string | null }) {
  const groups = useGroups(layer);
  const navigate = useNavigate();
  const first = groups.data?.pages[0];
  const items = groups.data?.pages.flatMap((page) => page.items) ?? [];
  const at = items.findIndex((one) => one.id === opened);
  const open = useCallback((group: DuplicateGroup | undefined) => void navigate(addressOf(layer, group?.id ?? null), { replace: true }), [navigate, layer]);
  const shown = items[at];
  const last = useRef<string | null>(null);
  useEffect(() => {
    // back from a group: the row that led there has the focus again
    if (!shown && last.current) document.querySelector<HTMLElement>(`[data-group="${last.current}"]`)?.focus();
    last.current = shown?.id ?? null;
  }, [shown]);
  const total = first?.total ?? 0;
  if (shown) {
    return (
      <GroupView
        key={shown.id}
        group={shown}
        place={`${at + 1} of ${total.toLocaleString("en")}`}
        back={addressOf(layer)}
        onStep={items.length > 1 ? (step) => open(items[Math.min(items.length - 1, Math.max(0, at + step))]) : null}
        onSettled={() => open(items[at + 1] ?? items[at - 1])}
      />
    );
  }
  return (
    <>
      <header className="page-head"><h1>Duplicates</h1><p className="quiet num">{first && total > 0 ? plural(total, "group") : ""}</p></header>
      {groups.error && !first ? <ProblemNotice problem={readProblem(groups.error)} /> : null}
      {first ? <ScanPanel scan={first.last_scan} /> : groups.error ? null : <Loading rows={6} label="Loading the duplicates" />}
      {first && (total > 0 || layer) ? <LayerChips layer={layer} /> : null}
      {first && total === 0 ? <NoGroups scan={first.last_scan} filtered={layer !== null} /> : null}
      {items.length > 0 ? <Rows items={items} keyOf={(one) => one.id} estimate={96} label="Groups of duplicates" onEnd={groups.hasNextPage ? () => void groups.fetchNextPage() : undefined} render={(one) => <GroupRow group={one} to={addressOf(layer, one.id)} />} /> : null}
      <MergedLately />
    </>
  );
}

function LayerChips({ layer }: { layer: Layer | null }) {
  const chip = (to: Layer | null, label: string) => <Link key={label} className="chip" aria-current={layer === to ? "true" : undefined} to={addressOf(to)}>{label}</Link>;
  return <nav className="chips" aria-label="Kind of likeness">{chip(null, "All kinds")}{LAYERS.map((one) => chip(one, LAYER_WORDS[one].charAt(0).toUpperCase() + LAYER_WORDS[one].slice(1)))}</nav>;
}

/** Two documents that somebody wants to see side by side, in a group or not. */
function OnePair({ a, b }: { a: number; b: number }) {
  const found = useComparison(a, b);
  const navigate = useNavigate();
  const pair = found.data;
  if (found.error && !pair) return <ProblemNotice problem={readProblem(found.error)} />;
  if (!pair) return <Loading rows={8} label="Comparing" />;
  const group = { layer: pair.layer, likeness: pair.likeness, what_differs: "", primary_id: a, documents: [pair.a, pair.b] };
  return <GroupView group={group} place="" back="/duplicates" onStep={null} onSettled={() => void navigate("/duplicates")} />;
}
