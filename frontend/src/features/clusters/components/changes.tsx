import { useState } from "react";
import { Link } from "react-router";
import { Button } from "@/components/ui/button";
import { ago, dateTime } from "@/lib/format";
import { useClusterChanges } from "../api/clusters";
import "./clusters.css";

const FEW = 2;
const MANY = 30;
/** These lead nowhere any more. */
const GONE = new Set(["vanished"]);

/** What became of the topics lately: what joined, what was split, what became one. */
export function Changes({ clusterTo }: { clusterTo: (id: number) => string }) {
  const [all, setAll] = useState(false);
  const changes = useClusterChanges(all ? MANY : FEW).data;
  if (!changes || changes.items.length === 0) return null;
  return (
    <section className="changes" aria-label="Recent changes">
      <ul>
        {changes.items.map((one) => (
          <li key={one.id}>
            {one.cluster_id !== null && !GONE.has(one.kind) ? <Link to={clusterTo(one.cluster_id)}>{one.message}</Link> : <span>{one.message}</span>}
            <time className="small quiet num" dateTime={one.at} title={dateTime(one.at)}>{ago(one.at)}</time>
          </li>
        ))}
      </ul>
      {changes.total > FEW ? <Button look="quiet" aria-expanded={all} onClick={() => setAll(!all)}>{all ? "Show fewer changes" : "More changes"}</Button> : null}
    </section>
  );
}
