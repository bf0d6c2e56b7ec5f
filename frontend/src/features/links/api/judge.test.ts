import { expect, test } from "vitest";
import { judge } from "./judge";

const job = (url: string, verdict: "new" | "repeated" | "already_here", document_id: number | null = null) => ({ url, verdict, document_id, job_id: null });

test("the same line twice gets both of its verdicts, in their order", () => {
  const answer = { batch_id: null, job_id: null, total: 3, queued: 1, jobs: [job("a", "new"), job("a", "repeated"), job("b", "already_here", 7)], errors: [] };
  expect(judge(["a", "a", "b"], answer).map((one) => [one.verdict, one.documentId])).toEqual([["new", null], ["repeated", null], ["already_here", 7]]);
});

test("what is refused says why, and what is not known yet has no verdict", () => {
  const answer = { batch_id: null, job_id: null, total: 2, queued: 0, jobs: [], errors: [{ url: "x y", code: "invalid_url", message: "No address." }, { url: "http://10.0.0.1", code: "blocked_address", message: "Private." }] };
  expect(judge(["x y", "http://10.0.0.1", "later"], answer)).toMatchObject([
    { verdict: "not_an_address", message: "No address." },
    { verdict: "refused", message: "Private." },
    { verdict: null },
  ]);
});
