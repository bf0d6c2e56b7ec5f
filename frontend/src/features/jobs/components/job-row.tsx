import { Check, ChevronDown, RotateCcw } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import { toast } from "@/lib/toast";
import { readProblem } from "@/client/problem";
import type { JobItem } from "@/client/types";
import { Button, IconButton } from "@/components/ui/button";
import { StageBar } from "@/components/ui/stage-bar";
import { ago, duration, plural, secondsBetween } from "@/lib/format";
import { stagesOf, stageViews, type StageView, steadyPercent } from "@/lib/progress";
import { isOpen, useJobActions } from "../api/jobs";
import { JobHistory } from "./job-history";
import { batchOf, documentOf, jobName, jobWords, resultOf, wantsTranscript } from "./words";
import "./job-row.css";

interface Props {
  job: JobItem;
  /** What the page knows it as, when the job itself does not. */
  name?: string | undefined;
  /** Stages that came before the job itself: the bytes of an upload. */
  before?: readonly StageView[];
  note?: ReactNode;
  select?: ReactNode;
  end?: ReactNode;
  onRetried?: (newId: string) => void;
}

export function JobRow({ job, name: given, before = [], note, select, end, onRetried }: Props) {
  const [open, setOpen] = useState(false);
  const { cancel, retry } = useJobActions();
  const percent = steadyPercent(job.job_id, job.meta.percent, job.state);
  const name = given ?? jobName(job);
  const leadsTo = job.state === "SUCCESS" ? documentOf(job) : null;
  const locked = job.state === "FAILURE" && job.error?.code === "encrypted";
  const again = (password?: string) =>
    retry.mutate({ id: job.job_id, ...(password ? { password } : {}) }, { onSuccess: (answer) => onRetried?.(answer.job_id), onError: complain });
  const complain = (thrown: unknown) => toast(readProblem(thrown).message, { bad: true });
  return (
    <article className={select ? "job-row with-select" : "job-row"} data-row data-job={job.job_id} tabIndex={-1} aria-label={name}>
      {select}
      <div className="job-name">
        {leadsTo ? (
          <Link className="one-line" title={name} to={`/?document=${leadsTo}`}>{name}</Link>
        ) : (
          <strong className="one-line" title={name}>{name}</strong>
        )}
        <span className="quiet small">{note ?? ago(job.created_at)}</span>
      </div>
      <div className="job-middle">
        {job.state === "SUCCESS" || job.state === "REVOKED" ? null : <StageBar label={`Progress of ${name}`} percent={percent} stages={[...before, ...stageViews(stagesOf(job.kind, job.meta.stage), percent, job.state, job.meta.stage)]} />}
        {job.error && job.state === "FAILURE" ? (
          <>
            <p className="job-error"><strong>{job.error.message}</strong> {job.error.hint}</p>
            {wantsTranscript(job) ? <Link className="small job-way" to={`/add?tab=text&title=${encodeURIComponent(name)}`}>Paste the transcript</Link> : null}
            {locked ? <PasswordForm name={name} busy={retry.isPending} onPassword={again} /> : null}
          </>
        ) : (
          <div className="small quiet num">{job.state === "SUCCESS" ? <Landed job={job} /> : jobWords(job)}</div>
        )}
        {(job.warnings ?? []).map((warning, index) => <p key={index} className="small job-warning">{String(warning.message ?? "")}</p>)}
      </div>
      <div className="job-percent num">{stateWord(job, percent)}</div>
      <div className="job-actions">
        {isOpen(job) ? <Button look="quiet" busy={cancel.isPending} onClick={() => cancel.mutate(job.job_id, { onError: complain })}>Cancel</Button> : null}
        {(job.state === "FAILURE" && !locked) || job.state === "REVOKED" ? (
          <Button
            icon={<RotateCcw className="icon" size={16} aria-hidden />}
            busy={retry.isPending}
            onClick={() => again()}
          >
            Retry
          </Button>
        ) : null}
        <IconButton
          className={open ? "turned" : ""}
          label={open ? "Hide history" : "Show history"}
          aria-expanded={open}
          icon={<ChevronDown className="icon" size={18} />}
          onClick={() => setOpen(!open)}
        />
        {end}
      </div>
      {open ? <JobHistory id={job.job_id} active={isOpen(job)} /> : null}
    </article>
  );
}

/** A locked file is not hopeless: the password is sent with the retry and kept nowhere in the page. */
function PasswordForm({ name, busy, onPassword }: { name: string; busy: boolean; onPassword: (password: string) => void }) {
  const [password, setPassword] = useState("");
  return (
    <form
      className="job-password"
      onSubmit={(event) => {
        event.preventDefault();
        onPassword(password);
      }}
    >
      <input className="input" type="password" required autoComplete="off" aria-label={`Password of ${name}`} placeholder="Password of the file" value={password} onChange={(event) => setPassword(event.target.value)} />
      <Button type="submit" busy={busy} disabled={!password}>Unlock</Button>
    </form>
  );
}

/** Where a finished document went, what it is about, and how long it all took. */
function Landed({ job }: { job: JobItem }) {
  const result = resultOf(job);
  const concepts = (Array.isArray(result.concepts) ? result.concepts : []).filter((one) => typeof one === "string").slice(0, 4).join(", ");
  const took = job.finished_at ? duration(secondsBetween(job.created_at, job.finished_at)) : "";
  return (
    <span className="landed">
      {typeof result.cluster_name === "string" && result.cluster_name ? (
        <Link to={`/?cluster=${result.cluster_id}`}><i className="dot" style={{ background: `var(--c${Number(result.cluster_id ?? 0) % 10})` }} aria-hidden /><span className="one-line">{result.cluster_name}</span></Link>
      ) : result.duplicate_of ? "Already on your board" : batchOf(job) ? `A playlist of ${plural(Number(result.total ?? 0), "video")}` : "Done"}
      <span className="one-line">{concepts}</span>
      <span className="took">{took}</span>
    </span>
  );
}

function stateWord(job: JobItem, percent: number): ReactNode {
  if (job.state === "SUCCESS") return <span className="state-done"><Check className="icon" size={16} aria-hidden />100 %</span>;
  if (job.state === "FAILURE") return <span className="state-failed">Failed</span>;
  if (job.state === "REVOKED") return <span className="quiet">Cancelled</span>;
  if (job.state === "PENDING" && percent === 0) return <span className="quiet">{job.meta.position ? `No. ${job.meta.position}` : "Waiting"}</span>;
  return <span>{Math.floor(percent)} %</span>;
}
