import { ArrowLeft, ChevronLeft, ChevronRight, CopyX, Merge } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { readProblem } from "@/client/problem";
import type { DuplicateGroup } from "@/client/types";
import { Button, IconButton } from "@/components/ui/button";
import { plural } from "@/lib/format";
import { isTyping } from "@/lib/lists";
import { toast } from "@/lib/toast";
import { layerWord, likenessWord, useDuplicateActions } from "../api/duplicates";
import { Compare } from "./compare";
import { type Side, Sides } from "./sides";
import "./duplicates.css";

interface Props {
  /** Without layer and likeness: two documents that no scan found alike. */
  group: Pick<DuplicateGroup, "what_differs" | "primary_id"> & { layer: string | null; likeness: number | null; documents: readonly Side[] };
  /** "2 of 14"; "" when it is no part of a list. */
  place: string;
  back: string;
  onStep: ((step: 1 | -1) => void) | null;
  /** After it was settled: the next one, or back to the list. */
  onSettled: () => void;
}

const isPicture = (side: Side): boolean => side.media_type.startsWith("image/");

/** One group side by side: what differs, which to keep, and the two answers: merge, or not duplicates. */
export function GroupView({ group, place, back, onStep, onSettled }: Props) {
  const [keep, setKeep] = useState(group.primary_id);
  const [beside, setBeside] = useState(group.documents.find((one) => one.document_id !== group.primary_id)?.document_id ?? 0);
  const [spared, setSpared] = useState<ReadonlySet<number>>(new Set());
  const view = useRef<HTMLElement>(null);
  const of = (id: number) => group.documents.find((one) => one.document_id === id)!;
  const { sides, others } = sidesOf(group.documents, group.primary_id, beside);
  const drop = group.documents.map((one) => one.document_id).filter((id) => id !== keep && !spared.has(id));
  const verdicts = useVerdicts(onSettled);
  const merge = () => drop.length > 0 && verdicts.merge(keep, drop, of(keep).title || of(keep).filename);
  const dismiss = () => verdicts.dismiss(group.documents.map((one) => one.document_id));
  useEffect(() => view.current?.focus({ preventScroll: true }), []);
  useKeys({ "1": () => setKeep(sides[0].document_id), "2": () => setKeep(sides[1].document_id), m: merge, n: dismiss, j: () => onStep?.(1), k: () => onStep?.(-1) });
  return (
    <article className="group-view" aria-label={`${of(group.primary_id).title} and what is like it`} ref={view} tabIndex={-1}>
      <header className="group-head">
        <Link className="button quiet" to={back}><ArrowLeft className="icon" size={17} aria-hidden />All duplicates</Link>
        {onStep ? (
          <span className="group-steps">
            <IconButton label="Group before (K)" icon={<ChevronLeft className="icon" size={20} />} onClick={() => onStep(-1)} />
            <span className="small quiet num">{place}</span>
            <IconButton label="Next group (J)" icon={<ChevronRight className="icon" size={20} />} onClick={() => onStep(1)} />
          </span>
        ) : null}
      </header>
      <h1 className="hidden-text">Side by side: {sides[0].title} and {sides[1].title}</h1>
      <p className="group-said"><strong className="num">{group.layer === null || group.likeness === null ? "No scan found these alike." : `${sentence(layerWord(group.layer))}, ${likenessWord(group.likeness)}.`}</strong> {group.what_differs}</p>
      {others.length > 0 ? <Others documents={group.documents.filter((one) => one.document_id !== sides[0].document_id)} keep={keep} beside={beside} spared={spared} onBeside={setBeside} onSpared={setSpared} /> : null}
      <Sides sides={sides} keep={keep} onKeep={setKeep} />
      <div className="verdicts">
        <Button look="primary" icon={<Merge className="icon" size={17} aria-hidden />} busy={verdicts.busy} disabled={drop.length === 0} onClick={merge}>{drop.length > 1 ? `Merge ${drop.length} into it` : "Merge into it"}<kbd aria-hidden>M</kbd></Button>
        <Button icon={<CopyX className="icon" size={17} aria-hidden />} busy={verdicts.busy} onClick={dismiss}>Not duplicates<kbd aria-hidden>N</kbd></Button>
        <p className="small quiet">Tags, notes, highlights and addresses go to the one that is kept. The other goes to the trash; a merge can be undone for 30 days.</p>
      </div>
      <Compare key={`${sides[0].document_id}-${sides[1].document_id}`} a={{ id: sides[0].document_id, title: sides[0].title, picture: isPicture(sides[0]) }} b={{ id: sides[1].document_id, title: sides[1].title, picture: isPicture(sides[1]) }} />
    </article>
  );
}

