import { Download, RotateCcw, Trash2, X } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { toast } from "@/lib/toast";
import { readProblem } from "@/client/problem";
import type { DocumentDetail } from "@/client/types";
import { Button, IconButton } from "@/components/ui/button";
import { Loading, Notice, ProblemNotice } from "@/components/ui/notice";
import { isBeingRead, useDocument, useDocumentActions } from "../api/documents";
import { Concepts } from "./concepts";
import { Contents } from "./contents";
import { CameOutOf, Members } from "./family";
import { Margin, type MarginPart } from "./margin";
import { VideoLink } from "./media";
import { Provenance } from "./provenance";
import { Related, useRelated } from "./related";
import type { Mark, Marking } from "./text-view";
import "./reader.css";

/** What other subjects say about the document in the reader. */
export interface Additions {
  /** Beside where it is filed: its cluster, its sub-topic, the way to another. */
  where: (document: DocumentDetail) => ReactNode;
  /** Below the title: tags, what it looks like, what was merged into it. */
  under: (document: DocumentDetail) => ReactNode;
  /** In the margin, behind what it is about: highlights, notes. */
  margin: (document: DocumentDetail) => readonly MarginPart[];
  marking: Marking | null;
  conceptTo: (id: number) => string;
  documentTo: (id: number) => string;
}

interface Props {
  id: number;
  mark: Mark | null;
  /** What was searched for; its words are marked on pictures. */
  q: string;
  onMark: (mark: Mark) => void;
  onClose: () => void;
  additions: Additions;
}

/** One document: its text, what it is about with the proof, where it comes from, and what can be done with it. */
export default function Reader({ id, mark, q, onMark, onClose, additions }: Props) {
  const found = useDocument(id);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    panel.current?.focus({ preventScroll: true });
    panel.current?.scrollTo(0, 0);
  }, [id]);
  return (
    <aside className="reader" ref={panel} tabIndex={-1} aria-label="Reader">
      <div className="reader-bar">
        {found.data ? <Actions document={found.data} onClose={onClose} /> : null}
        <IconButton label="Close reader" icon={<X className="icon" size={20} />} onClick={onClose} />
      </div>
      {found.data ? (
        <Body key={id} document={found.data} mark={mark} q={q} onMark={onMark} additions={additions} />
      ) : (
        <div className="reader-body">{found.error ? <ProblemNotice problem={readProblem(found.error)} /> : <Loading rows={8} label="Opening the document" />}</div>
      )}
    </aside>
  );
}

function Actions({ document, onClose }: { document: DocumentDetail; onClose: () => void }) {
  const { remove, restore, reprocess } = useDocumentActions();
  const complain = (thrown: unknown) => toast(readProblem(thrown).message, { bad: true });
  const drop = () =>
    remove.mutate(document.id, {
      onError: complain,
      onSuccess: () => {
        onClose();
        toast(`“${document.title}” is in the trash`, {
          action: { label: "Undo", act: () => restore.mutate(document.id, { onError: complain, onSuccess: () => toast("Restored") }) },
        });
      },
    });
  return (
    <>
      <a className="button quiet" href={`/documents/${document.id}/file`} download={document.filename}><Download className="icon" size={17} aria-hidden />Original</a>
      <Button
        look="quiet"
        icon={<RotateCcw className="icon" size={17} aria-hidden />}
        busy={reprocess.isPending}
        disabled={isBeingRead(document)}
        onClick={() => reprocess.mutate(document.id, { onError: complain, onSuccess: () => toast("It is being read again") })}
      >
        Read again
      </Button>
      <IconButton label="Move to trash" icon={<Trash2 className="icon" size={18} />} onClick={drop} />
    </>
  );
}

function Body({ document, mark, q, onMark, additions }: { document: DocumentDetail } & Pick<Props, "mark" | "q" | "onMark" | "additions">) {
  const related = useRelated(document.id, document.updated_at, !isBeingRead(document));
  const parts: MarginPart[] = [
    { name: "about", label: "About", count: document.concepts.length, body: <Concepts quotes={document.concepts} onMark={onMark} mark={mark} conceptTo={additions.conceptTo} /> },
    ...additions.margin(document),
    { name: "related", label: "Related", count: related?.length ?? 0, body: <Related found={related} documentTo={additions.documentTo} /> },
  ];
  return (
    <div className="reader-body">
      <h2 className="reader-title">{document.title || document.filename}</h2>
      <div className="reader-where small">{additions.where(document)}<VideoLink document={document} /><CameOutOf document={document} /></div>
      {additions.under(document)}
      {document.error ? <ProblemNotice problem={readProblem({ error: document.error })} /> : null}
      {isBeingRead(document) ? <Notice>{(document.char_count ?? 0) > 0 ? "It is being read; what is ready is shown here already." : "It is being read; the text appears here when it is ready."}</Notice> : null}
      {(document.warnings ?? []).map((warning, index) => <Notice key={index} tone="warn">{String(warning.message ?? "")}</Notice>)}
      <Contents document={document} mark={mark} q={q} marking={additions.marking}>
        <Margin parts={parts} />
      </Contents>
      <Members document={document} />
      <Provenance document={document} />
    </div>
  );
}
