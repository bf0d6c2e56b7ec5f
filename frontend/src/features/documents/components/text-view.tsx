import { Fragment, memo, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { DocumentText } from "@/client/types";
import { clock, placeName } from "@/lib/format";
import { unitOffsets } from "@/lib/offsets";
import { type Coloured, type Range, TextBlock } from "@/components/ui/text-block";
import { type Block, blocksOf } from "@/lib/blocks";
import { pageOf, type Part, rangeOf, secondOf } from "../api/media";
import { SelectionPlace } from "./selection-place";
import { type Chosen, useSelected } from "./use-selected";
import "./text-view.css";

const AT_FIRST = 250;

export interface Mark {
  start: number;
  end: number;
}

/** Where the places in the text lead: a time to its player or its video, a page to its picture. */
export interface Ways {
  onSecond?: (second: number) => void;
  secondHref?: (second: number) => string;
  onPage?: (page: number) => void;
}

/** What a person marked in a text, in the server's character offsets, and what can be done with it. */
export interface Marking {
  highlights: ReadonlyArray<{ id: number; start: number; end: number; colour: string }>;
  onHighlight: (id: number) => void;
  /** What stands beside a selected stretch of the text. */
  bar: (chosen: Chosen, clear: () => void) => ReactNode;
}

interface Props {
  content: DocumentText;
  /** A first heading that only repeats it is not drawn. */
  title: string;
  asCode: boolean;
  /** The place to mark and go to, in the server's character offsets. */
  mark: Mark | null;
  /** The place is shown elsewhere, on the picture of its page: the text does not move to it. */
  still: boolean;
  ways: Ways;
  /** What is being spoken, and whether it is kept in sight. */
  spoken: Part | null;
  follow: boolean;
  marking: Marking | null;
}

const NONE: readonly Coloured[] = [];

/** The text of a document with its headings, its places and one marked. Long texts are drawn as they are read. */
export const TextView = memo(function TextView({ content, title, asCode, mark, still, ways, spoken, follow, marking }: Props) {
  const blocks = useMemo(() => withoutTitle(content.text, blocksOf(content.text, asCode), title), [content.text, asCode, title]);
  const places = useMemo(() => placesBefore(content, blocks), [content, blocks]);
  const range = useMemo(() => (mark ? rangeOf(content.text, mark) : null), [content.text, mark]);
  const said = useMemo(() => (spoken ? rangeOf(content.text, spoken) : null), [content.text, spoken]);
  const coloured = useMemo(() => colouredBlocks(content.text, blocks, marking?.highlights ?? []), [content.text, blocks, marking?.highlights]);
  const target = Math.max(firstIn(blocks, range), firstIn(blocks, said));
  const [more, setMore] = useState(AT_FIRST);
  const count = Math.min(blocks.length, Math.max(more, target + 40));
  const here = useRef<HTMLDivElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const selection = useSelected(here, blocks, content.text, marking !== null);
  useEffect(() => {
    if (!range || still) return;
    let frame = 0;
    let left = 8;
    // blocks out of sight have guessed heights: aim, let them be measured, aim again
    const aim = () => {
      const off = distanceTo("mark", here.current);
      if (off !== null) here.current?.closest(".reader")?.scrollBy(0, off);
      if (--left > 0 && (off === null || Math.abs(off) > 1)) frame = requestAnimationFrame(aim);
    };
    aim();
    return () => cancelAnimationFrame(frame);
  }, [range, still]);
  useEffect(() => {
    if (said && follow) here.current?.closest(".reader")?.scrollBy(0, distanceTo(".spoken", here.current) ?? 0);
  }, [said, follow]);
  useEffect(() => {
    const sentinel = end.current;
    if (!sentinel) return;
    const watcher = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && setMore((now) => now + 250), { rootMargin: "1500px" });
    watcher.observe(sentinel);
    return () => watcher.disconnect();
  }, [count]);
  const within = (one: Range | null, block: Block) => (one && one.start < block.end && one.end > block.start ? one : null);
  const timed = content.parts.some((part) => secondOf(part) !== null);
  const onClick = (event: { target: EventTarget }) => {
    const own = (event.target as HTMLElement).closest<HTMLElement>("[data-highlight]")?.dataset.highlight;
    if (own && window.getSelection()?.isCollapsed !== false) marking?.onHighlight(Number(own));
  };
  return (
    <div className="text-place">
      <div className={timed ? "text-view timed" : "text-view"} ref={here} onClick={onClick}>
        {blocks.slice(0, count).map((block, index) => (
          <Fragment key={block.start}>
            {places.has(index) ? <PlaceMark place={places.get(index)!} ways={ways} /> : null}
            <TextBlock text={content.text} block={block} mark={within(range, block)} spoken={within(said, block)} coloured={coloured.get(index) ?? NONE} />
          </Fragment>
        ))}
        {count < blocks.length ? <div ref={end} className="quiet small">More follows…</div> : null}
      </div>
      {marking && selection.chosen ? <SelectionPlace chosen={selection.chosen} onClear={selection.clear} text={here}>{marking.bar(selection.chosen, selection.clear)}</SelectionPlace> : null}
    </div>
  );
});