/** The left column is the one that would be kept at first, so that columns do not jump when another is chosen. */
function sidesOf(documents: readonly Side[], primary: number, beside: number) {
  const left = documents.find((one) => one.document_id === primary) ?? documents[0]!;
  const right = documents.find((one) => one.document_id === beside && one !== left) ?? documents.find((one) => one !== left)!;
  return { sides: [left, right] as const, others: documents.filter((one) => one !== left && one !== right) };
}

interface OthersProps {
  documents: readonly Side[];
  keep: number;
  beside: number;
  spared: ReadonlySet<number>;
  onBeside: (id: number) => void;
  onSpared: (next: ReadonlySet<number>) => void;
}

/** Where more than two are alike: which one is seen on the right, and which are merged. */
function Others({ documents, keep, beside, spared, onBeside, onSpared }: OthersProps) {
  const toggle = (id: number) => {
    const next = new Set(spared);
    if (!next.delete(id)) next.add(id);
    onSpared(next);
  };
  return (
    <section className="others" aria-label="All of this group">
      <p className="small quiet">{plural(documents.length, "document")} beside the first. Choose which one to compare, and which are merged.</p>
      <ul>
        {documents.map((one) => (
          <li key={one.document_id}>
            <button type="button" aria-pressed={one.document_id === beside} onClick={() => onBeside(one.document_id)}><span className="one-line">{one.title || one.filename}</span></button>
            <label className="check small"><input type="checkbox" disabled={one.document_id === keep} checked={one.document_id !== keep && !spared.has(one.document_id)} onChange={() => toggle(one.document_id)} />{one.document_id === keep ? "is kept" : "merge it"}</label>
          </li>
        ))}
      </ul>
    </section>
  );
}

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** Merge and "not duplicates", each with its Undo, which speaks though this group has left the page by then. */
function useVerdicts(onSettled: () => void) {
  const actions = useDuplicateActions();
  const complain = (thrown: unknown) => toast(readProblem(thrown).message, { bad: true });
  const merge = (keep: number, drop: number[], title: string) =>
    actions.merge.mutate({ keep, drop }, {
      onError: complain,
      onSuccess: ({ merge_id: id }) => {
        const back = () => void actions.undo.mutateAsync(id).then(() => toast("The documents are on the board again"), complain);
        toast(drop.length === 1 ? `Merged into “${title}”` : `${drop.length} documents merged into “${title}”`, { action: { label: "Undo", act: back } });
        onSettled();
      },
    });
  const dismiss = (documents: number[]) =>
    actions.dismiss.mutate(documents, {
      onError: complain,
      onSuccess: () => {
        const back = () => void actions.recall.mutateAsync(documents).then(() => toast("They count as duplicates again"), complain);
        toast("No scan shows these together again", { action: { label: "Undo", act: back } });
        onSettled();
      },
    });
  return { merge, dismiss, busy: actions.merge.isPending || actions.dismiss.isPending };
}

/** Keys of the view; they win over those of the page and leave text fields alone. */
function useKeys(keys: Record<string, () => void>): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const act = isTyping(event) ? undefined : now.current[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", onKey, { capture: true });
    return () => window.removeEventListener("keydown", onKey, { capture: true });
  }, []);
}
