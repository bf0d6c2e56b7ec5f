import { X } from "lucide-react";
import { Tabs } from "radix-ui";
import { useMemo } from "react";
import { useSearchParams } from "react-router";
import type { JobItem } from "@/client/types";
import { Button, IconButton } from "@/components/ui/button";
import { Rows } from "@/components/ui/rows";
import { useJobsById } from "@/features/jobs/api/jobs";
import { JobRow } from "@/features/jobs/components/job-row";
import { dismissUploads, followJob, retryUpload, type Upload, uploads } from "@/features/uploads/api/queue";
import { type Totals, totalsOf } from "@/features/uploads/api/totals";
import { DropArea } from "@/features/uploads/components/drop-area";
import { TextForm } from "@/features/uploads/components/text-form";
import { sendStages, UploadRow } from "@/features/uploads/components/upload-row";
import { bytes, duration, plural } from "@/lib/format";
import { useStore } from "@/lib/store";
import { useTitle } from "@/lib/title";

export default function Add() {
  useTitle("Add");
  const [params, setParams] = useSearchParams();
  const tab = params.get("tab") === "text" ? "text" : "files";
  const all = useStore(uploads);
  const ids = useMemo(() => all.flatMap((one) => (one.jobId ? [one.jobId] : [])), [all]);
  const { jobs, loaded } = useJobsById(ids);
  return (
    <>
      <header className="page-head"><h1>Add</h1><p className="quiet">Everything is read, grouped and searchable a moment later.</p></header>
      <Tabs.Root value={tab} onValueChange={(next) => setParams(next === "text" ? { tab: "text" } : {}, { replace: true })}>
        <Tabs.List className="tabs" aria-label="What to add">
          <Tabs.Trigger value="files">Files</Tabs.Trigger>
          <Tabs.Trigger value="text">Text</Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content value="files" tabIndex={-1}><DropArea compact={all.length > 0} /></Tabs.Content>
        <Tabs.Content value="text" tabIndex={-1}><TextForm /></Tabs.Content>
      </Tabs.Root>
      {all.length > 0 ? <UploadList all={all} jobs={jobs} loaded={loaded} /> : null}
    </>
  );
}

function UploadList({ all, jobs, loaded }: { all: readonly Upload[]; jobs: ReadonlyMap<string, JobItem>; loaded: boolean }) {
  const totals = totalsOf(all, jobs, Date.now());
  const failed = all.filter((one) => one.state === "failed");
  const finished = all.filter((one) => one.state === "cancelled" || (one.jobId && ["SUCCESS", "REVOKED"].includes(jobs.get(one.jobId)?.state ?? "")));
  return (
    <section aria-label="Added here">
      <header className="uploads-head">
        <h2>Added here</h2>
        <p className="quiet num" role="status">{summary(totals)}</p>
        <div className="actions">
          {failed.length > 1 ? <Button onClick={() => failed.forEach((one) => retryUpload(one.id))}>Send all again</Button> : null}
          {finished.length > 0 ? <Button look="quiet" onClick={() => dismissUploads(new Set(finished.map((one) => one.id)))}>Clear finished</Button> : null}
        </div>
      </header>
      <Rows
        label="Added here"
        items={all}
        keyOf={(one) => one.id}
        estimate={68}
        render={(one) => <UploadRow upload={one} asJob={(jobId, upload) => <AsJob job={jobs.get(jobId)} upload={upload} loaded={loaded} />} />}
      />
    </section>
  );
}

function AsJob({ job, upload, loaded }: { job: JobItem | undefined; upload: Upload; loaded: boolean }) {
  const dismiss = <IconButton label={`Dismiss ${upload.name}`} icon={<X className="icon" size={18} />} onClick={() => dismissUploads(new Set([upload.id]))} />;
  if (!job) {
    return (
      <article className="job-row" data-row tabIndex={-1} aria-label={upload.name}>
        <div className="job-name"><strong className="one-line">{upload.name}</strong><span className="quiet small num">{bytes(upload.size)}</span></div>
        <p className="job-middle small quiet">{loaded ? "Accepted; looking for its job" : "Accepted"}</p>
        <div />
        <div className="job-actions">{loaded ? dismiss : null}</div>
      </article>
    );
  }
  const sent = sendStages(1, true).slice(0, 1).map((stage) => ({ ...stage, state: "done" as const }));
  const settled = ["SUCCESS", "FAILURE", "REVOKED"].includes(job.state);
  return (
    <JobRow
      job={job}
      before={sent}
      note={<span className="num">{upload.duplicateOf ? "Already on your board" : bytes(upload.size)}</span>}
      end={settled ? dismiss : null}
      onRetried={(next) => followJob(job.job_id, next)}
    />
  );
}

function summary(totals: Totals): string {
  const parts: string[] = [];
  if (totals.sending + totals.waiting > 0) {
    const left = totals.speed ? duration((totals.bytes - totals.sent) / totals.speed) : "";
    parts.push(`${bytes(totals.sent)} of ${bytes(totals.bytes)} sent${totals.speed ? `, ${bytes(totals.speed)}/s, ${left} left` : ""}`);
  }
  if (totals.working > 0) parts.push(`${plural(totals.working, "file")} being read`);
  if (totals.failed > 0) parts.push(`${totals.failed} failed`);
  if (totals.done > 0) parts.push(`${totals.done} finished`);
  return parts.join(" · ");
}
