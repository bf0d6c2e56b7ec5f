import { expect, test } from "vitest";
import type { JobItem } from "@/client/types";
import { Meter } from "./meter";
import { totalsOf } from "./totals";
import type { Upload } from "./upload";

const upload = (more: Partial<Upload>): Upload => ({
  id: "u", kind: "file", name: "a.pdf", size: 100, description: "", order: 1, sent: 0, speed: null, state: "waiting", jobId: null, duplicateOf: null, problem: null, ...more,
});
const job = (state: JobItem["state"]) => ({ state });

test("a row is counted once: while it is sent, then as its job", () => {
  const jobs = new Map([["j1", job("SUCCESS")], ["j2", job("FAILURE")], ["j3", job("PROCESSING")]]);
  const all = [
    upload({ state: "sending", sent: 40, speed: 20 }),
    upload({ state: "paused", sent: 10 }),
    upload({ state: "accepted", jobId: "j1" }),
    upload({ state: "accepted", jobId: "j2" }),
    upload({ state: "accepted", jobId: "j3" }),
    upload({ state: "cancelled" }),
  ];
  expect(totalsOf(all, jobs)).toMatchObject({ sending: 1, paused: 1, waiting: 0, bytes: 200, sent: 50, done: 2, failed: 1, working: 1, speed: 20 });
});

test("the speed is not told before it can be", () => {
  expect(new Meter().note(0, 1000)).toBeNull();
});

test("the speed is that of the last seconds, and begins anew when bytes are sent again", () => {
  const meter = new Meter();
  meter.note(0, 0);
  expect(meter.note(1000, 1000)).toBe(1000);
  for (let second = 2; second <= 12; second += 1) meter.note(1000 + second * 10, second * 1000);
  expect(meter.note(1130, 13_000)).toBeCloseTo(10);
  expect(meter.note(0, 14_000)).toBeNull();
});
