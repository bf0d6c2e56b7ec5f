import { Pencil, Trash2 } from "lucide-react";
import { type KeyboardEvent, useMemo, useState } from "react";
import { readProblem } from "@/client/problem";
import type { Note } from "@/client/types";
import { Button, IconButton } from "@/components/ui/button";
import { TextBlock } from "@/components/ui/text-block";
import { blocksOf } from "@/lib/blocks";
import { ago } from "@/lib/format";
import { toast } from "@/lib/toast";
import { useNoteActions, useNotes } from "../api/notes";
import "./notes.css";

const complain = (thrown: unknown) => toast(readProblem(thrown).message, { bad: true });

/** What a person wrote about a document; each note can be changed and taken away, and that be undone. */
export function Notes({ document }: { document: number }) {
  const notes = useNotes(document);
  const { add } = useNoteActions(document);
  return (
    <section className="notes" aria-label="Notes on this document">
      {notes.data?.length ? <ul>{notes.data.map((note) => <li key={note.id}><OneNote note={note} /></li>)}</ul> : null}
      <NoteForm label="New note" button="Add note" busy={add.isPending} onSave={(text, done) => add.mutate(text, { onSuccess: done, onError: complain })} />
    </section>
  );
}

function OneNote({ note }: { note: Note }) {
  const [editing, setEditing] = useState(false);
  const { add, change, remove } = useNoteActions(note.document_id);
  const blocks = useMemo(() => blocksOf(note.text), [note.text]);
  const drop = () =>
    remove.mutate(note.id, {
      onError: complain,
      onSuccess: () => toast("The note is gone", { action: { label: "Undo", act: () => void add.mutateAsync(note.text).catch(complain) } }),
    });
  if (editing) {
    return <NoteForm label="Note" button="Save" initial={note.text} busy={change.isPending} onCancel={() => setEditing(false)} onSave={(text) => change.mutate({ id: note.id, text }, { onSuccess: () => setEditing(false), onError: complain })} />;
  }
  return (
    <article className="note">
      <div className="note-text">{blocks.map((block) => <TextBlock key={block.start} text={note.text} block={block} />)}</div>
      <footer>
        <span className="small quiet num">{ago(note.created_at)}{note.updated_at !== note.created_at ? `, changed ${ago(note.updated_at)}` : ""}</span>
        <IconButton label="Edit note" icon={<Pencil className="icon" size={15} />} onClick={() => setEditing(true)} />
        <IconButton label="Delete note" icon={<Trash2 className="icon" size={15} />} onClick={drop} />
      </footer>
    </article>
  );
}

interface FormProps {
  label: string;
  button: string;
  initial?: string;
  busy: boolean;
  onSave: (text: string, done: () => void) => void;
  onCancel?: () => void;
}

/** Ctrl and Enter saves; the form takes no more room than what is written in it. */
function NoteForm({ label, button, initial = "", busy, onSave, onCancel }: FormProps) {
  const [text, setText] = useState(initial);
  const save = () => text.trim() && onSave(text.trim(), () => setText(""));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      save();
    } else if (event.key === "Escape" && onCancel) {
      event.preventDefault();
      event.stopPropagation();
      onCancel();
    }
  };
  return (
    <form
      className="note-form"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <textarea className="input" aria-label={label} placeholder="Write a note. Markdown is shown as it is meant: - lists, **strong**, # headings." maxLength={20_000} rows={initial ? Math.min(14, initial.split("\n").length + 1) : 2} value={text} autoFocus={Boolean(initial)} onChange={(event) => setText(event.target.value)} onKeyDown={onKeyDown} />
      {text.trim() || onCancel ? (
        <div className="actions">
          <Button type="submit" look="primary" busy={busy} disabled={!text.trim()}>{button}</Button>
          {onCancel ? <Button look="quiet" onClick={onCancel}>Cancel</Button> : null}
        </div>
      ) : null}
    </form>
  );
}
