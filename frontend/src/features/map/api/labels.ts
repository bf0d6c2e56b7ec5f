import type { Size } from "./camera";

/** A name that wants a place: `x`, `y` the pixel it belongs to; heavier ones choose first. `beside`: rather next to it than on it. */
export interface Wish { key: string; width: number; height: number; x: number; y: number; weight: number; beside?: boolean }
export interface Placed { key: string; left: number; top: number }

/** How many heights a name is lifted, in the order they are tried: on its place, above, below; or the other way round. */
const ON = [0, -1, 1];
const BESIDE = [-0.85, 0.85, 0];

/**
 * Names on or beside what they name, none over another; who finds no place, or belongs to what is out of sight, is left
 * out. One at the edge is moved inside. Heaviest first, so that nothing flickers while one pans.
 */
export function placed(wishes: readonly Wish[], size: Size, gap = 4): Placed[] {
  const taken: { left: number; top: number; right: number; bottom: number }[] = [];
  const result: Placed[] = [];
  for (const wish of [...wishes].sort((a, b) => b.weight - a.weight || (a.key < b.key ? -1 : 1))) {
    if (wish.x < 0 || wish.y < 0 || wish.x > size.width || wish.y > size.height || wish.width > size.width) continue;
    for (const lift of wish.beside ? BESIDE : ON) {
      const left = Math.min(Math.max(0, wish.x - wish.width / 2), size.width - wish.width);
      const top = Math.min(Math.max(0, wish.y - wish.height / 2 + lift * (wish.height + gap)), size.height - wish.height);
      const box = { left, top, right: left + wish.width, bottom: top + wish.height };
      if (taken.some((other) => box.left < other.right + gap && other.left < box.right + gap && box.top < other.bottom + gap && other.top < box.bottom + gap)) continue;
      taken.push(box);
      result.push({ key: wish.key, left, top });
      break;
    }
  }
  return result;
}
