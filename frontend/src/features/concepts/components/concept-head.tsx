import { Pencil } from "lucide-react";
import { useState } from "react";
import { readProblem } from "@/client/problem";
import type { ConceptDetail } from "@/client/types";
import { Button, IconButton } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { ProblemNotice } from "@/components/ui/notice";
import { plural } from "@/lib/format";
import { useConceptActions } from "../api/concepts";
import "./concepts.css";

/** The name of a concept, what kind of thing it is, how often it is shown, and the way to name it better. */
export function ConceptHead({ concept }: { concept: ConceptDetail }) {
  const [editing, setEditing] = useState(false);
  return (
    <header className="concept-head">
      <p className="small quiet">Concept{concept.category ? `, ${concept.category.replaceAll("_", " ")}` : ""}</p>
      <div>
        <h1>{concept.name}</h1>
        <IconButton label={`Rename ${concept.name}`} icon={<Pencil className="icon" size={17} />} onClick={() => setEditing(true)} />
      </div>
      <p className="quiet num">In {plural(concept.document_count, "document")}</p>
      <Dialog title="Rename concept" open={editing} onClose={() => setEditing(false)}><Form concept={concept} onDone={() => setEditing(false)} /></Dialog>
    </header>
  );
}

function Form({ concept, onDone }: { concept: ConceptDetail; onDone: () => void }) {
  const [name, setName] = useState(concept.name);
  const [category, setCategory] = useState(concept.category);
  const { change } = useConceptActions();
  const changes = { ...(name.trim() === concept.name ? {} : { name: name.trim() }), ...(category.trim() === concept.category ? {} : { category: category.trim() }) };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (Object.keys(changes).length === 0) onDone();
        else change.mutate({ id: concept.id, ...changes }, { onSuccess: onDone });
      }}
    >
      <Field label="Name" value={name} maxLength={200} required autoFocus onFocus={(event) => event.target.select()} onChange={(event) => setName(event.target.value)} note="A name you give stays, whatever spellings join it later." />
      <Field label="Kind" value={category} maxLength={60} onChange={(event) => setCategory(event.target.value)} />
      {change.error ? <ProblemNotice problem={readProblem(change.error)} /> : null}
      <div className="actions">
        <Button look="quiet" onClick={onDone}>Cancel</Button>
        <Button look="primary" type="submit" busy={change.isPending} disabled={!name.trim()}>Save</Button>
      </div>
    </form>
  );
}
