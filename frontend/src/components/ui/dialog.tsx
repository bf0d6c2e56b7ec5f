import { X } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { IconButton } from "./button";
import "./dialog.css";

interface Props {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  /** Shows no heading; the title still names the dialog. */
  bare?: boolean;
}

/**
 * A dialog, by the browser's own `<dialog>`: it traps the focus, answers Esc, and needs no style that a strict
 * content security policy forbids (the dialogs of component libraries write style elements).
 */
export function Dialog({ open, ...rest }: Props) {
  return open ? <Frame {...rest} /> : null;
}

function Frame({ title, onClose, children, bare = false }: Omit<Props, "open">) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const back = document.activeElement as HTMLElement | null;
    dialog.current?.showModal();
    return () => back?.focus?.();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={bare ? "dialog bare" : "dialog"}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => event.target === dialog.current && onClose()}
    >
      <div className="dialog-body">
        {bare ? null : (
          <header>
            <h2>{title}</h2>
            <IconButton label="Close" icon={<X className="icon" size={18} />} onClick={onClose} />
          </header>
        )}
        {children}
      </div>
    </dialog>
  );
}
