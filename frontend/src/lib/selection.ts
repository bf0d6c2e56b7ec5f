import type { Block } from "./blocks";

/**
 * Leads a place inside a drawn block back to the text: `drawn` counts the characters that are drawn before it. What is
 * drawn are the block's runs without what lies between them (list markers, emphasis, table bars). A place between two
 * runs belongs to the end of the first when it ends a selection, to the beginning of the second when it begins one.
 */
export function textOffset(block: Block, drawn: number, ends: boolean): number {
  const runs = block.rows.flat(2);
  let left = drawn;
  for (const run of runs) {
    const length = run.end - run.start;
    if (left < length || (ends && left === length)) return run.start + left;
    left -= length;
  }
  return runs.at(-1)?.end ?? block.end;
}

/** A selected stretch without the blanks around it; null when nothing else is in it. */
export function trimmed(text: string, start: number, end: number): { start: number; end: number } | null {
  const inside = text.slice(start, end);
  const from = start + (inside.length - inside.trimStart().length);
  const to = end - (inside.length - inside.trimEnd().length);
  return from < to ? { start: from, end: to } : null;
}
