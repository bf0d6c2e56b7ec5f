import { Fragment, memo, useEffect, useMemo, useRef, useState } from "react";
import type { DocumentText } from "@/client/types";
import { placeName } from "@/lib/format";
import { unitOffsets } from "@/lib/offsets";
import { type Block, blocksOf, type Run } from "../api/blocks";
import "./text-view.css";

const AT_FIRST = 250;

export interface Mark {
  start: number;
  end: number;
}

interface Props {
  content: DocumentText;
  /** A first heading that only repeats it is not drawn. */
  title: string;
  asCode: boolean;
  /** The place to mark and go to, in the server's character offsets. */
  mark: Mark | null;
}

/** The text of a document with its headings, page marks and one marked place. Long texts are drawn as they are read. */
export function TextView({ content, title, asCode, mark }: Props) {
  const blocks = useMemo(() => withoutTitle(content.text, blocksOf(content.text, asCode), title), [content.text, asCode, title]);
  const places = useMemo(() => placesBefore(content, blocks), [content, blocks]);
  const range = useMemo(() => {
    if (!mark) return null;
    const [start = 0, end = 0] = unitOffsets(content.text, [mark.start, mark.end]);
    return { start, end };
  }, [content.text, mark]);
  const target = range ? blocks.findIndex((block) => block.end > range.start) : -1;
  const [more, setMore] = useState(AT_FIRST);
  const count = Math.min(blocks.length, Math.max(more, target + 40));
  const here = useRef<HTMLDivElement>(null);
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!range) return;
    let frame = 0;
    let left = 8;
    // blocks out of sight have guessed heights: aim, let them be measured, aim again
    const aim = () => {
      const off = distanceToMark(here.current);
      if (off !== null) here.current?.closest(".reader")?.scrollBy(0, off);
      if (--left > 0 && (off === null || Math.abs(off) > 1)) frame = requestAnimationFrame(aim);
    };
    aim();
    return () => cancelAnimationFrame(frame);
  }, [range]);
  useEffect(() => {
    const sentinel = end.current;
    if (!sentinel) return;
    const watcher = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && setMore((now) => now + 250), { rootMargin: "1500px" });
    watcher.observe(sentinel);
    return () => watcher.disconnect();
  }, [count]);
  return (
    <div className="text-view" ref={here}>
      {blocks.slice(0, count).map((block, index) => (
        <Fragment key={block.start}>
          {places.get(index) ? <p className="page-mark num"><span>{places.get(index)}</span></p> : null}
          <OneBlock text={content.text} block={block} mark={range && range.start < block.end && range.end > block.start ? range : null} />
        </Fragment>
      ))}
      {count < blocks.length ? <div ref={end} className="quiet small">More follows…</div> : null}
    </div>
  );
}

/** How far the marked place is below a third of the reader. Only the reader moves; scrollIntoView moves the board too. */
function distanceToMark(text: HTMLElement | null): number | null {
  const mark = text?.querySelector("mark")?.getBoundingClientRect();
  const reader = text?.closest(".reader")?.getBoundingClientRect();
  return mark && reader ? Math.round(mark.top - reader.top - reader.height / 3) : null;
}

function withoutTitle(text: string, blocks: Block[], title: string): Block[] {
  const first = blocks[0];
  const repeats = first?.kind === "heading" && text.slice(first.start, first.end).replace(/^#+\s*/, "").trim() === title.trim();
  return repeats ? blocks.slice(1) : blocks;
}

/** The name of the place that begins at a block, by the block's index. */
function placesBefore(content: DocumentText, blocks: readonly Block[]): Map<number, string> {
  const starts = unitOffsets(content.text, content.parts.map((part) => part.start));
  const names = new Map<number, string>();
  let at = 0;
  let last = "";
  content.parts.forEach((part, index) => {
    const name = placeName(part.place);
    if (!name || name === last) return;
    last = name;
    while (at < blocks.length && blocks[at]!.end <= starts[index]!) at += 1;
    if (at < blocks.length) names.set(at, names.has(at) ? `${names.get(at)}, ${name}` : name);
  });
  return names;
}

const OneBlock = memo(function OneBlock({ text, block, mark }: { text: string; block: Block; mark: Mark | null }) {
  const runs = (cell: Run[]) => cell.map((run) => <OneRun key={run.start} text={text} run={run} mark={mark} />);
  const only = block.rows[0]?.[0] ?? [];
  switch (block.kind) {
    case "rule":
      return <hr />;
    case "heading": {
      // the document's own title is the page's h2; its headings start below
      const Tag = block.level <= 1 ? "h3" : block.level === 2 ? "h4" : "h5";
      return <Tag>{runs(only)}</Tag>;
    }
    case "code":
      return <pre tabIndex={0} aria-label="Code"><code>{runs(only)}</code></pre>;
    case "list":
      return <ul>{block.rows.map((row, index) => <li key={index}>{runs(row[0] ?? [])}</li>)}</ul>;
    case "quote":
      return <blockquote>{block.rows.map((row, index) => <p key={index}>{runs(row[0] ?? [])}</p>)}</blockquote>;
    case "table":
      return (
        <div className="table-scroll" tabIndex={0} role="region" aria-label="Table">
          <table><tbody>{block.rows.map((row, index) => <tr key={index}>{row.map((cell, column) => (index === 0 ? <th key={column} scope="col">{runs(cell)}</th> : <td key={column}>{runs(cell)}</td>))}</tr>)}</tbody></table>
        </div>
      );
    default:
      return <p className={block.keepBreaks ? "breaks" : undefined}>{runs(only)}</p>;
  }
});

function OneRun({ text, run, mark }: { text: string; run: Run; mark: Mark | null }) {
  const from = mark ? Math.min(Math.max(mark.start, run.start), run.end) : run.end;
  const to = mark ? Math.min(Math.max(mark.end, from), run.end) : run.end;
  const body = (
    <>
      {text.slice(run.start, from)}
      {to > from ? <mark>{text.slice(from, to)}</mark> : null}
      {text.slice(to, run.end)}
    </>
  );
  if (run.look === "strong") return <strong>{body}</strong>;
  if (run.look === "code") return <code>{body}</code>;
  return body;
}
