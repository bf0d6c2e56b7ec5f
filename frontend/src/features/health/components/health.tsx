import { CircleAlert, CircleCheck, Copy, Pause, Play } from "lucide-react";
import { toast } from "@/lib/toast";
import { readProblem } from "@/client/problem";
import type { Readiness } from "@/client/types";
import { Button } from "@/components/ui/button";
import { Loading, ProblemNotice } from "@/components/ui/notice";
import { duration } from "@/lib/format";
import { useQueuePause, useReadiness } from "../api/health";
import "./health.css";

const READING: Record<string, string> = { limits: "Files are read in a process of their own, with limits" };
const QUEUES: Record<string, string> = { uploads: "reads files", analysis: "finds concepts and places", low_priority: "tidies and refreshes" };

/** Whether every part is alive, and what each queue holds; the owner can pause a queue. */
export function Health({ owner }: { owner: boolean }) {
  const health = useReadiness();
  return (
    <section className="setting" aria-label="Health">
      <h2>Health</h2>
      {health.error && !health.data ? <ProblemNotice problem={readProblem(health.error)} /> : null}
      {!health.data && !health.error ? <Loading rows={4} label="Asking for the health" /> : null}
      {health.data ? <Checks health={health.data} owner={owner} /> : null}
    </section>
  );
}

function Checks({ health, owner }: { health: Readiness; owner: boolean }) {
  const { database, broker, storage, queues, extractor } = health.checks;
  const pause = useQueuePause();
  const copy = () => navigator.clipboard?.writeText(JSON.stringify(health, null, 2)).then(() => toast("Copied"), () => toast("Copying was refused.", { bad: true }));
  return (
    <>
      <div className="setting-line">
        <p className="health-parts">
          <Part name="Database" state={database} /><Part name="Broker" state={broker} /><Part name="Storage" state={storage} />
          <span className="quiet small">{READING[extractor.level] ?? `Files are read with: ${extractor.level}`}</span>
        </p>
        <Button icon={<Copy className="icon" size={16} aria-hidden />} onClick={copy}>Copy as text</Button>
      </div>
      <ul className="plain-rows">
        {Object.entries(queues).sort(([a], [b]) => rank(a) - rank(b)).map(([name, queue]) => (
          <li key={name}>
            <span className="queue-name"><strong>{name}</strong> <span className="quiet small">{QUEUES[name] ?? ""}</span></span>
            <span className="num queue-state">
              {queue.paused ? <b className="warn">Paused</b> : queue.alive ? <b className="ok">Alive</b> : <b className="bad">No worker</b>}
              <span className="quiet small">{queue.last_canary_seconds == null ? "no sign of life yet" : `last sign ${duration(queue.last_canary_seconds)} ago`}</span>
              <span className="quiet small">{queue.waiting} waiting, {queue.running} running</span>
            </span>
            {owner ? (
              <Button
                look="quiet"
                aria-label={`${queue.paused ? "Resume" : "Pause"} ${name}`}
                icon={queue.paused ? <Play className="icon" size={16} aria-hidden /> : <Pause className="icon" size={16} aria-hidden />}
                onClick={() => pause.mutate({ name, pause: !queue.paused }, { onError: (thrown) => toast(readProblem(thrown).message, { bad: true }) })}
              >
                {queue.paused ? "Resume" : "Pause"}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
    </>
  );
}

/** In the order of the work: reading comes before understanding. */
const rank = (name: string): number => (Object.keys(QUEUES).indexOf(name) + 9) % 9;

function Part({ name, state }: { name: string; state: Readiness["checks"]["database"] }) {
  const well = state.ok;
  return (
    <span className={well ? "part ok" : "part bad"}>
      {well ? <CircleCheck className="icon" size={17} aria-hidden /> : <CircleAlert className="icon" size={17} aria-hidden />}
      {name}{well ? <span className="hidden-text"> works</span> : `: ${state.message || "away"}`}
    </span>
  );
}
