import { ChevronRight, Pin } from "lucide-react";
import { type DragEvent, useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { readProblem } from "@/client/problem";
import type { Cluster } from "@/client/types";
import { IconButton } from "@/components/ui/button";
import { toast } from "@/lib/toast";
import { clusterColour, useClusterActions, useSubtopics } from "../api/clusters";
import "./clusters.css";

interface Props {
  clusters: readonly Cluster[];
  chosen: number | null;
  subcluster: number | null;
  total: number;
  linkTo: (cluster: number | null, subcluster: number | null) => string;
}

/** The topics with their counts and sub-topics: a column beside the list, a scrolling strip on a phone. */
export function ClusterRail({ clusters, chosen, subcluster, total, linkTo }: Props) {
  const rail = useRef<HTMLElement>(null);
  useEffect(() => {
    const box = rail.current?.closest<HTMLElement>("[data-scrolls]") ?? rail.current;
    const at = rail.current?.querySelector<HTMLElement>("[aria-current]");
    if (!box || !at) return;
    // only the rail moves: scrolling into view would move the page with it
    const [seen, wanted] = [box.getBoundingClientRect(), at.getBoundingClientRect()];
    if (wanted.bottom > seen.bottom || wanted.top < seen.top) box.scrollTop += wanted.top - seen.top - box.clientHeight / 2;
    const [strip, name] = [rail.current!, at];
    if (name.offsetLeft + name.offsetWidth > strip.scrollLeft + strip.clientWidth) strip.scrollLeft = name.offsetLeft - strip.clientWidth / 2;
  }, [chosen]);
  return (
    <nav className="rail" aria-label="Clusters" ref={rail}>
      <Link to={linkTo(null, null)} aria-current={chosen === null ? "true" : undefined}>
        <span>All</span><span className="num quiet">{total.toLocaleString("en")}</span>
      </Link>
      {clusters.map((cluster) => <Topic key={cluster.id} cluster={cluster} chosen={chosen === cluster.id} subcluster={subcluster} linkTo={linkTo} />)}
    </nav>
  );
}

function Topic({ cluster, chosen, subcluster, linkTo }: { cluster: Cluster; chosen: boolean; subcluster: number | null; linkTo: Props["linkTo"] }) {
  const [asked, setAsked] = useState<boolean | null>(null);
  const open = asked ?? chosen;
  const subtopics = useSubtopics(cluster.id, open).data ?? [];
  const { over, ...drop } = useDropped(cluster);
  return (
    <>
      <div className={over ? "rail-topic over" : "rail-topic"} {...drop}>
        <Link to={linkTo(cluster.id, null)} aria-current={chosen && subcluster === null ? "true" : undefined} title={cluster.name}>
          <i className="dot" style={{ background: clusterColour(cluster.id) }} aria-hidden />
          <span className="rail-name">{cluster.name}</span>
          {cluster.pinned ? <Pin className="icon rail-pin" size={13} aria-label="pinned" /> : null}
          <span className="num quiet">{cluster.document_count.toLocaleString("en")}</span>
        </Link>
        <IconButton className={open ? "rail-more turned" : "rail-more"} label={`${open ? "Hide" : "Show"} the sub-topics of ${cluster.name}`} aria-expanded={open} icon={<ChevronRight className="icon" size={16} />} onClick={() => setAsked(!open)} />
      </div>
      {open && subtopics.length > 0 ? (
        <ul className="rail-subtopics" aria-label={`Sub-topics of ${cluster.name}`}>
          {subtopics.map((one) => (
            <li key={one.id}>
              <Link to={linkTo(cluster.id, one.id)} aria-current={subcluster === one.id ? "true" : undefined} title={one.name}>
                <span className="rail-name">{one.name}</span><span className="num quiet">{one.document_count.toLocaleString("en")}</span>
              </Link>
            </li>
          ))}
        </ul>
      ) : null}
      {open && asked && subtopics.length === 0 ? <p className="rail-none small quiet">No sub-topics</p> : null}
    </>
  );
}

/** A document's row dragged onto a topic is filed there: the row's own link says which document it is. */
function useDropped(cluster: Cluster) {
  const [over, setOver] = useState(false);
  const { move } = useClusterActions();
  const isLink = (event: DragEvent) => event.dataTransfer.types.includes("text/uri-list") && !event.dataTransfer.types.includes("Files");
  return {
    over,
    onDragOver: (event: DragEvent) => {
      if (!isLink(event)) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      setOver(false);
      const dragged = /[?&]document=(\d+)/.exec(event.dataTransfer.getData("text/uri-list"));
      if (!dragged || !isLink(event)) return;
      event.preventDefault();
      move.mutate({ document: Number(dragged[1]), cluster: cluster.id }, {
        onSuccess: () => toast(`Moved to ${cluster.name}`),
        onError: (thrown) => toast(readProblem(thrown).message, { bad: true }),
      });
    },
  };
}
