import type { JobDetail } from "@/client/types";

type Unit = JobDetail["units"][number];

export interface Cell {
  span: string;
  label: string;
  state: "done" | "running" | "waiting" | "failed" | "cancelled";
  message: string;
  /** Seconds of sound this part holds; 0 for what is no sound. */
  seconds: number;
}

const STATES: Record<Unit["state"], Cell["state"]> = { SUCCESS: "done", PROCESSING: "running", PENDING: "waiting", RETRY: "waiting", FAILURE: "failed", REVOKED: "cancelled" };

const clock = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** The units of a job in their order: pages by number, stretches of sound by their seconds, members by name. */
export function cellsOf(units: readonly Unit[], kind: string | null): Cell[] {
  const sound = /second|minute|sound|speech|audio/.test(kind ?? "");
  const cells = units.map((unit): Cell & { from: number } => {
    const numbers = [...unit.span.matchAll(/\d+(?:\.\d+)?/g)].map((match) => Number(match[0]));
    const [from = Number.NaN, to = Number.NaN] = numbers;
    const timed = sound && numbers.length >= 2;
    return {
      span: unit.span,
      label: timed ? `${clock(from)} to ${clock(to)}` : unit.span,
      state: STATES[unit.state],
      message: typeof unit.error?.message === "string" ? unit.error.message : "",
      seconds: timed ? Math.max(0, to - from) : 0,
      from,
    };
  });
  return cells.sort((a, b) => (Number.isFinite(a.from) && Number.isFinite(b.from) ? a.from - b.from : a.span.localeCompare(b.span)));
}

/** "12 of 40 min transcribed"; "" for what is no sound. */
export function soundWords(cells: readonly Cell[]): string {
  const total = cells.reduce((sum, cell) => sum + cell.seconds, 0);
  if (total === 0) return "";
  const done = cells.reduce((sum, cell) => sum + (cell.state === "done" ? cell.seconds : 0), 0);
  return `${Math.round(done / 60)} of ${Math.max(1, Math.round(total / 60))} min transcribed`;
}
