import { expect, test } from "vitest";
import type { PageWord } from "@/client/types";
import { markedWords, pageOfMark, partAt, videoOf, watchAt } from "./media";

const page = ["The", "EARTHWORM", "makes", "burrows,", "Büro"].map((text, index): PageWord => ({ text, box: [0, 0, 9, 9], start: index * 10, end: index * 10 + 9 }));
const words = (marked: readonly PageWord[]) => marked.map(({ text }) => text);

test("searched words are marked on a page in every case and form", () => {
  expect(words(markedWords(page, "earthworms burrow buro", null))).toEqual(["EARTHWORM", "burrows,", "Büro"]);
});

test("without a search the words of the marked place are", () => {
  expect(words(markedWords(page, "", { start: 12, end: 25 }))).toEqual(["EARTHWORM", "makes"]);
  expect(markedWords(page, "", null)).toEqual([]);
});

test("what is spoken is the last part that has begun", () => {
  const parts = [0, 12.5, 40].map((second) => ({ start: 0, end: 1, place: { second } }));
  expect([0, 12.4, 12.5, 99].map((second) => partAt(parts, second))).toEqual([0, 0, 1, 2]);
  expect(partAt([{ start: 0, end: 1, place: { second: 3 } }], 1)).toBe(-1);
});

test("a video is known by its id, and its times lead to the second", () => {
  const video = videoOf({ details: { youtube: { id: "abc", captions: { automatic: true } } } });
  expect(video).toMatchObject({ id: "abc", captions: "automatic", channel: "" });
  expect(videoOf({ details: { youtube: "no" } })).toBeNull();
  expect(watchAt("abc", 61.9)).toBe("https://www.youtube.com/watch?v=abc&t=61s");
});

test("of the pages a place reaches over the one with the searched words is shown", () => {
  const text = "Of the wind and herring.\n\nA porpoise swam by.";
  const content = { text, language: "en", parts: [{ start: 0, end: 24, place: { page: 1 } }, { start: 26, end: text.length, place: { page: 2 } }] };
  expect(pageOfMark(content, { start: 0, end: text.length }, "porpoises")).toBe(2);
  expect(pageOfMark(content, { start: 0, end: text.length }, "")).toBe(1);
  expect(pageOfMark(content, { start: 30, end: 34 }, "wind")).toBe(2);
});
