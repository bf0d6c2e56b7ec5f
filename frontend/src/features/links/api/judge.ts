import type { LinksTaken, Verdict } from "@/client/types";

export interface Judged {
  line: string;
  /** null while it is not known yet. */
  verdict: Verdict | "refused" | null;
  documentId: number | null;
  message: string;
}

/** Puts the server's verdicts to the lines they are about; the same line twice gets its verdicts in their order. */
export function judge(lines: readonly string[], answer: LinksTaken | undefined): Judged[] {
  const known = new Map<string, Judged[]>();
  const note = (line: string, judged: Judged) => known.set(line, [...(known.get(line) ?? []), judged]);
  const wrong = new Map((answer?.errors ?? []).map((one) => [one.url, one]));
  for (const one of answer?.jobs ?? []) {
    const message = wrong.get(one.url)?.message ?? "";
    note(one.url, { line: one.url, verdict: one.verdict, documentId: one.document_id, message });
  }
  for (const one of answer?.errors ?? []) {
    if (!known.has(one.url)) note(one.url, { line: one.url, verdict: one.code === "invalid_url" ? "not_an_address" : "refused", documentId: null, message: one.message });
  }
  return lines.map((line) => {
    const mine = known.get(line);
    const first = mine && mine.length > 1 ? mine.shift() : mine?.[0];
    return first ? { ...first, line } : { line, verdict: null, documentId: null, message: "" };
  });
}
