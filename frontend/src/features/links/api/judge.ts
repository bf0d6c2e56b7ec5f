import type { LinksTaken } from "@/client/types";

const VERDICTS = ["new", "already_here", "repeated", "not_an_address"] as const;
type Verdict = (typeof VERDICTS)[number];

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
  for (const { url, verdict, document_id } of answer?.jobs ?? []) {
    if (url) note(url, { line: url, verdict: VERDICTS.find((one) => one === verdict) ?? null, documentId: document_id, message: "" });
  }
  for (const { url, code, message } of answer?.errors ?? []) {
    if (url) note(url, { line: url, verdict: code === "invalid_url" ? "not_an_address" : "refused", documentId: null, message });
  }
  return lines.map((line) => {
    const mine = known.get(line);
    const first = mine && mine.length > 1 ? mine.shift() : mine?.[0];
    return first ? { ...first, line } : { line, verdict: null, documentId: null, message: "" };
  });
}
