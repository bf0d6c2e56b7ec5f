import { Bookmark, Ellipsis, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { readProblem } from "@/client/problem";
import type { SavedSearch } from "@/client/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Menu } from "@/components/ui/menu";
import { ProblemNotice } from "@/components/ui/notice";
import { toast } from "@/lib/toast";
import { useSavedActions, useSavedSearches } from "../api/saved";
import "./search.css";

const icon = { className: "icon", size: 16, "aria-hidden": true } as const;

/** The kept searches; a number says how much each finds that is new. Looking at one makes it old. */
export function SavedSearches({ linkTo }: { linkTo: (saved: SavedSearch) => string }) {
  const saved = useSavedSearches().data;
  if (!saved || saved.length === 0) return null;
  return (
    <nav className="rail-part" aria-label="Saved searches">
      <h3>Saved searches</h3>
      <ul>{saved.map((one) => <Saved key={one.id} saved={one} to={linkTo(one)} />)}</ul>
    </nav>
  );
}

function Saved({ saved, to }: { saved: SavedSearch; to: string }) {
  const [renaming, setRenaming] = useState(false);
  const { remove, rename, seen } = useSavedActions();
  const complain = (thrown: unknown) => toast(readProblem(thrown).message, { bad: true });
  return (
    <li className="rail-line">
      <Link to={to} title={saved.name} onClick={() => seen.mutate(saved.id)}>
        <Bookmark {...icon} size={14} />
        <span className="one-line">{saved.name}</span>
        {saved.new_count > 0 ? <span className="new num"><span className="hidden-text">, </span>{saved.new_count.toLocaleString("en")}<span className="hidden-text"> new</span></span> : null}
      </Link>
      <Menu
        label={`What to do with ${saved.name}`}
        icon={<Ellipsis className="icon" size={16} />}
        items={[
          { label: "Rename", icon: <Pencil {...icon} />, act: () => setRenaming(true) },
          { label: "Delete search", icon: <Trash2 {...icon} />, danger: true, act: () => remove.mutate(saved.id, { onError: complain, onSuccess: () => toast(`“${saved.name}” is no longer kept`) }) },
        ]}
      />
      <Dialog title="Rename saved search" open={renaming} onClose={() => setRenaming(false)}>
        <NameForm name={saved.name} act="Rename" busy={rename.isPending} trouble={rename.error} onCancel={() => setRenaming(false)} onName={(name) => rename.mutate({ id: saved.id, name }, { onSuccess: () => setRenaming(false) })} />
      </Dialog>
    </li>
  );
}

/** Keeps what is asked for now, under a name. */
export function SaveSearch({ q, filters, suggested }: { q: string; filters: SavedSearch["filters"]; suggested: string }) {
  const [open, setOpen] = useState(false);
  const { save } = useSavedActions();
  const keep = (name: string) => save.mutate({ name, q, filters }, { onSuccess: () => { setOpen(false); toast("Saved; it says here when there is more of it"); } });
  return (
    <>
      <Button look="quiet" icon={<Bookmark {...icon} />} onClick={() => setOpen(true)}>Save search</Button>
      <Dialog title="Save this search" open={open} onClose={() => setOpen(false)}>
        <NameForm name={suggested} act="Save" busy={save.isPending} trouble={save.error} onCancel={() => setOpen(false)} onName={keep} />
      </Dialog>
    </>
  );
}

interface FormProps { name: string; act: string; busy: boolean; trouble: unknown; onName: (name: string) => void; onCancel: () => void }

function NameForm({ name: first, act, busy, trouble, onName, onCancel }: FormProps) {
  const [name, setName] = useState(first);
  return (
    <form onSubmit={(event) => { event.preventDefault(); onName(name.trim()); }}>
      <Field label="Name" value={name} maxLength={120} required autoFocus onFocus={(event) => event.target.select()} onChange={(event) => setName(event.target.value)} />
      {trouble ? <ProblemNotice problem={readProblem(trouble)} /> : null}
      <div className="actions">
        <Button look="quiet" onClick={onCancel}>Cancel</Button>
        <Button look="primary" type="submit" busy={busy} disabled={!name.trim()}>{act}</Button>
      </div>
    </form>
  );
}
