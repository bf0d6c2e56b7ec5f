import { expect, test } from "vitest";
import { cellsOf, soundWords } from "./grid";

const unit = (span: string, state: "SUCCESS" | "PROCESSING" | "PENDING" | "FAILURE", error: Record<string, unknown> | null = null) => ({ span, state, attempt: 1, error, reused: false });

test("pages stand in the order of their numbers, each with its state and its reason", () => {
  const cells = cellsOf([unit("page 10", "PENDING"), unit("page 2", "FAILURE", { message: "Too dark." }), unit("page 1", "SUCCESS")], "page");
  expect(cells.map((cell) => [cell.label, cell.state, cell.message])).toEqual([["1", "done", ""], ["2", "failed", "Too dark."], ["10", "waiting", ""]]);
  expect(soundWords(cells)).toBe("");
});

test("stretches of sound are told by the clock, and what is done in minutes", () => {
  const cells = cellsOf([unit("300-600", "PROCESSING"), unit("0-300", "SUCCESS")], "seconds");
  expect(cells.map((cell) => cell.label)).toEqual(["0:00 to 5:00", "5:00 to 10:00"]);
  expect(soundWords(cells)).toBe("5 of 10 min transcribed");
});

test("stretches that are named by the clock are in its order, and members by their names", () => {
  const cells = cellsOf([unit("1:04:58-1:10:01", "PENDING"), unit("4:58-10:01", "SUCCESS")], "minutes");
  expect(cells.map((cell) => [cell.label, cell.seconds])).toEqual([["4:58 to 10:01", 303], ["1:04:58 to 1:10:01", 303]]);
  const members = cellsOf([unit("b 2.txt", "PENDING"), unit("b 10.txt", "SUCCESS"), unit("a.txt", "SUCCESS")], "member");
  expect(members.map((cell) => cell.label)).toEqual(["a.txt", "b 2.txt", "b 10.txt"]);
});
