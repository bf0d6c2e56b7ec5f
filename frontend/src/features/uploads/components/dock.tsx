import { X } from "lucide-react";
import { Link } from "react-router";
import { IconButton } from "@/components/ui/button";
import { bytes, plural } from "@/lib/format";
import { useStore } from "@/lib/store";
import type { JobItem } from "@/client/types";
import { dismissUploads, uploads } from "../api/queue";
import { totalsOf } from "../api/totals";
import "./uploads.css";

/** Follows the uploads of this tab on every page but Add; failures stay until they are read or dismissed. */
export function Dock({ jobs }: { jobs: ReadonlyMap<string, JobItem> }) {
  const all = useStore(uploads);
  const totals = totalsOf(all, jobs, Date.now());
  if (all.length === 0) return null;
  const share = totals.bytes > 0 ? totals.sent / totals.bytes : 1;
  const moving = totals.waiting + totals.sending > 0;
  const settled = !moving && totals.working === 0;
  return (
    <aside className="dock" aria-label="Uploads">
      <p role="status">
        {moving ? <strong className="num">Sending {plural(totals.waiting + totals.sending, "file")}, {bytes(totals.sent)} of {bytes(totals.bytes)}</strong> : null}
        {!moving && totals.working > 0 ? <strong className="num">Reading {plural(totals.working, "file")}</strong> : null}
        {settled && totals.failed === 0 ? <strong className="num">{plural(totals.done, "file")} finished</strong> : null}
        {totals.failed > 0 ? <span className="bad"> {moving || totals.working ? "· " : ""}{totals.failed} failed</span> : null}
        {!settled && totals.done > 0 ? <span className="quiet small num"> · {totals.done} finished</span> : null}
      </p>
      <span className="dock-actions">
        <Link to="/add" className="button quiet">Show</Link>
        {settled ? <IconButton label="Dismiss" icon={<X className="icon" size={18} />} onClick={() => dismissUploads(new Set(all.map((one) => one.id)))} /> : null}
      </span>
      {moving ? <span className="bar" aria-hidden><b style={{ transform: `scaleX(${share})` }} /></span> : null}
    </aside>
  );
}
