import { Highlighter, NotebookPen, Trash2 } from "lucide-react";
import { useState } from "react";
import { readProblem } from "@/client/problem";
import type { Highlight } from "@/client/types";
import { Button, IconButton } from "@/components/ui/button";
import { placeName, plainText } from "@/lib/format";
import { toast } from "@/lib/toast";
import { COLOURS, type Colour, useHighlightActions, useHighlights } from "../api/highlights";
import "@/components/ui/pens.css";
import "./highlights.css";

interface Stretch {
  start: number;
  end: number;
}

interface Props {
  document: number;
  /** The place that is marked at the moment: it can be highlighted without selecting anything. */
  mark: Stretch | null;
  onMark: (place: Stretch) => void;
}

const complain = (thrown: unknown) => toast(readProblem(thrown).message, { bad: true });

/** What was highlighted in a document: a press leads to its place; what is not in the text any more keeps its words. */
export function HighlightList({ document, mark, onMark }: Props) {
  const all = useHighlights(document);
  const { add } = useHighlightActions(document);
  const taken = mark !== null && all.some((one) => one.start === mark.start && one.end === mark.end);
  return (
    <section className="highlights" aria-label="Highlights">
      {all.length === 0 ? <p className="margin-empty">Select words of the text and press a colour. With the keyboard: open a quote under About, then highlight it here.</p> : null}
      <ul>{all.map((one) => <li key={one.id}><OneHighlight highlight={one} mark={mark} onMark={onMark} /></li>)}</ul>
      {mark && !taken ? <Button icon={<Highlighter className="icon" size={16} aria-hidden />} busy={add.isPending} onClick={() => add.mutate({ ...mark, colour: "yellow" }, { onError: complain })}>Highlight the marked place</Button> : null}
    </section>
  );
}

function OneHighlight({ highlight, mark, onMark }: { highlight: Highlight; mark: Stretch | null; onMark: (place: Stretch) => void }) {
  const [writing, setWriting] = useState(false);
  const { add, change, remove } = useHighlightActions(highlight.document_id);
  const { id, quote, start, end, lost, note } = highlight;
  const colour = COLOURS.find((one) => one === highlight.colour) ?? "yellow";
  const drop = () =>
    remove.mutate(id, {
      onError: complain,
      onSuccess: () => toast("The highlight is gone", lost ? {} : { action: { label: "Undo", act: () => void add.mutateAsync({ start, end, quote, colour, ...(note ? { note } : {}) }).catch(complain) } }),
    });
  const words = <><q>{plainText(quote)}</q>{note ? <span className="highlight-note">{note}</span> : null}</>;
  return (
    <article className="highlight-row" data-pen={colour} aria-label={`${colour} highlight`}>
      {lost ? (
        <div className="highlight-words lost">{words}<span className="small quiet">Not in the text any more since it was read again</span></div>
      ) : (
        <button type="button" className="highlight-words" aria-pressed={mark !== null && mark.start === start && mark.end === end} onClick={() => onMark({ start, end })}>{words}{placeName(highlight.place) ? <span className="small quiet num">{placeName(highlight.place)}</span> : null}</button>
      )}
      <div className="highlight-actions">
        <Colours value={colour} onChange={(next) => change.mutate({ id, colour: next }, { onError: complain })} />
        <IconButton label={note ? "Change its note" : "Add a note to it"} icon={<NotebookPen className="icon" size={15} />} aria-expanded={writing} onClick={() => setWriting(!writing)} />
        <IconButton label="Delete highlight" icon={<Trash2 className="icon" size={15} />} onClick={drop} />
      </div>
      {writing ? <NoteField initial={note ?? ""} busy={change.isPending} onSave={(text) => change.mutate({ id, note: text || null }, { onSuccess: () => setWriting(false), onError: complain })} /> : null}
    </article>
  );
}

function Colours({ value, onChange }: { value: Colour; onChange: (colour: Colour) => void }) {
  return (
    <select className="select small" aria-label="Colour of the highlight" value={value} onChange={(event) => onChange(event.target.value as Colour)}>
      {COLOURS.map((colour) => <option key={colour} value={colour}>{colour.charAt(0).toUpperCase() + colour.slice(1)}</option>)}
    </select>
  );
}

function NoteField({ initial, busy, onSave }: { initial: string; busy: boolean; onSave: (text: string) => void }) {
  const [text, setText] = useState(initial);
  return (
    <form
      className="highlight-form"
      onSubmit={(event) => {
        event.preventDefault();
        onSave(text.trim());
      }}
    >
      <textarea className="input" aria-label="Note on the highlight" rows={2} autoFocus maxLength={5000} value={text} onChange={(event) => setText(event.target.value)} />
      <Button type="submit" busy={busy}>Save</Button>
    </form>
  );
}
