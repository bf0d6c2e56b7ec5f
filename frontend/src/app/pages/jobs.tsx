import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { GROUPS, type Counts, type Group, useCounts } from "@/features/jobs/api/jobs";
import { BatchRow } from "@/features/batches/components/batch-row";
import { JobList } from "@/features/jobs/components/job-list";
import { plural } from "@/lib/format";
import { useTitle } from "@/lib/title";

const NAMES: Record<Group, string> = { attention: "Needs attention", running: "Running", waiting: "Waiting", done: "Done" };

export default function Jobs() {
  useTitle("Jobs");
  const [params, setParams] = useSearchParams();
  const counts = useCounts();
  const asked = GROUPS.find((group) => group === params.get("show"));
  const [first, setFirst] = useState<Group | null>(null);
  // the tab is chosen once, when the counts are known: it must not jump while jobs move on
  if (first === null && counts) setFirst(firstTab(counts));
  const group = asked ?? first ?? "running";
  const q = params.get("q") ?? "";
  const at = (next: Group) => `?${new URLSearchParams({ show: next, ...(q ? { q } : {}) })}`;
  return (
    <>
      <header className="page-head">
        <h1>Jobs</h1>
        <p className="quiet num">{counts ? nowWords(counts) : ""}</p>
      </header>
      <nav className="tabs" aria-label="Jobs by state">
        {GROUPS.map((one) => (
          <Link key={one} to={at(one)} aria-current={one === group ? "page" : undefined}>
            {NAMES[one]}
            <span className={one === "attention" && counts?.attention ? "count bad num" : "count num"}>{counts?.[one] ?? ""}</span>
          </Link>
        ))}
      </nav>
      {counts || asked ? (
        <JobList
          group={group}
          q={q}
          renderBatch={(job, select) => (job.kind === "process_batch" ? <BatchRow id={job.job_id} select={select} /> : null)}
          // the address, not this render, says which tab was chosen last: it may be a click ahead of what is drawn
          onQ={(next) => setParams({ show: shownInAddress() ?? group, ...(next ? { q: next } : {}) }, { replace: true })}
        />
      ) : null}
    </>
  );
}

function shownInAddress(): string | null {
  return new URLSearchParams(window.location.search).get("show");
}

function firstTab(counts: Counts): Group {
  if (counts.attention > 0) return "attention";
  if (counts.running > 0) return "running";
  return counts.waiting > 0 ? "waiting" : "done";
}

function nowWords({ running, waiting }: Counts): string {
  if (running + waiting === 0) return "Nothing is running";
  return `${plural(running, "job")} running, ${waiting.toLocaleString("en")} waiting`;
}
