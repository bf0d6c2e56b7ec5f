import { describe, expect, test } from "vitest";
import type { MapDocument } from "@/client/types";
import { Grid, namedOn, pointsOf } from "./points";

const at = (document_id: number, x: number, y: number, cluster_id: number | null = 1): MapDocument =>
  ({ document_id, title: `Document ${document_id}`, media_type: "text/plain", x, y, cluster_id, subcluster_id: null });

describe("the documents of the map", () => {
  test("what is nearest to the pointer is found as by looking at all of them", () => {
    let seed = 7;
    const next = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const points = pointsOf(Array.from({ length: 500 }, (_, index) => at(index + 1, next(), next())));
    const grid = new Grid(points);
    for (let probe = 0; probe < 200; probe += 1) {
      const [x, y] = [next(), next()];
      const distances = Array.from(points.x, (px, index) => Math.hypot(px - x, points.y[index]! - y));
      const least = Math.min(...distances);
      const found = grid.nearest(x, y, 0.05);
      if (least > 0.05) expect(found).toBe(-1);
      else expect(distances[found]).toBeCloseTo(least, 6);
    }
  });

  test("they are sorted by colour and those without a cluster come last", () => {
    const points = pointsOf([at(1, 0, 0, null), at(2, 0, 0, 13), at(3, 0, 0, 2)]);
    expect([...points.id]).toEqual([3, 2, 1]);
    expect([...points.colour]).toEqual([2, 3, 10]);
  });

  test("documents in one place fan out so that each has its own, and none goes far", () => {
    const points = pointsOf(Array.from({ length: 30 }, (_, index) => at(index + 1, 0.5, 0.5)));
    const places = new Set(Array.from(points.x, (x, index) => `${x.toFixed(4)} ${points.y[index]!.toFixed(4)}`));
    expect(places.size).toBe(30);
    expect(Math.max(...Array.from(points.x, (x, index) => Math.hypot(x - 0.5, points.y[index]! - 0.5)))).toBeLessThan(0.04);
  });

  test("a cluster the map does not know yet is named amid its documents", () => {
    const map = { documents: [at(1, 0.2, 0.4, 7), at(2, 0.4, 0.6, 7), at(3, 0.9, 0.9, 8)], clusters: [{ id: 8, name: "Eight", x: 0.9, y: 0.9, document_count: 1, parent_id: null }] };
    const named = namedOn(map, [{ id: 7, name: "Seven", document_count: 2 }, { id: 8, name: "Eight", document_count: 1 }, { id: 9, name: "Empty", document_count: 0 }]);
    expect(named.map((one) => one.name)).toEqual(["Eight", "Seven"]);
    expect(named[1]!.x).toBeCloseTo(0.3);
    expect(named[1]!.y).toBeCloseTo(0.5);
  });

  test("a dimmed document does not stand in the way of one that is lit", () => {
    const grid = new Grid(pointsOf([at(1, 0.5, 0.5), at(2, 0.51, 0.5)]));
    expect(grid.nearest(0.5, 0.5, 0.1, (index) => grid.points.id[index] === 2)).toBe(1);
  });
});
