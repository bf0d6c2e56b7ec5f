import { expect, test } from "vitest";
import { blocksOf } from "./blocks";
import { pointOffset, unitOffsets } from "./offsets";
import { textOffset, trimmed } from "./selection";

const TEXT = "Plain **bold** end\n\n- one\n- two\n\n| a | b |\n|---|---|\n| c | d |";

/** The text that a selection from drawn character `from` to `to` of a block stands for. */
function selected(block: number, from: number, to: number): string {
  const one = blocksOf(TEXT)[block]!;
  return TEXT.slice(textOffset(one, from, false), textOffset(one, to, true));
}

test("a selection over emphasis takes the marks between along, and never half of one", () => {
  expect(selected(0, 6, 10)).toBe("bold");
  expect(selected(0, 0, 6)).toBe("Plain ");
  expect(selected(0, 0, 14)).toBe("Plain **bold** end");
});

test("items of a list and cells of a table keep their places", () => {
  expect(selected(1, 3, 6)).toBe("two");
  expect(selected(1, 0, 6)).toBe("one\n- two");
  expect(selected(2, 6, 9).trim()).toBe("c");
});

test("a place behind the last character is the end of the block", () => {
  expect(selected(1, 3, 99)).toBe("two");
});

test("blanks at both ends are left out, and blanks alone are nothing", () => {
  expect(trimmed("a  bc  d", 1, 7)).toEqual({ start: 3, end: 5 });
  expect(trimmed("a   d", 1, 4)).toBeNull();
});

test("indexes become the server's characters and back, behind a letter of two halves too", () => {
  const text = "a𝒳b𝒳c";
  for (const at of [0, 1, 3, 4, 6, 7]) expect(unitOffsets(text, [pointOffset(text, at)])).toEqual([at]);
  expect(pointOffset(text, 7)).toBe(5);
});
