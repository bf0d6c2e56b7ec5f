import type { JobDetail } from "@/client/types";
import { clock } from "@/lib/format";

type Unit = JobDetail["units"][number];

export interface Cell {
  span: string;
  label: string;
  state: "done" | "running" | "waiting" | "failed" | "cancelled";
  message: string;
  /** Seconds of sound this part holds; 0 for what is no sound. */
  seconds: number;
}

const SOUND = /second|minute|sound|speech|audio/;
const STATES: Record<Unit["state"], Cell["state"]> = { SUCCESS: "done", PROCESSING: "running", PENDING: "waiting", RETRY: "waiting", FAILURE: "failed", REVOKED: "cancelled" };

const RANGE = /^(\d+(?::\d+)*(?:\.\d+)?)\s*-\s*(\d+(?::\d+)*(?:\.\d+)?)$/;
const secondsOf = (time: string): number => time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);

/** The units of a job in their order: pages by number, stretches of sound ("4:58-10:01") by their time, members by name. */
export function cellsOf(units: readonly Unit[], kind: string | null): Cell[] {
  const sound = SOUND.test(kind ?? "");
  const cells = units.map((unit): Cell & { from: number } => {
    const range = RANGE.exec(unit.span);
    const timed = range !== null && (sound || unit.span.includes(":"));
    const [from, to] = range ? [secondsOf(range[1]!), secondsOf(range[2]!)] : [Number(/\d+/.exec(unit.span)?.[0] ?? Number.NaN), 0];
    return {
      span: unit.span,
      label: timed ? `${clock(from)} to ${clock(to)}` : unit.span.replace(/^page\s+/, ""),
      state: STATES[unit.state],
      message: typeof unit.error?.message === "string" ? unit.error.message : "",
      seconds: timed ? Math.max(0, to - from) : 0,
      from,
    };
  });
  const named = cells.some((cell) => Number.isNaN(cell.from)) || /member|file/.test(kind ?? "");
  return cells.sort((a, b) => (named ? a.span.localeCompare(b.span, "en", { numeric: true }) : a.from - b.from));
}

/** "12 of 40 min transcribed"; "" for what is no sound. */
export function soundWords(cells: readonly Cell[]): string {
  const total = cells.reduce((sum, cell) => sum + cell.seconds, 0);
  if (total === 0) return "";
  const done = cells.reduce((sum, cell) => sum + (cell.state === "done" ? cell.seconds : 0), 0);
  return `${Math.round(done / 60)} of ${Math.max(1, Math.round(total / 60))} min transcribed`;
}
