import { Link } from "react-router";
import { readProblem } from "@/client/problem";
import { Empty, Loading, ProblemNotice } from "@/components/ui/notice";
import { Rows } from "@/components/ui/rows";
import { type Filter, useDocuments } from "@/features/documents/api/documents";
import { DocumentRow } from "@/features/documents/components/document-row";
import { askedOf, type BoardView, type Change } from "./board-view";

/** One long list of documents, for a cluster, a concept or an order of its own. */
export default function Flat({ view, linkTo }: { view: BoardView; linkTo: (change: Change) => string }) {
  const filter: Filter = { sort: view.sort === "title" ? "title" : "-created_at", ...askedOf(view) };
  const documents = useDocuments(filter);
  const items = [...new Map((documents.data?.pages ?? []).flatMap((page) => page.items).map((one) => [one.id, one])).values()];
  if (documents.error && !documents.data) return <ProblemNotice problem={readProblem(documents.error)} />;
  if (!documents.data) return <Loading rows={6} label="Loading documents" />;
  if (items.length === 0) return <Empty title="Nothing here"><p>No document fits these filters.</p><Link to="/">Show everything</Link></Empty>;
  return (
    <Rows
      label="Documents"
      items={items}
      keyOf={(document) => document.id}
      estimate={72}
      onEnd={documents.hasNextPage && !documents.isFetchingNextPage ? () => void documents.fetchNextPage() : undefined}
      render={(document) => (
        <DocumentRow document={document} showCluster={view.cluster === null} chosen={view.document === document.id} to={linkTo({ document: document.id, at: null })} conceptTo={(concept) => linkTo({ concept, document: null })} />
      )}
    />
  );
}
