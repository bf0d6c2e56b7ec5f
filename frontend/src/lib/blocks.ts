/**
 * Splits extracted text (Markdown-like: `#` headings, lists, tables, fences) into blocks that React draws as plain
 * elements. Nothing is ever set as HTML, and every run keeps its place in the text, so that quotes can be marked.
 */
export interface Run {
  start: number;
  end: number;
  look: "plain" | "strong" | "code";
}

export type BlockKind = "heading" | "paragraph" | "list" | "code" | "table" | "quote" | "rule";

export interface Block {
  kind: BlockKind;
  level: number;
  start: number;
  end: number;
  /** Rows of cells of runs: one row and cell for a paragraph, a row per item of a list, cells for a table. */
  rows: Run[][][];
  /** Short lines (an address, a poem) keep their breaks; wrapped prose flows. */
  keepBreaks: boolean;
}

interface Line {
  start: number;
  end: number;
  text: string;
}

const HEADING = /^(#{1,6})\s+/;
const ITEM = /^\s*(?:[-*+•]|\d{1,3}[.)])\s+/;
const FENCE = /^\s*(```|~~~)/;
const TABLE = /^\s*\|.*\|\s*$/;
const DIVIDER = /^\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$/;
const RULE = /^\s*([-*_])(\s*\1){2,}\s*$/;
const QUOTE = /^\s*>\s?/;
const INLINE = /\*\*([^*\n]+)\*\*|`([^`\n]+)`|!?\[([^\]\n]*)\]\([^)\s]*\)/g;

export function blocksOf(text: string, asCode = false): Block[] {
  const lines = linesOf(text);
  if (asCode) return lines.length ? [block("code", 0, lines, [[[plain(0, text.length)]]])] : [];
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at]!;
    if (line.text.trim() === "") {
      at += 1;
      continue;
    }
    const taken = take(text, lines, at);
    if (taken.block) blocks.push(taken.block);
    at = taken.next;
  }
  return blocks;
}

function take(text: string, lines: Line[], at: number): { block: Block | null; next: number } {
  const line = lines[at]!;
  const heading = HEADING.exec(line.text);
  if (heading) {
    const runs = inline(text, line.start + heading[0].length, line.end);
    return { block: block("heading", heading[1]!.length, [line], [[runs]]), next: at + 1 };
  }
  if (FENCE.test(line.text)) return takeFence(lines, at);
  if (RULE.test(line.text)) return { block: block("rule", 0, [line], []), next: at + 1 };
  const kind = TABLE.test(line.text) ? "table" : ITEM.test(line.text) ? "list" : QUOTE.test(line.text) ? "quote" : "paragraph";
  const group: Line[] = [];
  let next = at;
  while (next < lines.length && belongs(kind, lines[next]!, group.length)) group.push(lines[next++]!);
  return { block: block(kind, 0, group, rowsOf(text, kind, group)), next };
}

function belongs(kind: BlockKind, line: Line, taken: number): boolean {
  if (line.text.trim() === "") return false;
  if (taken === 0) return true;
  if (kind === "table") return TABLE.test(line.text);
  if (kind === "quote") return QUOTE.test(line.text);
  if (HEADING.test(line.text) || FENCE.test(line.text)) return false;
  return kind === "list" || !(ITEM.test(line.text) || TABLE.test(line.text));
}

function takeFence(lines: Line[], at: number): { block: Block | null; next: number } {
  let next = at + 1;
  while (next < lines.length && !FENCE.test(lines[next]!.text)) next += 1;
  const inside = lines.slice(at + 1, next);
  const first = inside[0];
  if (!first) return { block: null, next: next + 1 };
  return { block: block("code", 0, inside, [[[plain(first.start, inside.at(-1)!.end)]]]), next: next + 1 };
}

function rowsOf(text: string, kind: BlockKind, lines: Line[]): Run[][][] {
  if (kind === "table") return lines.filter((line) => !DIVIDER.test(line.text)).map((line) => cellsOf(text, line));
  if (kind === "list") {
    const items: Line[][] = [];
    for (const line of lines) {
      if (ITEM.test(line.text) || items.length === 0) items.push([line]);
      else items.at(-1)!.push(line);
    }
    return items.map((item) => {
      const first = item[0]!;
      const marker = ITEM.exec(first.text)?.[0].length ?? 0;
      return [inline(text, first.start + marker, item.at(-1)!.end)];
    });
  }
  if (kind === "quote") return lines.map((line) => [inline(text, line.start + (QUOTE.exec(line.text)?.[0].length ?? 0), line.end)]);
  return [[inline(text, lines[0]!.start, lines.at(-1)!.end)]];
}

function cellsOf(text: string, line: Line): Run[][] {
  const cells: Run[][] = [];
  let start = line.text.indexOf("|") + 1;
  for (let at = start; at < line.text.length; at += 1) {
    if (line.text[at] !== "|" || line.text[at - 1] === "\\") continue;
    cells.push(inline(text, line.start + start, line.start + at));
    start = at + 1;
  }
  return cells;
}

function inline(text: string, start: number, end: number): Run[] {
  const runs: Run[] = [];
  let at = start;
  for (const match of text.slice(start, end).matchAll(INLINE)) {
    const from = start + match.index;
    const inner = match[1] ?? match[2] ?? match[3] ?? "";
    const innerStart = from + match[0].indexOf(inner, match[0].startsWith("!") ? 2 : 1);
    if (from > at) runs.push(plain(at, from));
    if (inner) runs.push({ start: innerStart, end: innerStart + inner.length, look: match[1] ? "strong" : match[2] ? "code" : "plain" });
    at = from + match[0].length;
  }
  if (at < end) runs.push(plain(at, end));
  return runs;
}

const plain = (start: number, end: number): Run => ({ start, end, look: "plain" });

function block(kind: BlockKind, level: number, lines: Line[], rows: Run[][][]): Block {
  const keepBreaks = lines.length > 1 && !lines.slice(0, -1).every((line) => line.text.length > 50);
  return { kind, level, start: lines[0]!.start, end: lines.at(-1)!.end, rows, keepBreaks };
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let start = 0;
  while (start <= text.length) {
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    lines.push({ start, end, text: text.slice(start, end) });
    start = end + 1;
  }
  return lines;
}
