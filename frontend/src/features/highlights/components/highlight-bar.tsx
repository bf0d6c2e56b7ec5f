import { NotebookPen, X } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { readProblem } from "@/client/problem";
import { Button, IconButton } from "@/components/ui/button";
import { toast } from "@/lib/toast";
import { PENS, type Colour, useHighlightActions } from "../api/highlights";
import "@/components/ui/pens.css";
import "./highlights.css";

interface Props {
  document: number;
  start: number;
  end: number;
  quote: string;
  onDone: () => void;
}

/** Beside a selected stretch: a press of a colour marks it; a note can be written with it. */
export function HighlightBar({ document, start, end, quote, onDone }: Props) {
  const [note, setNote] = useState<string | null>(null);
  const { add } = useHighlightActions(document);
  const save = (colour: Colour) =>
    add.mutate({ start, end, quote, colour, ...(note?.trim() ? { note: note.trim() } : {}) }, { onSuccess: onDone, onError: (thrown) => toast(readProblem(thrown).message, { bad: true }) });
  return (
    <div className="highlight-bar" role="toolbar" aria-label="Highlight what is selected" onPointerDown={(event) => (event.target as HTMLElement).tagName !== "TEXTAREA" && event.preventDefault()} onKeyDown={moveAlong}>
      {note === null ? null : <textarea className="input" aria-label="Note on the highlight" rows={2} autoFocus maxLength={5000} placeholder="Note, then press a colour" value={note} onChange={(event) => setNote(event.target.value)} />}
      <div>
        {PENS.map((colour) => (
          <button key={colour} type="button" className="swatch" data-pen={colour} aria-label={`Highlight ${colour}`} title={`Highlight ${colour}`} disabled={add.isPending} onClick={() => save(colour)}><i /></button>
        ))}
        {note === null ? <Button look="quiet" icon={<NotebookPen className="icon" size={17} aria-hidden />} onClick={() => setNote("")}>Note</Button> : null}
        <IconButton label="Give up the selection" icon={<X className="icon" size={17} />} onClick={onDone} />
      </div>
    </div>
  );
}

/** The arrows go from button to button, as in every toolbar. */
function moveAlong(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>("button")];
  const here = buttons.indexOf(document.activeElement as HTMLElement);
  if (here < 0) return;
  event.preventDefault();
  buttons[(here + (event.key === "ArrowRight" ? 1 : -1) + buttons.length) % buttons.length]?.focus();
}
