/**
 * The server counts characters (code points), JavaScript counts UTF-16 units: they differ after the first emoji.
 * `unitOffsets(text, points)` turns ascending or unordered character offsets into string indexes.
 */
export function unitOffsets(text: string, points: readonly number[]): number[] {
  if (!/[\ud800-\udbff]/.test(text)) return points.map((point) => Math.min(Math.max(point, 0), text.length));
  const order = points.map((_, index) => index).sort((a, b) => points[a]! - points[b]!);
  const result = new Array<number>(points.length);
  let unit = 0;
  let point = 0;
  for (const index of order) {
    while (point < points[index]! && unit < text.length) {
      unit += text.codePointAt(unit)! > 0xffff ? 2 : 1;
      point += 1;
    }
    result[index] = unit;
  }
  return result;
}

/** The other way: how many characters, as the server counts, stand before a string index. */
export function pointOffset(text: string, unit: number): number {
  const before = text.slice(0, unit);
  return before.length - (before.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}

export interface Piece {
  text: string;
  marked: boolean;
}

/** Cuts `text` into marked and unmarked pieces; `ranges` are server offsets, in any order, and may overlap. */
export function markPieces(text: string, ranges: ReadonlyArray<readonly number[]>): Piece[] {
  const flat = unitOffsets(text, ranges.flatMap((range) => [range[0] ?? 0, range[1] ?? 0]));
  const pairs = ranges.map((_, index) => [flat[2 * index]!, flat[2 * index + 1]!] as const).sort((a, b) => a[0] - b[0]);
  const pieces: Piece[] = [];
  let at = 0;
  for (const [start, end] of pairs) {
    const from = Math.max(start, at);
    if (end <= from) continue;
    if (from > at) pieces.push({ text: text.slice(at, from), marked: false });
    pieces.push({ text: text.slice(from, end), marked: true });
    at = end;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), marked: false });
  return pieces;
}
