import { ListFilter, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import type { Cluster } from "@/client/types";
import { Button } from "@/components/ui/button";
import { useAnalytics } from "@/features/analytics/api/analytics";
import { useConceptName } from "@/features/concepts/api/name";
import { useSubtopics } from "@/features/clusters/api/clusters";
import { SaveSearch } from "@/features/search/components/saved-searches";
import { useTags } from "@/features/tags/api/tags";
import { languageName, typeName } from "@/lib/names";
import { askedOf, type BoardView, type Change, chosenOf, NO_FILTERS } from "./board-view";

interface Props {
  view: BoardView;
  clusters: readonly Cluster[];
  linkTo: (change: Change) => string;
  go: (change: Change, replace?: boolean) => void;
  children: ReactNode;
}

/** How the board is looked at, what narrows it down, and the way to keep that as a search. */
export function BoardTools({ view, clusters, linkTo, go, children }: Props) {
  const [open, setOpen] = useState(false);
  const count = Object.keys(chosenOf(view)).filter((name) => name !== "cluster" && name !== "subcluster").length;
  const asked = view.q !== "" || Object.keys(chosenOf(view)).length > 0;
  return (
    <>
      <div className="list-tools">
        <div className="list-tools-left">
          <Button look="quiet" icon={<ListFilter className="icon" size={17} aria-hidden />} aria-expanded={open} aria-controls="board-filters" onClick={() => setOpen(!open)}>
            Filters{count > 0 ? <span className="badge num">{count}</span> : null}
          </Button>
          {asked ? <SaveSearch q={view.q} filters={askedOf(view)} suggested={view.q || "My search"} /> : null}
        </div>
        {children}
      </div>
      {open ? <FilterForm view={view} go={go} /> : null}
      <Chips view={view} clusters={clusters} linkTo={linkTo} />
    </>
  );
}

function FilterForm({ view, go }: Pick<Props, "view" | "go">) {
  const numbers = useAnalytics().data;
  const tags = useTags().data ?? [];
  const set = (name: keyof typeof NO_FILTERS) => (value: string) => go({ [name]: value === "" ? null : name === "tag" ? Number(value) : value }, true);
  return (
    <fieldset className="filters" id="board-filters">
      <legend className="hidden-text">Filters</legend>
      <Pick label="Type" value={view.type} options={(numbers?.by_type ?? []).map((one) => [one.name, `${typeName(one.name)} (${one.documents.toLocaleString("en")})`])} onPick={set("type")} />
      <Pick label="Language" value={view.language} options={(numbers?.by_language ?? []).map((one) => [one.name, `${languageName(one.name)} (${one.documents.toLocaleString("en")})`])} onPick={set("language")} />
      <Pick label="Source" value={view.source} options={(numbers?.by_source ?? []).map((one) => [one.name, `${one.name} (${one.documents.toLocaleString("en")})`])} onPick={set("source")} />
      <Pick label="Tag" value={view.tag === null ? null : String(view.tag)} options={tags.map((tag) => [String(tag.id), `${tag.name} (${tag.document_count.toLocaleString("en")})`])} onPick={set("tag")} />
      <label>Added since<input type="date" className="input" value={view.since ?? ""} max={view.until ?? undefined} onChange={(event) => set("since")(event.target.value)} /></label>
      <label>Added until<input type="date" className="input" value={view.until ?? ""} min={view.since ?? undefined} onChange={(event) => set("until")(event.target.value)} /></label>
    </fieldset>
  );
}

/** One choice of a filter. What is in the address stays choosable, also when the numbers do not know it (yet). */
function Pick({ label, value, options, onPick }: { label: string; value: string | null; options: ReadonlyArray<readonly [string, string]>; onPick: (value: string) => void }) {
  const known = value === null || options.some(([one]) => one === value);
  return (
    <label>
      {label}
      <select className="input" value={value ?? ""} onChange={(event) => onPick(event.target.value)}>
        <option value="">Any</option>
        {known ? null : <option value={value}>{value}</option>}
        {options.map(([one, words]) => <option key={one} value={one}>{words}</option>)}
      </select>
    </label>
  );
}

/** What narrows the board down now; each can be taken away. */
function Chips({ view, clusters, linkTo }: Pick<Props, "view" | "clusters" | "linkTo">) {
  const tags = useTags(view.tag !== null).data ?? [];
  const concept = useConceptName(view.concept);
  const subtopics = useSubtopics(view.cluster ?? 0, view.subcluster !== null && view.cluster !== null).data ?? [];
  const listed = clusters.find((one) => one.id === view.cluster)?.concepts ?? [];
  const chips: Array<readonly [keyof typeof NO_FILTERS, string]> = [];
  // in a list the cluster has a title of its own; over hits and on the map it is a chip
  if (view.cluster !== null && (view.q !== "" || view.as === "map")) chips.push(["cluster", clusters.find((one) => one.id === view.cluster)?.name ?? "One cluster"]);
  if (view.subcluster !== null) chips.push(["subcluster", subtopics.find((one) => one.id === view.subcluster)?.name ?? "One sub-topic"]);
  if (view.concept !== null && !(view.q === "" && view.as === "list" && listed.some((one) => one.id === view.concept))) chips.push(["concept", concept ?? listed.find((one) => one.id === view.concept)?.name ?? "One concept"]);
  if (view.tag !== null) chips.push(["tag", `Tag: ${tags.find((tag) => tag.id === view.tag)?.name ?? "…"}`]);
  if (view.type !== null) chips.push(["type", typeName(view.type)]);
  if (view.language !== null) chips.push(["language", languageName(view.language)]);
  if (view.source !== null) chips.push(["source", view.source]);
  if (view.since !== null) chips.push(["since", `Since ${view.since}`]);
  if (view.until !== null) chips.push(["until", `Until ${view.until}`]);
  if (chips.length === 0) return null;
  return (
    <p className="chips" role="group" aria-label="Active filters">
      {chips.map(([name, words]) => (
        <Link key={name} className="chip" aria-current="true" to={linkTo(name === "cluster" ? { cluster: null, subcluster: null } : { [name]: null })}>{words}<X className="icon" size={14} aria-label="Remove" /></Link>
      ))}
      {chips.length > 1 ? <Link className="chip-clear small" to={linkTo({ ...NO_FILTERS })}>Clear all</Link> : null}
    </p>
  );
}
