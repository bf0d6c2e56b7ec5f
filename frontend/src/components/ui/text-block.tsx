import { memo } from "react";
import type { Block, Run } from "@/lib/blocks";
import "./pens.css";
import "./text-block.css";

/** A stretch of the text, as indexes of the string. */
export interface Range {
  start: number;
  end: number;
}

/** A stretch that a person marked, in a colour. */
export interface Coloured extends Range {
  id: number;
  colour: string;
}

interface Props {
  text: string;
  block: Block;
  mark?: Range | null;
  spoken?: Range | null;
  coloured?: readonly Coloured[];
}

const NONE: readonly Coloured[] = [];

/** One block as plain elements, with the marked place, the passage that is being spoken and what a person marked. */
export const TextBlock = memo(function TextBlock({ text, block, mark = null, spoken = null, coloured = NONE }: Props) {
  const runs = (cell: Run[]) => cell.map((run) => <OneRun key={run.start} text={text} run={run} looks={{ mark, spoken, coloured }} />);
  const only = block.rows[0]?.[0] ?? [];
  // where the block begins: a selection on the screen is led back to the text by it
  const at = { "data-block": block.start };
  switch (block.kind) {
    case "rule":
      return <hr />;
    case "heading": {
      // the document's own title is the page's h2; its headings start below
      const Tag = block.level <= 1 ? "h3" : block.level === 2 ? "h4" : "h5";
      return <Tag {...at}>{runs(only)}</Tag>;
    }
    case "code":
      return <pre {...at} tabIndex={0} aria-label="Code"><code>{runs(only)}</code></pre>;
    case "list":
      return <ul {...at}>{block.rows.map((row, index) => <li key={index}>{runs(row[0] ?? [])}</li>)}</ul>;
    case "quote":
      return <blockquote {...at}>{block.rows.map((row, index) => <p key={index}>{runs(row[0] ?? [])}</p>)}</blockquote>;
    case "table":
      return (
        <div {...at} className="table-scroll" tabIndex={0} role="region" aria-label="Table">
          <table><tbody>{block.rows.map((row, index) => <tr key={index}>{row.map((cell, column) => (index === 0 ? <th key={column} scope="col">{runs(cell)}</th> : <td key={column}>{runs(cell)}</td>))}</tr>)}</tbody></table>
        </div>
      );
    default:
      return <p {...at} className={block.keepBreaks ? "breaks" : undefined}>{runs(only)}</p>;
  }
});

interface Looks {
  mark: Range | null;
  spoken: Range | null;
  coloured: readonly Coloured[];
}

function OneRun({ text, run, looks }: { text: string; run: Run; looks: Looks }) {
  const body = piecesOf(run, looks).map(({ start, end, marked, said, own }) => {
    const piece = text.slice(start, end);
    const look = [said ? "spoken" : "", own ? "highlight" : ""].filter(Boolean).join(" ") || undefined;
    if (marked) return <mark key={start} className={look} data-highlight={own?.id} data-pen={own?.colour}>{piece}</mark>;
    return look ? <span key={start} className={look} data-highlight={own?.id} data-pen={own?.colour}>{piece}</span> : piece;
  });
  if (run.look === "strong") return <strong>{body}</strong>;
  if (run.look === "code") return <code>{body}</code>;
  return body;
}

function piecesOf(run: Range, { mark, spoken, coloured }: Looks) {
  const cuts = [mark, spoken, ...coloured].flatMap((range) => (range ? [range.start, range.end] : [])).filter((cut) => cut > run.start && cut < run.end);
  const bounds = [run.start, ...[...new Set(cuts)].sort((a, b) => a - b), run.end];
  const inside = (range: Range | null, at: number) => range !== null && range.start <= at && at < range.end;
  return bounds.slice(0, -1).map((start, index) => ({
    start,
    end: bounds[index + 1]!,
    marked: inside(mark, start),
    said: inside(spoken, start),
    own: coloured.findLast((one) => inside(one, start)),
  }));
}
