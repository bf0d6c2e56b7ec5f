import { describe, expect, test } from "vitest";
import { grown, ticks } from "./growth";

describe("growth", () => {
  test("each day stands on the days before it, in whatever order they come", () => {
    const days = [{ day: "2026-03-02", documents: 5, bytes: 1 }, { day: "2026-03-01", documents: 2, bytes: 1 }];
    expect(grown(days).map((one) => one.documents)).toEqual([0, 2, 7]);
    expect(grown([])).toEqual([]);
  });

  test("the scale has round steps and room for the most", () => {
    for (const most of [0, 1, 3, 27, 99, 1840, 5000, 123_456]) {
      const found = ticks(most);
      expect(found.at(-1)).toBeGreaterThanOrEqual(most);
      expect(found.length).toBeLessThanOrEqual(6);
      expect(new Set(found).size).toBe(found.length);
      expect(found.every((one) => Number.isInteger(one))).toBe(true);
    }
  });
});
