import { X } from "lucide-react";
import { useEffect, useState } from "react";
import { useStore } from "@/lib/store";
import { dropToast, type Toast, toasts } from "@/lib/toast";
import { Button, IconButton } from "./button";
import "./toaster.css";

export function Toaster() {
  const all = useStore(toasts);
  return (
    <section className="toaster" aria-label="Notes" aria-live="polite">
      {all.map((note) => <Note key={note.id} note={note} />)}
    </section>
  );
}

/** One note; it waits while it is pointed at or has the focus. */
function Note({ note }: { note: Toast }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = window.setTimeout(() => dropToast(note.id), note.milliseconds);
    return () => window.clearTimeout(timer);
  }, [held, note]);
  return (
    <div className={note.bad ? "toast bad" : "toast"} role={note.bad ? "alert" : undefined} onMouseEnter={() => setHeld(true)} onMouseLeave={() => setHeld(false)} onFocus={() => setHeld(true)} onBlur={() => setHeld(false)}>
      <p>{note.text}</p>
      {note.action ? (
        <Button
          onClick={() => {
            note.action?.act();
            dropToast(note.id);
          }}
        >
          {note.action.label}
        </Button>
      ) : null}
      <IconButton label="Dismiss" icon={<X className="icon" size={16} />} onClick={() => dropToast(note.id)} />
    </div>
  );
}
