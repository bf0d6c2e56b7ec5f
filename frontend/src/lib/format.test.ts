import { expect, test } from "vitest";
import { ago, bytes, duration, placeName, plainText, plural } from "./format";

test("sizes are short and never NaN", () => {
  expect([0, 999, 1500, 2_500_000, 3e9, Number.NaN].map(bytes)).toEqual(["0 B", "999 B", "2 kB", "2.5 MB", "3.00 GB", ""]);
});

test("durations are words", () => {
  expect([0.4, 9, 75, 600, 4800, Number.NaN].map(duration)).toEqual(["0.4 s", "9 s", "75 s", "10 min", "1 h 20 min", ""]);
});

test("one is singular", () => {
  expect([plural(1, "file"), plural(2, "file"), plural(1200, "file")]).toEqual(["1 file", "2 files", "1,200 files"]);
});

test("a time is told from now", () => {
  const now = Date.parse("2026-05-10T12:00:00Z");
  expect(ago("2026-05-10T11:59:50Z", now)).toBe("just now");
  expect(ago("2026-05-10T11:30:00Z", now)).toBe("30 min ago");
  expect(ago("not a time", now)).toBe("");
});

test("places have names, formats without places have none", () => {
  expect([placeName({ page: 3 }), placeName({ second: 61.5 }), placeName({}), placeName(null)]).toEqual(["page 3", "at 1:01", "", ""]);
});

test("a quoted line loses the marks of headings and keeps its words apart", () => {
  expect(plainText("# Heat ## After The **pump** runs at 5 # 3")).toBe("Heat · After The pump runs at 5 · 3");
});
