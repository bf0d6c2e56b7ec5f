import type { Size } from "./camera";

/** A name that wants a place: `x`, `y` the pixel it belongs to; heavier ones choose first. */
export interface Wish { key: string; width: number; height: number; x: number; y: number; weight: number }
export interface Placed { key: string; left: number; top: number }

/**
 * Names beside what they name, none over another and none cut off by the edge; who finds no place is left out.
 * Each tries its own place first, then above and below it. Heaviest first, so that nothing flickers while one pans.
 */
export function placed(wishes: readonly Wish[], size: Size, gap = 4): Placed[] {
  const taken: { left: number; top: number; right: number; bottom: number }[] = [];
  const result: Placed[] = [];
  for (const wish of [...wishes].sort((a, b) => b.weight - a.weight || (a.key < b.key ? -1 : 1))) {
    for (const lift of [0, -1, 1]) {
      const left = wish.x - wish.width / 2;
      const top = wish.y - wish.height / 2 + lift * (wish.height + gap);
      const box = { left, top, right: left + wish.width, bottom: top + wish.height };
      if (box.left < 0 || box.top < 0 || box.right > size.width || box.bottom > size.height) continue;
      if (taken.some((other) => box.left < other.right + gap && other.left < box.right + gap && box.top < other.bottom + gap && other.top < box.bottom + gap)) continue;
      taken.push(box);
      result.push({ key: wish.key, left, top });
      break;
    }
  }
  return result;
}
