import { Ban, RotateCcw, Search } from "lucide-react";
import { type ReactNode, useState } from "react";
import { toast } from "@/lib/toast";
import { readProblem } from "@/client/problem";
import type { JobItem } from "@/client/types";
import { Button } from "@/components/ui/button";
import { Empty, Loading, ProblemNotice } from "@/components/ui/notice";
import { Rows } from "@/components/ui/rows";
import { plural } from "@/lib/format";
import { type Group, isOpen, useJobActions, useJobs } from "../api/jobs";
import { JobRow } from "./job-row";
import "./job-list.css";

const NOTHING: Record<Group, [string, string]> = {
  attention: ["Nothing needs attention", "Jobs that failed wait here with their reason until you retry them."],
  running: ["Nothing is running", "Files being read and understood show their stages here."],
  waiting: ["Nothing is waiting", "Jobs wait here with their place in the queue and the reason."],
  done: ["Nothing is done yet", "Finished and cancelled jobs are listed here."],
};

interface Choice {
  group: Group;
  ids: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

interface Props {
  group: Group;
  q: string;
  onQ: (q: string) => void;
  /** Draws a job that stands for many others; null leaves it to the list. */
  renderBatch: (job: JobItem, select: ReactNode) => ReactNode | null;
}

export function JobList({ group, q, onQ, renderBatch }: Props) {
  const jobs = useJobs(group, q);
  // what is chosen on one tab is not on another; the filter stays where it is, for somebody may be typing into it
  const [choice, setChoice] = useState<Choice>({ group, ids: new Set() });
  const chosen = choice.group === group ? choice.ids : NONE;
  const setChosen = (ids: ReadonlySet<string>) => setChoice({ group, ids });
  const items = jobs.data?.pages.flatMap((page) => page.items) ?? [];
  const shown = dedupe(items);
  const picked = shown.filter((job) => chosen.has(job.job_id));
  const toggle = (id: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  return (
    <section aria-label="Jobs">
      <div className="job-tools">
        <label className="search-box">
          <span className="hidden-text">Filter by file name</span>
          <Search className="icon" size={16} aria-hidden />
          <input className="input" type="search" value={q} placeholder="Filter by file name" onChange={(event) => onQ(event.target.value)} />
        </label>
        <Bulk key={group} group={group} shown={shown} picked={picked} onDone={() => setChosen(new Set())} onAll={(on) => setChosen(new Set(on ? shown.map((job) => job.job_id) : []))} />
      </div>
      {jobs.error && !jobs.data ? <ProblemNotice problem={readProblem(jobs.error)} /> : null}
      {jobs.isPending && !jobs.error ? <Loading rows={6} label="Loading jobs" /> : null}
      {jobs.data && shown.length === 0 ? (
        <Empty title={q ? `No file here is called “${q}”` : NOTHING[group][0]}><p>{q ? "Another tab may hold it." : NOTHING[group][1]}</p></Empty>
      ) : null}
      {shown.length > 0 ? (
        <Rows
          key={group}
          label="Jobs"
          items={shown}
          keyOf={(job) => job.job_id}
          estimate={66}
          onEnd={jobs.hasNextPage && !jobs.isFetchingNextPage ? () => void jobs.fetchNextPage() : undefined}
          render={(job) => {
            const select = <input type="checkbox" aria-label={`Select ${job.filename ?? "job"}`} checked={chosen.has(job.job_id)} onChange={(event) => toggle(job.job_id, event.target.checked)} />;
            return renderBatch(job, select) ?? <JobRow job={job} select={select} />;
          }}
        />
      ) : null}
    </section>
  );
}

/** Pages are asked for one after the other; a job that moved meanwhile must not be drawn twice. */
function dedupe(jobs: readonly JobItem[]): JobItem[] {
  return [...new Map(jobs.map((job) => [job.job_id, job])).values()];
}

interface BulkProps {
  group: Group;
  shown: readonly JobItem[];
  picked: readonly JobItem[];
  onDone: () => void;
  onAll: (on: boolean) => void;
}

function Bulk({ group, shown, picked, onDone, onAll }: BulkProps) {
  const { cancelMany, retryMany } = useJobActions();
  const onSuccess = (answer: { refused: unknown[] }) => {
    onDone();
    if (answer.refused.length > 0) toast(`${plural(answer.refused.length, "job")} had moved on meanwhile and stayed as they are`);
  };
  const settle = { onSuccess, onError: (thrown: unknown) => toast(readProblem(thrown).message, { bad: true }) };
  const retryable = picked.filter((job) => job.state === "FAILURE" || job.state === "REVOKED").map((job) => job.job_id);
  const open = picked.filter(isOpen).map((job) => job.job_id);
  if (shown.length === 0) return null;
  return (
    <div className="job-bulk">
      <label className="check">
        <input type="checkbox" checked={picked.length > 0 && picked.length === shown.length} onChange={(event) => onAll(event.target.checked)} />
        <span className="num">{picked.length > 0 ? `${plural(picked.length, "job")} selected` : "Select all shown"}</span>
      </label>
      {retryable.length > 0 ? <Button icon={<RotateCcw className="icon" size={16} />} busy={retryMany.isPending} onClick={() => retryMany.mutate(retryable, settle)}>Retry {retryable.length}</Button> : null}
      {open.length > 0 ? <Button icon={<Ban className="icon" size={16} />} busy={cancelMany.isPending} onClick={() => cancelMany.mutate(open, settle)}>Cancel {open.length}</Button> : null}
      {picked.length === 0 && group === "attention" ? <Button icon={<RotateCcw className="icon" size={16} />} busy={retryMany.isPending} onClick={() => retryMany.mutate("attention", settle)}>Retry all failed</Button> : null}
      {picked.length === 0 && group === "waiting" ? <Button look="quiet" icon={<Ban className="icon" size={16} />} busy={cancelMany.isPending} onClick={() => cancelMany.mutate("waiting", settle)}>Cancel all waiting</Button> : null}
    </div>
  );
}
