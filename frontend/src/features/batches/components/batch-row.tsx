import { Ban, ChevronDown, Download, Pause, Play, RotateCcw } from "lucide-react";
import { type ReactNode, useState } from "react";
import { toast } from "@/lib/toast";
import { readProblem } from "@/client/problem";
import type { Batch } from "@/client/types";
import { Button, IconButton } from "@/components/ui/button";
import { ProblemNotice } from "@/components/ui/notice";
import { ago, plural } from "@/lib/format";
import { isOver, useBatch, useBatchActions } from "../api/batches";
import { BatchItems } from "./batch-items";
import "./batches.css";

interface Props {
  id: string;
  select?: ReactNode;
  /** Shown when nothing moves any more: the way to put the row away. */
  end?: ReactNode;
}

/** Many things added at once, as one row that opens: how they stand, and what can be done with all of them. */
export function BatchRow({ id, select, end }: Props) {
  const [open, setOpen] = useState(false);
  const batch = useBatch(id, open);
  const first = batch.data?.pages[0];
  if (!first) {
    return (
      <article className={select ? "batch-row with-select" : "batch-row"} data-row tabIndex={-1} aria-label="Batch">
        {select}
        {batch.error ? <ProblemNotice problem={readProblem(batch.error)} /> : <p className="quiet small">Looking for the batch</p>}
        {end}
      </article>
    );
  }
  const name = nameOf(first);
  const over = isOver(first);
  const settled = first.counts.done + first.counts.failed + first.counts.cancelled;
  return (
    <article className={select ? "batch-row with-select" : "batch-row"} data-row data-batch={id} tabIndex={-1} aria-label={name}>
      {select}
      <div className="job-name"><strong>{name}</strong><span className="quiet small">{ago(first.created_at)}</span></div>
      <div className="batch-middle">
        <CountBar batch={first} name={name} />
        <p className="small num" role="status">{words(first)}</p>
      </div>
      <div className="job-percent num">{over ? null : `${Math.floor((100 * settled) / Math.max(1, first.total))} %`}</div>
      <div className="batch-actions">
        <Actions batch={first} over={over} />
        <IconButton className={open ? "turned" : ""} label={open ? `Hide ${name}` : `Show ${name}`} aria-expanded={open} icon={<ChevronDown className="icon" size={18} />} onClick={() => setOpen(!open)} />
        {over ? end : null}
      </div>
      {open ? <BatchItems pages={batch.data?.pages ?? []} more={batch.hasNextPage ? () => void batch.fetchNextPage() : null} busy={batch.isFetchingNextPage} /> : null}
    </article>
  );
}

function Actions({ batch, over }: { batch: Batch; over: boolean }) {
  const act = useBatchActions(batch.batch_id);
  const run = (what: "pause" | "resume" | "cancel" | "retry") => () => act.mutate(what, { onError: (thrown) => toast(readProblem(thrown).message, { bad: true }) });
  const { failed } = batch.counts;
  return (
    <>
      {failed > 0 ? <Button icon={<RotateCcw className="icon" size={16} aria-hidden />} busy={act.isPending} onClick={run("retry")}>{failed === 1 ? "Retry the failed one" : `Retry all ${failed} failed`}</Button> : null}
      {failed > 0 ? <a className="button quiet" href={`/batches/${batch.batch_id}/failures.csv`} download={`failures-${batch.batch_id.slice(0, 8)}.csv`}><Download className="icon" size={16} aria-hidden />CSV<span className="hidden-text"> of the failures</span></a> : null}
      {over ? null : batch.paused
        ? <Button icon={<Play className="icon" size={16} aria-hidden />} busy={act.isPending} onClick={run("resume")}>Go on</Button>
        : <Button look="quiet" icon={<Pause className="icon" size={16} aria-hidden />} busy={act.isPending} onClick={run("pause")}>Pause</Button>}
      {over ? null : <Button look="quiet" icon={<Ban className="icon" size={16} aria-hidden />} busy={act.isPending} onClick={run("cancel")}>Cancel</Button>}
    </>
  );
}

const PARTS = ["done", "running", "failed", "cancelled"] as const;

/** One bar with a part per state; the line below says the same in words. */
function CountBar({ batch, name }: { batch: Batch; name: string }) {
  const total = Math.max(1, batch.total);
  const settled = batch.counts.done + batch.counts.failed + batch.counts.cancelled;
  return (
    <div className="count-bar" role="progressbar" aria-label={`Progress of ${name}`} aria-valuemin={0} aria-valuemax={batch.total} aria-valuenow={settled}>
      {PARTS.map((part) => (batch.counts[part] > 0 ? <b key={part} className={part} style={{ width: `${(100 * batch.counts[part]) / total}%` }} /> : null))}
    </div>
  );
}

function nameOf(batch: Batch): string {
  const what = /file|upload_batch$/.test(batch.kind) ? "file" : /playlist/.test(batch.kind) ? "video" : "link";
  return plural(batch.total, what);
}

function words({ counts, paused }: Batch): ReactNode {
  const parts: ReactNode[] = [];
  if (paused && counts.waiting > 0) parts.push(<strong key="paused">Paused</strong>);
  if (counts.failed > 0) parts.push(<strong key="failed" className="bad">{counts.failed} failed</strong>);
  if (counts.running > 0) parts.push(`${counts.running} being read`);
  if (counts.waiting > 0) parts.push(`${counts.waiting} waiting`);
  if (counts.done > 0) parts.push(`${counts.done} done`);
  if (counts.cancelled > 0) parts.push(`${counts.cancelled} cancelled`);
  return parts.flatMap((part, index) => (index > 0 ? [" · ", part] : [part]));
}
