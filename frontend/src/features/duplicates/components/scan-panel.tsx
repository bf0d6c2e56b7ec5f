import { Copy, ScanSearch } from "lucide-react";
import { useState } from "react";
import { readProblem } from "@/client/problem";
import type { LastScan } from "@/client/types";
import { Button } from "@/components/ui/button";
import { ProblemNotice } from "@/components/ui/notice";
import { ago, plural } from "@/lib/format";
import { steadyPercent } from "@/lib/progress";
import { toast } from "@/lib/toast";
import { isScanning, LAYER_WORDS, LAYERS, type Layer, type ScanWish, useDuplicateActions, useScanJob } from "../api/duplicates";
import "./duplicates.css";

interface Props {
  scan: LastScan | null;
  /** Without the choice of how alike; for a place with little room. */
  small?: boolean;
}

/** The last scan, the way to start another, and how it goes while it runs. */
export function ScanPanel({ scan, small = false }: Props) {
  const actions = useDuplicateActions();
  const [wish, setWish] = useState<ScanWish>({});
  const running = isScanning(scan) || actions.scan.isPending;
  const start = () =>
    actions.scan.mutate(wish, { onSuccess: () => toast("The scan has begun; you can go on working"), onError: (thrown) => toast(readProblem(thrown).message, { bad: true }) });
  return (
    <section className="scan-panel" aria-label="Duplicate scan">
      <div className="scan-line">
        {scan && isScanning(scan) ? <Running scan={scan} /> : <p className="num">{lastWords(scan)}</p>}
        <Button look="primary" icon={<ScanSearch className="icon" size={18} aria-hidden />} busy={running} disabled={wish.layers?.length === 0} onClick={start}>{running ? "Scanning" : scan ? "Scan again" : "Scan for duplicates"}</Button>
      </div>
      {small ? null : <HowAlike wish={wish} onWish={setWish} />}
      {scan?.state === "FAILURE" ? <ProblemNotice problem={{ message: "The last scan did not finish.", hint: "What was found before is shown. Jobs says why it stopped." }} /> : null}
    </section>
  );
}

function lastWords(scan: LastScan | null): string {
  if (!scan) return "Nothing was compared yet.";
  if (scan.state === "REVOKED") return "The last scan was cancelled.";
  const when = scan.finished_at ? ago(scan.finished_at) : "";
  return `Last scan ${when}: ${scan.groups ? `${plural(scan.pairs ?? 0, "pair")} alike, in ${plural(scan.groups, "group")}` : "nothing is alike"}.`;
}

function Running({ scan }: { scan: LastScan }) {
  const job = useScanJob(scan.job_id);
  const percent = steadyPercent(scan.job_id, job.data?.meta.percent ?? scan.percent ?? 0, scan.state);
  const units = job.data?.meta.units;
  const words = units?.total ? `${units.done.toLocaleString("en")} of ${plural(units.total, "pair")} compared` : (job.data?.meta.message ?? "Waiting for a worker");
  return (
    <div className="scan-progress">
      <p className="num"><span>{words.replace(/\.{2,}$|…$/, "")}</span><strong>{Math.floor(percent)} %</strong></p>
      <div className="scan-bar" role="progressbar" aria-label="Progress of the scan" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.floor(percent)}><b style={{ transform: `scaleX(${percent / 100})` }} /></div>
    </div>
  );
}

const HINTS: Record<Layer, string> = {
  exact: "letter for letter, whatever the format",
  near: "a word here and there is another one",
  semantic: "said in other words",
  image: "however large, cropped or saved",
  containment: "one holds most of the other",
};

/** What is looked for and how alike it must be; the server's own measure when nothing is chosen. */
function HowAlike({ wish, onWish }: { wish: ScanWish; onWish: (wish: ScanWish) => void }) {
  const chosen = wish.layers ?? LAYERS;
  const toggle = (layer: Layer) => {
    const next = LAYERS.filter((one) => (one === layer ? !chosen.includes(one) : chosen.includes(one)));
    onWish(without({ ...wish, layers: next }, next.length === LAYERS.length ? "layers" : null));
  };
  return (
    <details className="how-alike">
      <summary>What counts as a duplicate</summary>
      <fieldset>
        <legend className="hidden-text">Kinds of likeness</legend>
        {LAYERS.map((layer) => (
          <label key={layer} className="check"><input type="checkbox" checked={chosen.includes(layer)} onChange={() => toggle(layer)} /><span>{sentence(LAYER_WORDS[layer])} <span className="quiet small">{HINTS[layer]}</span></span></label>
        ))}
      </fieldset>
      <div className="threshold">
        <label className="check"><input type="checkbox" checked={wish.threshold !== undefined} onChange={(event) => onWish(event.target.checked ? { ...wish, threshold: 0.9 } : without(wish, "threshold"))} />Only what is at least</label>
        <input type="range" aria-label="Least likeness in percent" min={30} max={100} step={1} disabled={wish.threshold === undefined} value={Math.round((wish.threshold ?? 0.9) * 100)} onChange={(event) => onWish({ ...wish, threshold: Number(event.target.value) / 100 })} />
        <span className="num">{Math.round((wish.threshold ?? 0.9) * 100)} % alike</span>
      </div>
      {chosen.length === 0 ? <p className="small" role="alert">Choose at least one kind.</p> : null}
    </details>
  );
}

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

function without(wish: ScanWish, name: keyof ScanWish | null): ScanWish {
  const next = { ...wish };
  if (name) delete next[name];
  return next;
}

/** What stands on the page before the first scan, and when one found nothing. */
export function NoGroups({ scan, filtered }: { scan: LastScan | null; filtered: boolean }) {
  if (filtered) return <p className="quiet no-groups">No duplicates of this kind.</p>;
  return (
    <div className="empty">
      <Copy className="icon" size={26} aria-hidden />
      <h2>{scan?.finished_at ? "No duplicates on your board" : "Find what you have twice"}</h2>
      <p>A scan compares every document with those it could be like: the same text in another format, an older version, the same thing said in other words, the same picture in another size, and texts that hold others.</p>
      <p>Nothing is changed by a scan. You see both side by side, choose what to keep, and every merge can be undone for 30 days.</p>
    </div>
  );
}
