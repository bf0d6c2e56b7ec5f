import { Pause, Play, X } from "lucide-react";
import { Link } from "react-router";
import { IconButton } from "@/components/ui/button";
import { bytes, duration, plural } from "@/lib/format";
import { useStore } from "@/lib/store";
import type { JobItem } from "@/client/types";
import { dismissUploads, pauseAll, resumeAll, uploads } from "../api/queue";
import { totalsOf } from "../api/totals";
import "./uploads.css";

/** How many links and files of the batches begun here stand where; the page that knows batches gives it. */
export interface Others {
  working: number;
  failed: number;
  done: number;
}

interface Props {
  jobs: ReadonlyMap<string, JobItem>;
  others: Others;
  onDismiss: () => void;
}

/** Follows what this tab adds on every page but Add; failures stay until they are read or dismissed. */
export function Dock({ jobs, others, onDismiss }: Props) {
  const all = useStore(uploads);
  const sum = totalsOf(all, jobs);
  const totals = { ...sum, working: sum.working + others.working, failed: sum.failed + others.failed, done: sum.done + others.done };
  if (all.length + others.working + others.failed + others.done === 0) return null;
  const share = totals.bytes > 0 ? totals.sent / totals.bytes : 1;
  const moving = totals.waiting + totals.sending > 0;
  const open = moving || totals.paused > 0;
  const settled = !open && totals.working === 0;
  const left = totals.speed ? `, ${duration(Math.max(1, (totals.bytes - totals.sent) / totals.speed))} left` : "";
  const dismiss = () => {
    dismissUploads(new Set(all.map((one) => one.id)));
    onDismiss();
  };
  return (
    <aside className="dock" aria-label="Uploads">
      <p role="status">
        {moving ? <strong className="num">Sending {plural(totals.waiting + totals.sending, "file")}, {bytes(totals.sent)} of {bytes(totals.bytes)}</strong> : null}
        {moving ? <span className="quiet small num">{left}</span> : null}
        {!moving && totals.paused > 0 ? <strong className="num">{plural(totals.paused, "file")} paused</strong> : null}
        {!open && totals.working > 0 ? <strong className="num">Reading {plural(totals.working, "item")}</strong> : null}
        {settled && totals.failed + totals.interrupted === 0 ? <strong className="num">{plural(totals.done, "item")} finished</strong> : null}
        {totals.interrupted > 0 ? <span className="warn"> {open || totals.working ? "· " : ""}{totals.interrupted} to choose again</span> : null}
        {totals.failed > 0 ? <span className="bad"> {open || totals.working ? "· " : ""}{totals.failed} failed</span> : null}
        {!settled && totals.done > 0 ? <span className="quiet small num"> · {totals.done} finished</span> : null}
      </p>
      <span className="dock-actions">
        {moving ? <IconButton label="Pause sending" icon={<Pause className="icon" size={18} />} onClick={pauseAll} /> : null}
        {!moving && totals.paused > 0 ? <IconButton label="Go on sending" icon={<Play className="icon" size={18} />} onClick={resumeAll} /> : null}
        <Link to="/add" className="button quiet">Show</Link>
        {settled ? <IconButton label="Dismiss" icon={<X className="icon" size={18} />} onClick={dismiss} /> : null}
      </span>
      {open ? <span className="bar" aria-hidden><b style={{ transform: `scaleX(${share})` }} /></span> : null}
    </aside>
  );
}
