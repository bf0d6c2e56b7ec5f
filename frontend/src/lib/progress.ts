/** Percent and stages of a job as people see them: never NaN, never falling, 100 only when done. */

export interface StageName {
  name: string;
  label: string;
  from: number;
}

/** The stages of an ingest and the percent at which each begins. */
export const INGEST: readonly StageName[] = [
  { name: "decoding", label: "Open", from: 10 },
  { name: "extracting_text", label: "Read", from: 25 },
  { name: "ai_analysis", label: "Concepts", from: 50 },
  { name: "clustering", label: "Place", from: 75 },
  { name: "saving", label: "Save", from: 90 },
];

const FETCH: StageName = { name: "downloading", label: "Fetch", from: 5 };
/** What reading is called when it is more than taking text out of a file. */
const READING: Record<string, string> = { ocr: "Recognise", transcribing: "Transcribe" };

/** Work on the whole board is one bar: how far it is says more than what it is doing. */
const WHOLE: Record<string, string> = {
  find_duplicates_background: "Compare",
  recluster_board: "Group",
  refresh_analytics: "Count",
  reembed_board: "Read anew",
  apply_tag: "Tag",
};

/** The stages of a job of this kind, which is now in `stage`. */
export function stagesOf(kind: string, stage: string): readonly StageName[] {
  const whole = WHOLE[kind];
  if (whole) return [{ name: stage, label: whole, from: 0 }];
  const reading = kind === "process_image_upload" ? "ocr" : stage;
  const label = READING[reading];
  const stages = label ? INGEST.map((one) => (one.name === "extracting_text" ? { ...one, name: reading, label } : one)) : INGEST;
  return kind === "process_url_upload" ? [FETCH, ...stages] : stages;
}

/** A stage's name for people, whatever the kind of job. */
export function stageLabel(name: string): string {
  return [FETCH, ...INGEST].find((one) => one.name === name)?.label ?? READING[name] ?? name.replaceAll("_", " ");
}

export type StageState = "waiting" | "running" | "done" | "failed" | "stopped";

export interface StageView extends StageName {
  fill: number;
  state: StageState;
}

const highest = new Map<string, number>();

/** The highest percent seen for `id`, so that a late or odd answer never moves a bar back. */
export function steadyPercent(id: string, percent: number, state: string): number {
  if (state === "SUCCESS") return 100;
  const now = Number.isFinite(percent) ? Math.min(99, Math.max(0, percent)) : 0;
  const best = Math.max(now, highest.get(id) ?? 0);
  highest.set(id, best);
  return best;
}

/** How each stage stands: only the stage that failed is failed, those before it are done. */
export function stageViews(stages: readonly StageName[], percent: number, state: string, stage: string): StageView[] {
  const named = stages.findIndex((one) => one.name === stage);
  const byPercent = stages.findLastIndex((one) => percent >= one.from);
  const here = Math.max(named >= 0 ? named : byPercent, 0);
  return stages.map((one, index) => {
    const to = stages[index + 1]?.from ?? 100;
    const share = Math.min(1, Math.max(0, (percent - one.from) / (to - one.from)));
    if (state === "SUCCESS") return { ...one, fill: 1, state: "done" };
    if (state === "PENDING" && percent === 0) return { ...one, fill: 0, state: "waiting" };
    if (index < here) return { ...one, fill: 1, state: "done" };
    if (index > here) return { ...one, fill: 0, state: "waiting" };
    if (state === "FAILURE") return { ...one, fill: Math.max(share, 0.12), state: "failed" };
    if (state === "REVOKED") return { ...one, fill: share, state: "stopped" };
    return { ...one, fill: share, state: "running" };
  });
}
