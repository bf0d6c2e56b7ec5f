/** The growth of the board as points of a line. Pure arithmetic. */

export interface Day { day: string; documents: number; bytes: number }
export interface Grown { time: number; documents: number }

const DAY_MS = 86_400_000;

/** How many documents there were at the end of each day that brought some; it begins with none the day before the first. */
export function grown(days: readonly Day[]): Grown[] {
  const sorted = [...days].sort((a, b) => (a.day < b.day ? -1 : 1));
  const first = sorted[0];
  if (!first) return [];
  let documents = 0;
  const points = sorted.map((one) => ({ time: Date.parse(one.day), documents: (documents += one.documents) }));
  return [{ time: Date.parse(first.day) - DAY_MS, documents: 0 }, ...points];
}

/** A round number at or above `most`, and the steps up to it: 0, 50, 100, 150. */
export function ticks(most: number, wanted = 4): number[] {
  if (most <= 0) return [0, 1];
  const rough = most / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? rough);
  const found = [0];
  while (found.at(-1)! < most) found.push(found.length * step);
  return found;
}
