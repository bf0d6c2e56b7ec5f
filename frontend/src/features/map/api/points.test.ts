import { describe, expect, test } from "vitest";
import type { MapDocument } from "@/client/types";
import { Grid, pointsOf } from "./points";

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

  test("a dimmed document does not stand in the way of one that is lit", () => {
    const grid = new Grid(pointsOf([at(1, 0.5, 0.5), at(2, 0.51, 0.5)]));
    expect(grid.nearest(0.5, 0.5, 0.1, (index) => grid.points.id[index] === 2)).toBe(1);
  });
});
