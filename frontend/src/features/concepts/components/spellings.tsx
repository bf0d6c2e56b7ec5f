import { Split } from "lucide-react";
import { useState } from "react";
import { readProblem } from "@/client/problem";
import type { ConceptDetail } from "@/client/types";
import { Button } from "@/components/ui/button";
import { Suggest } from "@/components/ui/suggest";
import { plural } from "@/lib/format";
import { toast } from "@/lib/toast";
import { howWord, useConceptActions, useConceptNames } from "../api/concepts";
import "./concepts.css";

const complain = (thrown: unknown) => toast(readProblem(thrown).message, { bad: true });

/** The spellings that are one concept and how each came to it; any can be split off, others can be merged in. */
export function Spellings({ concept }: { concept: ConceptDetail }) {
  const { merge, split } = useConceptActions();
  const off = (id: number, name: string) =>
    split.mutate({ id: concept.id, spellings: [id] }, {
      onError: complain,
      onSuccess: () => toast(`“${name}” is a concept of its own`, { action: { label: "Undo", act: () => merge.mutate({ id: concept.id, others: [id] }, { onError: complain }) } }),
    });
  return (
    <section className="concept-part" aria-label="Spellings">
      <h2>Spellings</h2>
      <ul className="spellings">
        {concept.spellings.map((one) => (
          <li key={one.id}>
            <span>{one.name}<span className="small quiet num"> {howWord(one.how)} · {plural(one.document_count, "document")}</span></span>
            {one.how === "self" ? null : <Button look="quiet" icon={<Split className="icon" size={16} aria-hidden />} aria-label={`Split off ${one.name}`} busy={split.isPending && split.variables.spellings[0] === one.id} onClick={() => off(one.id, one.name)}>Split</Button>}
          </li>
        ))}
      </ul>
      <MergeBox concept={concept} />
    </section>
  );
}

/** Another concept that is the same thing: it becomes a spelling of this one. */
function MergeBox({ concept }: { concept: ConceptDetail }) {
  const [text, setText] = useState("");
  const found = useConceptNames(text);
  const { merge, split } = useConceptActions();
  const own = new Set([concept.id, ...concept.spellings.map((one) => one.id)]);
  const options = text.trim() ? (found.data ?? []).filter((one) => !own.has(one.id)).slice(0, 7).map((one) => ({ key: one.id, text: one.name, detail: plural(one.document_count, "document") })) : [];
  const take = ({ key, text: name }: { key: number; text: string }) =>
    merge.mutate({ id: concept.id, others: [key] }, {
      onError: complain,
      onSuccess: () => {
        setText("");
        toast(`“${name}” is a spelling of “${concept.name}” now`, { action: { label: "Undo", act: () => split.mutate({ id: concept.id, spellings: [key] }, { onError: complain }) } });
      },
    });
  return (
    <div className="merge-box">
      <Suggest label="Merge with another concept" placeholder="Merge with…" value={text} onValue={setText} options={options} onPick={take} onClose={() => setText("")} />
      {text.trim() && found.data && options.length === 0 ? <p className="small quiet" role="status">No other concept is called that.</p> : null}
    </div>
  );
}
