import type { Analytics } from "@/client/types";
import { ago, duration } from "@/lib/format";
import { Figure } from "./figure";

const WORDS: Record<string, string> = { uploads: "Reading", analysis: "Understanding", low_priority: "Background" };
const seconds = (value: number | null | undefined) => (value === null || value === undefined ? "–" : duration(value));

/** How long jobs wait for a worker and how long they run: half of them at most so long (p50), nearly all (p95). */
export function Queues({ queues }: { queues: Analytics["queues"] }) {
  const most = Math.max(0.001, ...queues.flatMap((one) => [one.wait_p95 ?? 0, one.run_p95 ?? 0]));
  return (
    <Figure
      title="Queues"
      summary={queues.map((one) => `${WORDS[one.queue] ?? one.queue}: half waited at most ${seconds(one.wait_p50)}, nearly all at most ${seconds(one.wait_p95)}.`).join(" ")}
      rows={queues}
      keyOf={(one) => one.queue}
      empty="No job has run yet."
      columns={[
        { head: "Queue", cell: (one) => WORDS[one.queue] ?? one.queue },
        { head: "Jobs", number: true, cell: (one) => one.jobs.toLocaleString("en") },
        { head: "Wait p50", number: true, cell: (one) => seconds(one.wait_p50) },
        { head: "Wait p95", number: true, cell: (one) => seconds(one.wait_p95) },
        { head: "Run p50", number: true, cell: (one) => seconds(one.run_p50) },
        { head: "Run p95", number: true, cell: (one) => seconds(one.run_p95) },
      ]}
    >
      <ul className="queue-bars">
        {queues.map((one) => (
          <li key={one.queue}>
            <p><strong>{WORDS[one.queue] ?? one.queue}</strong> <span className="quiet small num">{one.jobs.toLocaleString("en")} {one.jobs === 1 ? "job" : "jobs"}</span></p>
            <Span label="waits" half={one.wait_p50} nearly={one.wait_p95} most={most} />
            <Span label="runs" half={one.run_p50} nearly={one.run_p95} most={most} />
          </li>
        ))}
      </ul>
      <p className="small quiet">The dark part is half of the jobs, the pale part 95 of 100.</p>
    </Figure>
  );
}

function Span({ label, half, nearly, most }: { label: string; half: number | null; nearly: number | null; most: number }) {
  return (
    <div className="span">
      <span className="small quiet">{label}</span>
      <i aria-hidden><b className="pale" style={{ transform: `scaleX(${(nearly ?? 0) / most})` }} /><b style={{ transform: `scaleX(${(half ?? 0) / most})` }} /></i>
      <span className="num small">{seconds(half)} / {seconds(nearly)}</span>
    </div>
  );
}

/** Why jobs failed, the most frequent cause first. */
export function Failures({ failures }: { failures: Analytics["failures"] }) {
  const sorted = [...failures].sort((a, b) => b.count - a.count);
  return (
    <Figure
      title="Failures"
      summary={sorted.map((one) => `${one.message} ${one.count} times.`).join(" ")}
      rows={sorted}
      keyOf={(one) => one.code}
      empty="Nothing has failed."
      columns={[
        { head: "Cause", cell: (one) => one.message },
        { head: "Code", cell: (one) => <code>{one.code}</code> },
        { head: "Times", number: true, cell: (one) => one.count.toLocaleString("en") },
        { head: "Last", number: true, cell: (one) => (one.last_at ? ago(one.last_at) : "–") },
      ]}
    >
      <ul className="failures">
        {sorted.map((one) => (
          <li key={one.code}><span className="num failure-count">{one.count.toLocaleString("en")}</span><span>{one.message}</span><span className="small quiet num">{one.last_at ? ago(one.last_at) : ""}</span></li>
        ))}
      </ul>
    </Figure>
  );
}
