/** Rows of a comparison as they are shown: what is equal is folded, but for a row beside each difference. */

export interface Foldable {
  kind: string;
}

export type Shown<Row> = { row: Row; index: number } | { folded: number; from: number };

const BESIDE = 1;
const LEAST = 3;

/** `opened` are the places, by their first index, that somebody unfolded. */
export function foldedRows<Row extends Foldable>(rows: readonly Row[], opened: ReadonlySet<number>): Array<Shown<Row>> {
  const shown: Array<Shown<Row>> = [];
  let at = 0;
  while (at < rows.length) {
    const end = endOfSame(rows, at);
    const [from, to] = [at === 0 ? at : at + BESIDE, end === rows.length ? end : end - BESIDE];
    if (end - at > 0 && to - from >= LEAST && !opened.has(from)) {
      for (let index = at; index < from; index += 1) shown.push({ row: rows[index]!, index });
      shown.push({ folded: to - from, from });
      for (let index = to; index < end; index += 1) shown.push({ row: rows[index]!, index });
      at = end;
    } else {
      const stop = Math.max(end, at + 1);
      for (let index = at; index < stop; index += 1) shown.push({ row: rows[index]!, index });
      at = stop;
    }
  }
  return shown;
}

function endOfSame(rows: readonly Foldable[], at: number): number {
  let end = at;
  while (end < rows.length && rows[end]!.kind === "same") end += 1;
  return end;
}
