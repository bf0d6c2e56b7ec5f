import { X } from "lucide-react";
import { useEffect, useMemo } from "react";
import { readProblem } from "@/client/problem";
import type { JobItem } from "@/client/types";
import { Button, IconButton } from "@/components/ui/button";
import { Rows } from "@/components/ui/rows";
import { dropBatch, followBatch, followed } from "@/features/batches/api/batches";
import { BatchRow } from "@/features/batches/components/batch-row";
import { useJobActions, useJobsById } from "@/features/jobs/api/jobs";
import { JobRow } from "@/features/jobs/components/job-row";
import { batchOf } from "@/features/jobs/components/words";
import { dismissUploads, followJob, pauseAll, resumeAll, retryUpload, type Upload, uploads } from "@/features/uploads/api/queue";
import { type Totals, totalsOf } from "@/features/uploads/api/totals";
import { sendStages, UploadRow } from "@/features/uploads/components/upload-row";
import { bytes, duration, plural } from "@/lib/format";
import { useStore } from "@/lib/store";
import { toast } from "@/lib/toast";

/** Everything this tab added: batches, then files and single links, each row following its job. */
export function AddedHere() {
  const all = useStore(uploads);
  const batches = useStore(followed);
  const ids = useMemo(() => all.flatMap((one) => (one.jobId ? [one.jobId] : [])), [all]);
  const { jobs, loaded } = useJobsById(ids);
  useEffect(() => {
    // the row of a playlist becomes the row of its videos
    for (const one of all) {
      const job = one.jobId ? jobs.get(one.jobId) : undefined;
      const batch = job?.state === "SUCCESS" ? batchOf(job) : null;
      if (!batch) continue;
      followBatch(batch);
      dismissUploads(new Set([one.id]));
    }
  }, [all, jobs]);
  if (all.length + batches.length === 0) return null;
  return (
    <section aria-label="Added here">
      <Head all={all} jobs={jobs} />
      {batches.length > 0 ? (
        <ul aria-label="Batches added here">
          {batches.map((id) => <li key={id}><BatchRow id={id} end={<IconButton label="Dismiss batch" icon={<X className="icon" size={18} />} onClick={() => dropBatch(id)} />} /></li>)}
        </ul>
      ) : null}
      {all.length > 0 ? (
        <Rows
          label="Added here"
          items={all}
          keyOf={(one) => one.id}
          estimate={68}
          render={(one) => <UploadRow upload={one} asJob={(jobId, upload) => <AsJob job={jobs.get(jobId)} upload={upload} loaded={loaded} />} />}
        />
      ) : null}
    </section>
  );
}

function Head({ all, jobs }: { all: readonly Upload[]; jobs: ReadonlyMap<string, JobItem> }) {
  const totals = totalsOf(all, jobs);
  const failed = all.filter((one) => one.state === "failed");
  const unread = all.flatMap((one) => (one.jobId && jobs.get(one.jobId)?.state === "FAILURE" ? [one.jobId] : []));
  const { retry } = useJobActions();
  const retryAll = async () => {
    // one by one: each row goes on with the job that its own answer names
    for (const id of unread) {
      const answer = await retry.mutateAsync({ id }).catch((thrown: unknown) => void toast(readProblem(thrown).message, { bad: true }));
      if (!answer) return;
      followJob(id, answer.job_id);
    }
  };
  const finished = all.filter((one) => one.state === "cancelled" || (one.jobId && ["SUCCESS", "REVOKED"].includes(jobs.get(one.jobId)?.state ?? "")));
  return (
    <header className="uploads-head">
      <h2>Added here</h2>
      <p className="quiet num" role="status">{summary(totals)}</p>
      <div className="actions">
        {failed.length > 1 ? <Button onClick={() => failed.forEach((one) => retryUpload(one.id))}>Send all again</Button> : null}
        {unread.length > 1 ? <Button busy={retry.isPending} onClick={() => void retryAll()}>Retry all {unread.length} failed</Button> : null}
        {totals.sending + totals.waiting > 1 ? <Button look="quiet" onClick={pauseAll}>Pause all</Button> : null}
        {totals.paused > 1 ? <Button onClick={resumeAll}>Go on with all</Button> : null}
        {finished.length > 0 ? <Button look="quiet" onClick={() => dismissUploads(new Set(finished.map((one) => one.id)))}>Clear finished</Button> : null}
      </div>
    </header>
  );
}

const sizeOf = (upload: Upload): string => (upload.kind === "link" ? "Link" : bytes(upload.size));

function AsJob({ job, upload, loaded }: { job: JobItem | undefined; upload: Upload; loaded: boolean }) {
  const dismiss = <IconButton label={`Dismiss ${upload.name}`} icon={<X className="icon" size={18} />} onClick={() => dismissUploads(new Set([upload.id]))} />;
  if (!job) {
    return (
      <article className="job-row" data-row tabIndex={-1} aria-label={upload.name}>
        <div className="job-name"><strong className="one-line">{upload.name}</strong><span className="quiet small num">{sizeOf(upload)}</span></div>
        <p className="job-middle small quiet">{loaded ? "Accepted; looking for its job" : "Accepted"}</p>
        <div />
        <div className="job-actions">{loaded ? dismiss : null}</div>
      </article>
    );
  }
  const settled = ["SUCCESS", "FAILURE", "REVOKED"].includes(job.state);
  return (
    <JobRow
      job={job}
      name={job.filename ? undefined : upload.name}
      before={upload.kind === "link" ? [] : sendStages(1, "accepted").slice(0, 1)}
      note={<span className="num">{upload.duplicateOf ? "Already on your board" : sizeOf(upload)}</span>}
      end={settled ? dismiss : null}
      onRetried={(next) => followJob(job.job_id, next)}
    />
  );
}

function summary(totals: Totals): string {
  const parts: string[] = [];
  if (totals.sending + totals.waiting + totals.paused > 0) {
    const left = totals.speed ? duration(Math.max(1, (totals.bytes - totals.sent) / totals.speed)) : "";
    parts.push(`${bytes(totals.sent)} of ${bytes(totals.bytes)} sent${totals.speed ? `, ${bytes(totals.speed)}/s, ${left} left` : ""}`);
  }
  if (totals.paused > 0) parts.push(`${totals.paused} paused`);
  if (totals.working > 0) parts.push(`${plural(totals.working, "item")} being read`);
  if (totals.interrupted > 0) parts.push(`${totals.interrupted} to choose again`);
  if (totals.failed > 0) parts.push(`${totals.failed} failed`);
  if (totals.done > 0) parts.push(`${totals.done} finished`);
  return parts.join(" · ");
}
