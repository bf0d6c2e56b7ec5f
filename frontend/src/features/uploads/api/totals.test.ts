import { expect, test } from "vitest";
import type { JobItem } from "@/client/types";
import type { Upload } from "./queue";
import { totalsOf } from "./totals";

const upload = (more: Partial<Upload>): Upload => ({
  id: "u", name: "a.pdf", size: 100, order: 1, sent: 0, startedAt: 0, state: "waiting", jobId: null, duplicateOf: null, problem: null, ...more,
});
const job = (state: JobItem["state"]) => ({ state }) as JobItem;

test("a row is counted once: while it is sent, then as its job", () => {
  const jobs = new Map([["j1", job("SUCCESS")], ["j2", job("FAILURE")], ["j3", job("PROCESSING")]]);
  const all = [
    upload({ state: "sending", sent: 40, startedAt: 0 }),
    upload({ state: "accepted", jobId: "j1" }),
    upload({ state: "accepted", jobId: "j2" }),
    upload({ state: "accepted", jobId: "j3" }),
    upload({ state: "cancelled" }),
  ];
  const totals = totalsOf(all, jobs, 2000);
  expect(totals).toMatchObject({ sending: 1, waiting: 0, bytes: 100, sent: 40, done: 2, failed: 1, working: 1, speed: 20 });
});

test("the speed is not told before it can be", () => {
  expect(totalsOf([upload({ state: "sending", startedAt: 1000 })], new Map(), 1000).speed).toBeNull();
});
