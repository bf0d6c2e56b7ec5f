import type { MapDocument } from "@/client/types";

/** The documents of the map as columns of numbers: five thousand of them are drawn and searched in each frame. */
export interface Points {
  count: number;
  id: Int32Array;
  x: Float32Array;
  y: Float32Array;
  cluster: Int32Array;
  sub: Int32Array;
  colour: Uint8Array;
  documents: readonly MapDocument[];
}

export const COLOURS = 10;
export const UNPLACED = COLOURS;
const CELLS = 64;

/** Sorted by colour, so that a frame changes the brush eleven times at most. */
export function pointsOf(given: readonly MapDocument[]): Points {
  const colourOf = (one: MapDocument) => (one.cluster_id ? one.cluster_id % COLOURS : UNPLACED);
  const documents = [...given].sort((a, b) => colourOf(a) - colourOf(b));
  return {
    count: documents.length,
    documents,
    id: Int32Array.from(documents, (one) => one.document_id),
    x: Float32Array.from(documents, (one) => one.x),
    y: Float32Array.from(documents, (one) => one.y),
    cluster: Int32Array.from(documents, (one) => one.cluster_id ?? 0),
    sub: Int32Array.from(documents, (one) => one.subcluster_id ?? 0),
    colour: Uint8Array.from(documents, colourOf),
  };
}

/** Which points lie in which square of a grid; what is near the pointer is found without looking at all of them. */
export class Grid {
  readonly #cells = new Map<number, number[]>();

  constructor(readonly points: Points) {
    for (let index = 0; index < points.count; index += 1) {
      const cell = this.#at(points.x[index]!) * CELLS + this.#at(points.y[index]!);
      const there = this.#cells.get(cell);
      if (there) there.push(index);
      else this.#cells.set(cell, [index]);
    }
  }

  #at(value: number): number {
    return Math.min(CELLS - 1, Math.max(0, Math.floor(value * CELLS)));
  }

  /** The index of the point nearest to (x, y) within `reach`, all in units of the map; -1 when there is none. */
  nearest(x: number, y: number, reach: number, among: (index: number) => boolean = () => true): number {
    let best = -1;
    let least = reach * reach;
    for (let column = this.#at(x - reach); column <= this.#at(x + reach); column += 1) {
      for (let row = this.#at(y - reach); row <= this.#at(y + reach); row += 1) {
        for (const index of this.#cells.get(column * CELLS + row) ?? []) {
          const away = (this.points.x[index]! - x) ** 2 + (this.points.y[index]! - y) ** 2;
          if (away <= least && among(index)) [best, least] = [index, away];
        }
      }
    }
    return best;
  }
}
