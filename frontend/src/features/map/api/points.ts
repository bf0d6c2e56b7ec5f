import type { BoardMap, MapCluster, MapDocument } from "@/client/types";

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

const HAIR = 500;
const APART = 0.006;
const GOLDEN = Math.PI * (3 - Math.sqrt(5));

/** Documents that lie in one place fan out around it, so that each can be seen and pointed at. */
function fanned(documents: readonly MapDocument[]): MapDocument[] {
  const there = new Map<number, number>();
  return documents.map((one) => {
    const place = Math.round(one.x * HAIR) * HAIR * 2 + Math.round(one.y * HAIR);
    const before = there.get(place) ?? 0;
    there.set(place, before + 1);
    if (before === 0) return one;
    const away = APART * Math.sqrt(before);
    return { ...one, x: one.x + away * Math.cos(before * GOLDEN), y: one.y + away * Math.sin(before * GOLDEN) };
  });
}

/** The clusters with a place for each name; those the map does not know (yet) are named amid their documents. */
export function namedOn(map: Pick<BoardMap, "clusters" | "documents">, clusters: ReadonlyArray<{ id: number; name: string; document_count: number }>): MapCluster[] {
  const known = new Set(map.clusters.map((one) => one.id));
  const sums = new Map<number, { x: number; y: number; count: number }>();
  for (const { cluster_id: id, x, y } of map.documents) {
    if (id === null || known.has(id)) continue;
    const sum = sums.get(id) ?? { x: 0, y: 0, count: 0 };
    sums.set(id, { x: sum.x + x, y: sum.y + y, count: sum.count + 1 });
  }
  const added = clusters.flatMap(({ id, name, document_count }) => {
    const sum = sums.get(id);
    return sum ? [{ id, name, document_count, parent_id: null, x: sum.x / sum.count, y: sum.y / sum.count }] : [];
  });
  return [...map.clusters, ...added];
}

/** Sorted by colour, so that a frame changes the brush eleven times at most. */
export function pointsOf(given: readonly MapDocument[]): Points {
  const colourOf = (one: MapDocument) => (one.cluster_id ? one.cluster_id % COLOURS : UNPLACED);
  const documents = fanned(given).sort((a, b) => colourOf(a) - colourOf(b));
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
