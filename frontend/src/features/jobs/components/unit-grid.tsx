import { RotateCcw } from "lucide-react";
import { useRetryParts } from "@/client/parts";
import { readProblem } from "@/client/problem";
import type { JobDetail } from "@/client/types";
import { Button } from "@/components/ui/button";
import { plural } from "@/lib/format";
import { toast } from "@/lib/toast";
import { type Cell, cellsOf, soundWords } from "../api/grid";
import { isOpen } from "../api/jobs";
import "./unit-grid.css";

const WORDS: Record<Cell["state"], string> = { done: "done", running: "being read", waiting: "waiting", failed: "failed", cancelled: "cancelled" };

/** The pages (or stretches of sound, or members) of a job as a grid, the failed ones with their reason and a retry. */
export function UnitGrid({ job }: { job: JobDetail }) {
  const kind = job.meta.units?.kind ?? null;
  const cells = cellsOf(job.units ?? [], kind);
  const retry = useRetryParts();
  if (cells.length === 0) return null;
  const failed = cells.filter((cell) => cell.state === "failed");
  const what = cells.some((cell) => cell.seconds > 0) ? "part" : (kind ?? "page").replace(/s$/, "");
  const again = () => {
    if (job.document_id) retry.mutate(job.document_id, { onSuccess: () => toast(`The failed ${failed.length === 1 ? what : `${what}s`} are being read again`), onError: (thrown) => toast(readProblem(thrown).message, { bad: true }) });
  };
  return (
    <section className="unit-grid" aria-label={`${what[0]?.toUpperCase()}${what.slice(1)}s`}>
      <p className="small num">{[soundWords(cells), ...countWords(cells)].filter(Boolean).join(" · ")}</p>
      <ol>
        {cells.map((cell) => (
          <li key={cell.span} className={cell.state} title={`${cell.label}: ${WORDS[cell.state]}${cell.message ? `. ${cell.message}` : ""}`}>
            <span aria-hidden>{cell.seconds > 0 ? cell.label.split(" ")[0] : cell.label}</span>
            <span className="hidden-text">{what} {cell.label}: {WORDS[cell.state]}</span>
          </li>
        ))}
      </ol>
      {failed.length > 0 ? (
        <ul className="unit-failures">
          {failed.slice(0, 8).map((cell) => <li key={cell.span} className="small"><strong>{what} {cell.label}</strong> {cell.message}</li>)}
          {failed.length > 8 ? <li className="small quiet">and {plural(failed.length - 8, "other")}</li> : null}
        </ul>
      ) : null}
      {failed.length > 0 && !isOpen(job) && job.document_id ? (
        <Button icon={<RotateCcw className="icon" size={16} aria-hidden />} busy={retry.isPending} onClick={again}>Retry {failed.length === 1 ? `the failed ${what}` : `${failed.length} failed ${what}s`}</Button>
      ) : null}
    </section>
  );
}

function countWords(cells: readonly Cell[]): string[] {
  return (["done", "running", "waiting", "failed", "cancelled"] as const).flatMap((state) => {
    const count = cells.filter((cell) => cell.state === state).length;
    return count > 0 ? [`${count} ${WORDS[state]}`] : [];
  });
}
