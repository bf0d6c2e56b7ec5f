import { expect, test } from "vitest";
import { blocksOf } from "./blocks";

const TEXT = `# Title

First line of prose that is long enough to be wrapped prose
and goes on here.

- one
- two **bold**

| a | b |
|---|---|
| 1 | 2 |

\`\`\`
code <b>here</b>
\`\`\``;

const shown = (text: string) =>
  blocksOf(text).map((block) => [block.kind, ...block.rows.map((row) => row.map((cell) => cell.map((run) => text.slice(run.start, run.end)).join("").trim()).join("/"))]);

test("headings, prose, lists, tables and code are told apart", () => {
  expect(shown(TEXT)).toEqual([
    ["heading", "Title"],
    ["paragraph", "First line of prose that is long enough to be wrapped prose\nand goes on here."],
    ["list", "one", "two bold"],
    ["table", "a/b", "1/2"],
    ["code", "code <b>here</b>"],
  ]);
});

test("every run keeps its place in the text, so that a quote can be marked", () => {
  const bold = blocksOf(TEXT).flatMap((block) => block.rows.flat(2)).find((run) => run.look === "strong");
  expect(TEXT.slice(bold?.start, bold?.end)).toBe("bold");
});

test("short lines keep their breaks, wrapped prose flows", () => {
  expect(blocksOf("Ada Lovelace\n12 St James Square\nLondon")[0]?.keepBreaks).toBe(true);
  expect(blocksOf(TEXT)[1]?.keepBreaks).toBe(false);
});

test("no text is lost: every line that is not a marker is in some block", () => {
  const text = "# a\nb\n* c\n   d\n> e\n1) f\n---\ng | h\n";
  const all = shown(text).flat().join(" ");
  for (const letter of ["a", "b", "c", "d", "e", "f", "g | h"]) expect(all).toContain(letter);
});

test("odd input gives blocks and not a fault", () => {
  for (const odd of ["", "\n\n", "```", "|", "#", "- ", "**", "[](", "> "]) expect(() => blocksOf(odd)).not.toThrow();
});
