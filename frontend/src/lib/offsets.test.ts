import { expect, test } from "vitest";
import { markPieces, unitOffsets } from "./offsets";

test("character offsets are string indexes while all characters are small", () => {
  expect(unitOffsets("plain", [0, 3, 99])).toEqual([0, 3, 5]);
});

test("offsets after an emoji count it as one character, as the server does", () => {
  const text = "a\u{1F600}b";
  const [start, end] = unitOffsets(text, [2, 3]);
  expect(text.slice(start, end)).toBe("b");
});

test("marks may overlap and come in any order", () => {
  const pieces = markPieces("compost soil", [[8, 12], [0, 7], [2, 5]]);
  expect(pieces.filter((one) => one.marked).map((one) => one.text)).toEqual(["compost", "soil"]);
  expect(pieces.map((one) => one.text).join("")).toBe("compost soil");
});
