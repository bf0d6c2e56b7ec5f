import { expect, test } from "vitest";
import { foldedRows } from "./folding";

const rows = (kinds: string) => [...kinds].map((letter) => ({ kind: letter === "s" ? "same" : "changed" }));
const shape = (kinds: string, opened: number[] = []) =>
  foldedRows(rows(kinds), new Set(opened)).map((one) => ("folded" in one ? `(${one.folded})` : one.row.kind[0])).join("");

test("equal rows between differences are folded, but for one beside each", () => {
  expect(shape("csssssc")).toBe("cs(3)sc");
});

test("equal rows at the ends are folded up to the first and from the last difference", () => {
  expect(shape("sssscssss")).toBe("(3)scs(3)");
});

test("a few equal rows are not worth a fold", () => {
  expect(shape("csssc")).toBe("csssc");
  expect(shape("ss")).toBe("ss");
});

test("texts that are wholly equal are one fold, and it opens", () => {
  expect(shape("ssssss")).toBe("(6)");
  expect(shape("ssssss", [0])).toBe("ssssss");
});

test("no row is lost, whatever is open", () => {
  for (const kinds of ["", "c", "scsccssssscs", "sssscsssssssc"]) {
    const shown = foldedRows(rows(kinds), new Set());
    expect(shown.reduce((sum, one) => sum + ("folded" in one ? one.folded : 1), 0)).toBe(kinds.length);
  }
});
