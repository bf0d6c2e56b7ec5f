import { describe, expect, test } from "vitest";
import { between, boxOf, fit, held, panned, toMap, toScreen, WHOLE, zoomed } from "./camera";

const size = { width: 800, height: 500 };
const home = fit(WHOLE, size);

describe("the camera of the map", () => {
  test("what fits is inside the window, with its margin", () => {
    const camera = fit({ left: 0.2, top: 0.1, right: 0.9, bottom: 0.6 }, size, 40);
    const [left, top] = toScreen(camera, size, 0.2, 0.1);
    const [right, bottom] = toScreen(camera, size, 0.9, 0.6);
    expect(Math.min(left, size.width - right)).toBeGreaterThanOrEqual(40 - 1e-9);
    expect(Math.min(top, size.height - bottom)).toBeGreaterThanOrEqual(40 - 1e-9);
  });

  test("the place under the pointer stays while zooming", () => {
    const before = toMap(home, size, 123, 77);
    const after = toMap(zoomed(home, size, 123, 77, 3, home), size, 123, 77);
    expect(after[0]).toBeCloseTo(before[0], 10);
    expect(after[1]).toBeCloseTo(before[1], 10);
  });

  test("a map that is pulled follows the finger", () => {
    const [x, y] = toScreen(panned(home, 30, -12), size, 0.5, 0.5);
    expect([x, y]).toEqual([size.width / 2 + 30, size.height / 2 - 12]);
  });

  test("nobody gets lost: neither off the map nor endlessly deep", () => {
    const lost = held({ x: 7, y: -3, scale: 1e9 }, home);
    expect([lost.x, lost.y]).toEqual([1, 0]);
    expect(lost.scale).toBe(home.scale * 60);
  });

  test("one place alone, or none, is still a map", () => {
    expect(Number.isFinite(fit(boxOf([0.4], [0.4]), size).scale)).toBe(true);
    expect(boxOf([], [])).toEqual(WHOLE);
  });

  test("half of the way lies between both", () => {
    expect(between({ x: 0, y: 0, scale: 1 }, { x: 1, y: 1, scale: 4 }, 0.5)).toEqual({ x: 0.5, y: 0.5, scale: 2 });
  });
});
