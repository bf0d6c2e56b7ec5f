import { describe, expect, test } from "vitest";
import { INGEST, stageLabel, stagesOf, stageViews, steadyPercent } from "./progress";

describe("percent", () => {
  test("never falls, however late an answer comes", () => {
    const shown = [10, 50, 30, Number.NaN, 62].map((percent) => steadyPercent("a", percent, "PROCESSING"));
    expect(shown).toEqual([10, 50, 50, 50, 62]);
  });

  test("is 100 only when the job is done", () => {
    expect(steadyPercent("b", 100, "PROCESSING")).toBe(99);
    expect(steadyPercent("b", 90, "SUCCESS")).toBe(100);
  });

  test("is a number for every input", () => {
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, -5, undefined as unknown as number]) {
      const shown = steadyPercent(`odd ${odd}`, odd, "PROCESSING");
      expect(shown).toBeGreaterThanOrEqual(0);
      expect(shown).toBeLessThanOrEqual(99);
    }
  });
});

describe("stages", () => {
  const states = (percent: number, state: string, stage: string) => stageViews(INGEST, percent, state, stage).map((one) => one.state);

  test("only the stage that failed is failed", () => {
    expect(states(30, "FAILURE", "extracting_text")).toEqual(["done", "failed", "waiting", "waiting", "waiting"]);
  });

  test("a stage the page does not know is found by its percent", () => {
    expect(states(60, "PROCESSING", "failed")).toEqual(["done", "done", "running", "waiting", "waiting"]);
  });

  test("a job that waits has no stage yet, and one that is done has all", () => {
    expect(states(0, "PENDING", "queued")).toEqual(Array(5).fill("waiting"));
    expect(states(90, "SUCCESS", "saving")).toEqual(Array(5).fill("done"));
  });

  test("a stage fills with its own share of the percent", () => {
    expect(stageViews(INGEST, 62.5, "PROCESSING", "ai_analysis")[2]?.fill).toBeCloseTo(0.5);
  });

  test("a link is fetched first, and pictures and sound are read in their own way", () => {
    expect(stagesOf("process_url_upload", "downloading").map((one) => one.label)).toEqual(["Fetch", "Open", "Read", "Concepts", "Place", "Save"]);
    expect(stagesOf("process_image_upload", "decoding")[1]?.label).toBe("Recognise");
    expect(stagesOf("process_file_upload", "transcribing")[1]).toMatchObject({ label: "Transcribe", from: 25 });
    expect(["downloading", "ocr", "transcribing", "saving", "odd_one"].map(stageLabel)).toEqual(["Fetch", "Recognise", "Transcribe", "Save", "odd one"]);
  });
});
