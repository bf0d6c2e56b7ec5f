import { describe, expect, test } from "vitest";
import { askedOf, chosenOf, dayOf, readView, writeView } from "./board-view";

const read = (text: string) => readView(new URLSearchParams(text));

describe("the address of the board", () => {
  test("whatever is chosen comes back from its own address", () => {
    const text = "q=tide+tables&view=map&cluster=3&subcluster=9&concept=4&tag=5&type=pdf&language=en&source=a.example&since=2026-01-02&until=2026-02-03&sort=title&document=7&at=10-20";
    const view = read(text);
    expect(readView(new URLSearchParams(writeView(view).slice(2)))).toEqual(view);
    expect(writeView(view)).toBe(`/?${text}`);
  });

  test("nonsense in an address is no filter", () => {
    expect(chosenOf(read("cluster=x&tag=-1&since=yesterday&view=globe"))).toEqual({});
    expect(writeView(read("view=globe"))).toBe("/");
  });

  test("a last day is asked for to its end, and comes back as that day", () => {
    const { since, until } = askedOf(read("since=2026-01-02&until=2026-01-02"));
    expect(Date.parse(until!) - Date.parse(since!)).toBe(86_400_000);
    expect([dayOf(since), dayOf(until, true), dayOf("never")]).toEqual(["2026-01-02", "2026-01-02", null]);
  });
});