interface Place {
  name: string;
  page: number | null;
  second: number | null;
}

function PlaceMark({ place, ways }: { place: Place; ways: Ways }) {
  const { name, page, second } = place;
  if (second !== null) {
    const time = clock(second);
    if (ways.onSecond) return <p className="time-mark num"><button type="button" aria-label={`Play from ${time}`} onClick={() => ways.onSecond?.(second)}>{time}</button></p>;
    if (ways.secondHref) return <p className="time-mark num"><a href={ways.secondHref(second)} target="_blank" rel="noreferrer" aria-label={`Watch from ${time} on YouTube`}>{time}</a></p>;
    return <p className="time-mark num"><span>{time}</span></p>;
  }
  const toPage = page !== null && ways.onPage ? ways.onPage : null;
  return <p className="page-mark num">{toPage ? <button type="button" aria-label={`Show the picture of page ${page}`} onClick={() => toPage(page!)}>{name}</button> : <span>{name}</span>}</p>;
}

const firstIn = (blocks: readonly Block[], range: Range | null): number => (range ? blocks.findIndex((block) => block.end > range.start) : -1);

/** How far the place is below a third of the reader. Only the reader moves; scrollIntoView moves the board too. */
function distanceTo(what: string, text: HTMLElement | null): number | null {
  const place = text?.querySelector(what)?.getBoundingClientRect();
  const reader = text?.closest(".reader")?.getBoundingClientRect();
  return place && reader ? Math.round(place.top - reader.top - reader.height / 3) : null;
}

function withoutTitle(text: string, blocks: Block[], title: string): Block[] {
  const first = blocks[0];
  const repeats = first?.kind === "heading" && text.slice(first.start, first.end).replace(/^#+\s*/, "").trim() === title.trim();
  return repeats ? blocks.slice(1) : blocks;
}

/** The place that begins at a block, by the block's index: its first time, or the names of its pages. */
function placesBefore(content: DocumentText, blocks: readonly Block[]): Map<number, Place> {
  const starts = unitOffsets(content.text, content.parts.map((part) => part.start));
  const places = new Map<number, Place>();
  let at = 0;
  let last = "";
  content.parts.forEach((part, index) => {
    const name = placeName(part.place);
    if (!name || name === last) return;
    last = name;
    while (at < blocks.length && blocks[at]!.end <= starts[index]!) at += 1;
    const before = places.get(at);
    if (before && before.second === null) before.name += `, ${name}`;
    else if (!before && at < blocks.length) places.set(at, { name, page: pageOf(part), second: secondOf(part) });
  });
  return places;
}

/** The highlights of each block, by its index. */
function colouredBlocks(text: string, blocks: readonly Block[], highlights: Marking["highlights"]): Map<number, Coloured[]> {
  const found = new Map<number, Coloured[]>();
  for (const one of highlights) {
    const range = rangeOf(text, one);
    for (let at = firstIn(blocks, range); at >= 0 && at < blocks.length && blocks[at]!.start < range.end; at += 1) {
      found.set(at, [...(found.get(at) ?? []), { ...range, id: one.id, colour: one.colour }]);
    }
  }
  return found;
}
