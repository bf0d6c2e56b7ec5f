import { useMemo, useRef } from "react";
import { Link, useSearchParams } from "react-router";
import type { DocumentDetail } from "@/client/types";
import { clusterColour, useClusters } from "@/features/clusters/api/clusters";
import { shownMargin } from "@/features/documents/api/margin";
import { MoveTo } from "@/features/documents/components/move-to";
import Reader, { type Additions } from "@/features/documents/components/reader";
import type { Mark } from "@/features/documents/components/text-view";
import type { Chosen } from "@/features/documents/components/use-selected";
import { LooksLike } from "@/features/duplicates/components/looks-like";
import { MergedHere } from "@/features/duplicates/components/merged-here";
import { useHighlights } from "@/features/highlights/api/highlights";
import { HighlightBar } from "@/features/highlights/components/highlight-bar";
import { HighlightList } from "@/features/highlights/components/highlight-list";
import { useNotes } from "@/features/notes/api/notes";
import { Notes } from "@/features/notes/components/notes";
import { TagLine } from "@/features/tags/components/tag-line";

interface Props {
  id: number;
  mark: Mark | null;
  /** What was searched for. */
  q: string;
  onMark: (mark: Mark) => void;
  onClose: () => void;
}

/** The reader, with what tags, notes, highlights, clusters and duplicates say about the document in it. */
export default function Reading({ id, mark, q, onMark, onClose }: Props) {
  const highlights = useHighlights(id);
  const notes = useNotes(id).data?.length ?? 0;
  const [params] = useSearchParams();
  const mover = useRef(onMark);
  mover.current = onMark;
  const marking = useMemo(
    () => ({
      highlights: highlights.filter((one) => !one.lost),
      onHighlight: (which: number) => {
        shownMargin.set("highlights");
        const one = highlights.find((highlight) => highlight.id === which);
        if (one) mover.current({ start: one.start, end: one.end });
      },
      bar: ({ start, end, quote }: Chosen, clear: () => void) => <HighlightBar key={`${start}-${end}`} document={id} start={start} end={end} quote={quote} onDone={clear} />,
    }),
    [highlights, id],
  );
  const additions: Additions = {
    where: (document) => <Where document={document} />,
    under: (document) => (
      <>
        <TagLine document={document} tagTo={(tag) => `/?tag=${tag}`} />
        <LooksLike document={document} />
        <MergedHere document={document} />
      </>
    ),
    margin: (document) => [
      { name: "highlights", label: "Highlights", count: highlights.length, body: <HighlightList document={document.id} mark={mark} onMark={onMark} /> },
      { name: "notes", label: "Notes", count: notes, body: <Notes document={document.id} /> },
    ],
    marking,
    conceptTo: (concept) => `/concepts/${concept}`,
    documentTo: (other) => `/?${withDocument(params, other)}`,
  };
  return <Reader id={id} mark={mark} q={q} onMark={onMark} onClose={onClose} additions={additions} />;
}

/** The address with another document in the reader and all else as it is. */
function withDocument(params: URLSearchParams, id: number): URLSearchParams {
  const next = new URLSearchParams(params);
  next.delete("at");
  next.set("document", String(id));
  return next;
}

/** The cluster and the sub-topic of a document, and the way to another cluster. */
function Where({ document }: { document: DocumentDetail }) {
  const clusters = useClusters();
  const { cluster_id: cluster, cluster_name: name, subcluster_id: sub, subcluster_name: subName } = document;
  return (
    <>
      {cluster ? <Link to={`/?cluster=${cluster}&document=${document.id}`}><i className="dot" style={{ background: clusterColour(cluster) }} aria-hidden />{name}</Link> : null}
      {cluster && sub ? <Link to={`/?cluster=${cluster}&subcluster=${sub}&document=${document.id}`}>{subName}</Link> : null}
      <MoveTo document={document} clusters={clusters.data ?? []} />
    </>
  );
}
