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
  return (
    <nav className="rail" aria-label="Clusters">
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
