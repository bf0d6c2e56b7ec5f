import { expect, test } from "vitest";
import { cellsOf, soundWords } from "./grid";

const unit = (span: string, state: "SUCCESS" | "PROCESSING" | "PENDING" | "FAILURE", error: Record<string, unknown> | null = null) => ({ span, state, attempt: 1, error, reused: false });

test("pages stand in the order of their numbers, each with its state and its reason", () => {
  const cells = cellsOf([unit("10", "PENDING"), unit("2", "FAILURE", { message: "Too dark." }), unit("1", "SUCCESS")], "page");
  expect(cells.map((cell) => [cell.label, cell.state, cell.message])).toEqual([["1", "done", ""], ["2", "failed", "Too dark."], ["10", "waiting", ""]]);
  expect(soundWords(cells)).toBe("");
});

test("stretches of sound are told by the clock, and what is done in minutes", () => {
  const cells = cellsOf([unit("300-600", "PROCESSING"), unit("0-300", "SUCCESS")], "seconds");
  expect(cells.map((cell) => cell.label)).toEqual(["0:00 to 5:00", "5:00 to 10:00"]);
  expect(soundWords(cells)).toBe("5 of 10 min transcribed");
});
