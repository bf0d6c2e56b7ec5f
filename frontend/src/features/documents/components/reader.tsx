import { Download, RotateCcw, Trash2, X } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { toast } from "@/lib/toast";
import { readProblem } from "@/client/problem";
import type { DocumentDetail, Quote } from "@/client/types";
import { Button, IconButton } from "@/components/ui/button";
import { Loading, Notice, ProblemNotice } from "@/components/ui/notice";
import { placeName, plainText } from "@/lib/format";
import { isBeingRead, useDocument, useDocumentActions } from "../api/documents";
import { Contents } from "./contents";
import { CameOutOf, Members } from "./family";
import { VideoLink } from "./media";
import { Provenance } from "./provenance";
import type { Mark } from "./text-view";
import "./reader.css";

interface Props {
  id: number;
  mark: Mark | null;
  /** What was searched for; its words are marked on pictures. */
  q: string;
  onMark: (mark: Mark) => void;
  onClose: () => void;
  clusterLink: (document: DocumentDetail) => ReactNode;
}

/** One document: its text, what it is about with the proof, where it comes from, and what can be done with it. */
export default function Reader({ id, mark, q, onMark, onClose, clusterLink }: Props) {
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
        <Body key={id} document={found.data} mark={mark} q={q} onMark={onMark} clusterLink={clusterLink} />
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

function Body({ document, mark, q, onMark, clusterLink }: { document: DocumentDetail } & Pick<Props, "mark" | "q" | "onMark" | "clusterLink">) {
  return (
    <div className="reader-body">
      <h2 className="reader-title">{document.title || document.filename}</h2>
      <div className="reader-where small">{clusterLink(document)}<VideoLink document={document} /><CameOutOf document={document} /></div>
      {document.error ? <ProblemNotice problem={readProblem({ error: document.error })} /> : null}
      {isBeingRead(document) ? <Notice>{(document.char_count ?? 0) > 0 ? "It is being read; what is ready is shown here already." : "It is being read; the text appears here when it is ready."}</Notice> : null}
      {(document.warnings ?? []).map((warning, index) => <Notice key={index} tone="warn">{String(warning.message ?? "")}</Notice>)}
      <Contents document={document} mark={mark} q={q}>
        <Concepts quotes={document.concepts} onMark={onMark} mark={mark} />
      </Contents>
      <Members document={document} />
      <Provenance document={document} />
    </div>
  );
}

const FEW = 4;

function Concepts({ quotes, mark, onMark }: { quotes: readonly Quote[]; mark: Mark | null; onMark: (mark: Mark) => void }) {
  const [all, setAll] = useState(false);
  if (quotes.length === 0) return null;
  return (
    <section className="quotes" aria-label="What it is about">
      <h3>What it is about</h3>
      <ul>
        {quotes.slice(0, all ? undefined : FEW).map((quote) => (
          <li key={quote.id}>
            <button type="button" aria-pressed={mark !== null && mark.start === quote.start && mark.end === quote.end} onClick={() => onMark({ start: quote.start, end: quote.end })}>
              <strong>{quote.name}</strong>
              <q>{plainText(quote.quote)}</q>
              {placeName(quote.place) ? <span className="quiet small num">{placeName(quote.place)}</span> : null}
            </button>
          </li>
        ))}
      </ul>
      {quotes.length > FEW ? <Button look="quiet" aria-expanded={all} onClick={() => setAll(!all)}>{all ? "Show fewer" : `Show all ${quotes.length}`}</Button> : null}
    </section>
  );
}
