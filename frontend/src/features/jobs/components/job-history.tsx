import { readProblem } from "@/client/problem";
import type { Attempt, JobDetail } from "@/client/types";
import { Loading, ProblemNotice } from "@/components/ui/notice";
import { dateTime, duration, secondsBetween } from "@/lib/format";
import { stageLabel } from "@/lib/progress";
import { useJob } from "../api/jobs";
import { UnitGrid } from "./unit-grid";
import { kindWord, outcomeWord, queueWord, stepWord } from "./words";

/** Every try of a job: which step, on which worker, how long each stage took, and how it ended. */
export function JobHistory({ id, active }: { id: string; active: boolean }) {
  const job = useJob(id, active);
  if (job.isPending) return <div className="job-history"><Loading rows={2} label="Loading history" /></div>;
  if (!job.data) return <div className="job-history"><ProblemNotice problem={readProblem(job.error)} /></div>;
  return <History job={job.data} />;
}

function History({ job }: { job: JobDetail }) {
  const history = job.history ?? [];
  return (
    <div className="job-history">
      <p className="small quiet num">
        {kindWord(job.kind)} added {dateTime(job.created_at)}. Queue “{job.queue}” ({queueWord(job.queue)}), try {Math.max(job.attempt, 1)} of {job.max_attempts}.
        {job.error ? <> Code <code>{job.error.code}</code>.</> : null} Job <code>{job.job_id}</code>
      </p>
      <UnitGrid job={job} />
      {history.length === 0 ? <p className="small">No worker has taken it yet.</p> : (
        <div className="history-scroll" role="region" aria-label="History" tabIndex={0}>
          <table className="num">
            <thead><tr><th>Step</th><th>Try</th><th>Took</th><th>Stages</th><th>Ended</th><th>Worker</th></tr></thead>
            <tbody>{history.map((attempt, index) => <Try key={index} attempt={attempt} />)}</tbody>
          </table>
        </div>
      )}
    </div>
  );
}

function Try({ attempt }: { attempt: Attempt }) {
  const end = attempt.finished_at ?? new Date().toISOString();
  return (
    <tr>
      <td>{stepWord(attempt.step)}</td>
      <td>{attempt.attempt}</td>
      <td>{duration(secondsBetween(attempt.started_at, end))}</td>
      <td><span className="stage-times">{stageTimes(attempt, end).map(([name, took]) => <span key={name}>{name} {took}</span>)}</span></td>
      <td className="ended">
        {outcomeWord(attempt.outcome)}
        {attempt.error ? <><br />{String(attempt.error.message ?? "")}</> : null}
      </td>
      <td>{attempt.worker}</td>
    </tr>
  );
}

/** Each stage with how long it took: until the next one began, or until the try ended. */
function stageTimes(attempt: Attempt, end: string): Array<[string, string]> {
  return attempt.stages.map((stage, index) => {
    return [stageLabel(stage.stage), duration(secondsBetween(stage.started_at, attempt.stages[index + 1]?.started_at ?? end))];
  });
}
