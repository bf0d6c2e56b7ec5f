import { describe, expect, test } from "vitest";
import { placed, type Wish } from "./labels";

const size = { width: 400, height: 300 };
const wish = (key: string, x: number, y: number, weight = 1): Wish => ({ key, x, y, weight, width: 80, height: 20 });

describe("names on the map", () => {
  test("none lies over another, however crowded it is", () => {
    const wishes = Array.from({ length: 60 }, (_, index) => wish(`n${index}`, 60 + ((index * 37) % 280), 30 + ((index * 53) % 240)));
    const boxes = placed(wishes, size);
    expect(boxes.length).toBeGreaterThan(8);
    for (const [index, a] of boxes.entries()) {
      for (const b of boxes.slice(index + 1)) expect(Math.abs(a.left - b.left) >= 80 || Math.abs(a.top - b.top) >= 20).toBe(true);
    }
  });

  test("the heavier name gets the place, the lighter one moves beside it", () => {
    const [first, second] = placed([wish("light", 200, 150, 1), wish("heavy", 200, 150, 9)], size);
    expect(first).toEqual({ key: "heavy", left: 160, top: 140 });
    expect(second?.key).toBe("light");
    expect(second?.top).toBe(116);
  });

  test("a name at the edge is moved inside, one of what is out of sight is left out", () => {
    expect(placed([wish("edge", 10, 150), wish("out", -3, 40)], size)).toEqual([{ key: "edge", left: 0, top: 140 }]);
  });

  test("a name for beside does not cover what it names", () => {
    const [one] = placed([{ ...wish("few", 200, 150), beside: true }], size);
    expect(one!.top + 20).toBeLessThan(150);
  });
});
