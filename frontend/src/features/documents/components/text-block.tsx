import { memo } from "react";
import type { Block, Run } from "../api/blocks";

/** A stretch of the text, as indexes of the string. */
export interface Range {
  start: number;
  end: number;
}

/** One block as plain elements, with the marked place and the passage that is being spoken. */
export const TextBlock = memo(function TextBlock({ text, block, mark, spoken }: { text: string; block: Block; mark: Range | null; spoken: Range | null }) {
  const runs = (cell: Run[]) => cell.map((run) => <OneRun key={run.start} text={text} run={run} mark={mark} spoken={spoken} />);
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

function OneRun({ text, run, mark, spoken }: { text: string; run: Run; mark: Range | null; spoken: Range | null }) {
  const body = piecesOf(run, mark, spoken).map(({ start, end, marked, said }) => {
    const piece = text.slice(start, end);
    if (marked) return <mark key={start} className={said ? "spoken" : undefined}>{piece}</mark>;
    return said ? <span key={start} className="spoken">{piece}</span> : piece;
  });
  if (run.look === "strong") return <strong>{body}</strong>;
  if (run.look === "code") return <code>{body}</code>;
  return body;
}

function piecesOf(run: Range, mark: Range | null, spoken: Range | null) {
  const cuts = [mark, spoken].flatMap((range) => (range ? [range.start, range.end] : [])).filter((cut) => cut > run.start && cut < run.end);
  const bounds = [run.start, ...[...new Set(cuts)].sort((a, b) => a - b), run.end];
  const inside = (range: Range | null, at: number) => range !== null && range.start <= at && at < range.end;
  return bounds.slice(0, -1).map((start, index) => ({ start, end: bounds[index + 1]!, marked: inside(mark, start), said: inside(spoken, start) }));
}
