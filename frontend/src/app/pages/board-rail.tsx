import { Link } from "react-router";
import type { Cluster, SavedSearch } from "@/client/types";
import { ClusterRail } from "@/features/clusters/components/cluster-rail";
import { SavedSearches } from "@/features/search/components/saved-searches";
import { useTags } from "@/features/tags/api/tags";
import "@/components/ui/pens.css";
import { type BoardView, type Change, dayOf, NO_FILTERS } from "./board-view";

interface Props {
  view: BoardView;
  clusters: readonly Cluster[];
  total: number;
  linkTo: (change: Change) => string;
}

/** What the board can be narrowed down to with one press: topics, tags, kept searches. */
export function BoardRail({ view, clusters, total, linkTo }: Props) {
  return (
    <div className="board-rail" data-scrolls>
      <ClusterRail
        clusters={clusters}
        chosen={view.cluster}
        subcluster={view.subcluster}
        total={total}
        linkTo={(cluster, subcluster) => linkTo({ cluster, subcluster, concept: null, ...(view.as === "map" ? {} : { document: null, at: null }) })}
      />
      <SavedSearches linkTo={(saved) => linkTo(viewOf(saved))} />
      <TagRail view={view} linkTo={linkTo} />
    </div>
  );
}

/** A kept search as the board shows it: with its filters and no others. */
export function viewOf(saved: Pick<SavedSearch, "q" | "filters">): Change {
  const known = Object.fromEntries(Object.entries(saved.filters).filter(([name, value]) => name in NO_FILTERS && value !== null));
  return { ...NO_FILTERS, ...known, since: dayOf(saved.filters.since), until: dayOf(saved.filters.until, true), q: saved.q, document: null, at: null };
}

const MOST = 30;

function TagRail({ view, linkTo }: Pick<Props, "view" | "linkTo">) {
  const tags = [...(useTags().data ?? [])].filter((tag) => tag.document_count > 0 || tag.id === view.tag).sort((a, b) => b.document_count - a.document_count).slice(0, MOST);
  if (tags.length === 0) return null;
  return (
    <nav className="rail-part" aria-label="Tags">
      <h3>Tags</h3>
      <ul>
        {tags.map((tag) => (
          <li key={tag.id} className="rail-line" data-pen={tag.colour}>
            <Link to={linkTo({ tag: view.tag === tag.id ? null : tag.id, document: null, at: null })} aria-current={view.tag === tag.id ? "true" : undefined} title={tag.name}>
              <i className="tag-dot" aria-hidden /><span className="one-line">{tag.name}</span><span className="num quiet small">{tag.document_count.toLocaleString("en")}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
