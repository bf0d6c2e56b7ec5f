import { useEffect, useRef } from "react";
import { Link } from "react-router";
import type { Cluster } from "@/client/types";
import { clusterColour } from "../api/clusters";
import "./clusters.css";

interface Props {
  clusters: readonly Cluster[];
  chosen: number | null;
  total: number;
  linkTo: (cluster: number | null) => string;
}

/** The clusters with their counts: a column beside the list, a scrolling strip on a phone. */
export function ClusterRail({ clusters, chosen, total, linkTo }: Props) {
  const rail = useRef<HTMLElement>(null);
  useEffect(() => {
    const [box, at] = [rail.current, rail.current?.querySelector<HTMLElement>("[aria-current]")];
    if (!box || !at) return;
    // only the rail moves: scrolling into view would move the page with it
    if (at.offsetTop + at.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = at.offsetTop - box.clientHeight / 2;
    if (at.offsetLeft + at.offsetWidth > box.scrollLeft + box.clientWidth) box.scrollLeft = at.offsetLeft - box.clientWidth / 2;
  }, [chosen]);
  return (
    <nav className="rail" aria-label="Clusters" ref={rail}>
      <Link to={linkTo(null)} aria-current={chosen === null ? "true" : undefined}>
        <span>All</span><span className="num quiet">{total.toLocaleString("en")}</span>
      </Link>
      {clusters.map((cluster) => (
        <Link key={cluster.id} to={linkTo(cluster.id)} aria-current={chosen === cluster.id ? "true" : undefined} title={cluster.name}>
          <i className="dot" style={{ background: clusterColour(cluster.id) }} aria-hidden />
          <span className="rail-name">{cluster.name}</span>
          <span className="num quiet">{cluster.document_count.toLocaleString("en")}</span>
        </Link>
      ))}
    </nav>
  );
}
