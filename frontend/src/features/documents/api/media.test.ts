import { expect, test } from "vitest";
import type { PageBox } from "@/client/types";
import { markedBoxes, partAt, videoOf, watchAt } from "./media";

const box = (text: string): PageBox => [text, 0, 0, 0.1, 0.1];
const words = (marked: readonly PageBox[]) => marked.map(([text]) => text);

test("searched words are found on a page in every case and form", () => {
  const page = ["The", "EARTHWORM", "makes", "burrows,", "Büro"].map(box);
  expect(words(markedBoxes(page, "earthworms burrow buro", ""))).toEqual(["EARTHWORM", "burrows,", "Büro"]);
});

test("a passage is found where its words stand together, even when one was misread", () => {
  const page = ["of", "tar", "Rope,", "tur", "and", "patience", "of", "tar"].map(box);
  expect(words(markedBoxes(page, "", "rope, tar and patience"))).toEqual(["Rope,", "tur", "and", "patience"]);
  expect(markedBoxes(page, "", "nothing of this kind")).toEqual([]);
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
