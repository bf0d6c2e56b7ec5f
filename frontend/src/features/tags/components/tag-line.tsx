import { Plus, Wand, X } from "lucide-react";
import { useRef, useState } from "react";
import { Link } from "react-router";
import { readProblem } from "@/client/problem";
import type { DocumentDetail } from "@/client/types";
import { Button } from "@/components/ui/button";
import { Suggest } from "@/components/ui/suggest";
import { folded } from "@/lib/folded";
import { plural } from "@/lib/format";
import { toast } from "@/lib/toast";
import { useSetTags, useTags } from "../api/tags";
import "@/components/ui/pens.css";
import "./tags.css";

/** The tags of a document: each can be taken off, a new one is typed; those a rule put there say so. */
export function TagLine({ document, tagTo }: { document: Pick<DocumentDetail, "id" | "tags">; tagTo: (id: number) => string }) {
  const [adding, setAdding] = useState(false);
  const set = useSetTags();
  const line = useRef<HTMLElement>(null);
  const names = document.tags.map((tag) => tag.name);
  const change = (next: string[]) => set.mutate({ document: document.id, names: next }, { onError: (thrown) => toast(readProblem(thrown).message, { bad: true }) });
  const close = () => {
    setAdding(false);
    requestAnimationFrame(() => line.current?.querySelector<HTMLElement>(".tag-add")?.focus());
  };
  return (
    <section className="tag-line" aria-label="Tags" ref={line}>
      <ul>
        {document.tags.map((tag) => (
          <li key={tag.id} className="tag" data-pen={tag.colour}>
            <Link to={tagTo(tag.id)} title={tag.source === "rule" ? "Put here by the rule of this tag" : undefined}>
              {tag.source === "rule" ? <Wand className="icon" size={13} aria-label="By rule: " /> : null}
              <span className="one-line">{tag.name}</span>
            </Link>
            <button type="button" aria-label={`Remove tag ${tag.name}`} disabled={set.isPending} onClick={() => change(names.filter((name) => name !== tag.name))}><X className="icon" size={14} aria-hidden /></button>
          </li>
        ))}
      </ul>
      {adding ? (
        <AddTag
          known={names}
          onClose={close}
          onAdd={(name) => {
            if (!names.some((one) => folded(one) === folded(name))) change([...names, name]);
          }}
        />
      ) : (
        <Button className="tag-add" look="quiet" icon={<Plus className="icon" size={15} aria-hidden />} onClick={() => setAdding(true)}>Tag</Button>
      )}
    </section>
  );
}

/** The field stays open for the next tag until it is left. */
function AddTag({ known, onAdd, onClose }: { known: readonly string[]; onAdd: (name: string) => void; onClose: () => void }) {
  const [text, setText] = useState("");
  const tags = useTags();
  const taken = new Set(known.map(folded));
  const wanted = folded(text);
  const options = (tags.data ?? [])
    .filter((tag) => !taken.has(folded(tag.name)) && folded(tag.name).includes(wanted))
    .slice(0, 6)
    .map((tag) => ({ key: tag.id, text: tag.name, detail: plural(tag.document_count, "document") }));
  const add = (name: string) => {
    setText("");
    onAdd(name);
  };
  return (
    <div className="tag-field" onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && onClose()}>
      <Suggest label="Add a tag" placeholder="Name of a tag" autoFocus maxLength={60} value={text} onValue={setText} options={options} onPick={(one) => add(one.text)} onNew={add} onClose={onClose} />
    </div>
  );
}
