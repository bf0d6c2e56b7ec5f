import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { IconButton } from "./button";
import "./menu.css";

interface Item { label: string; icon?: ReactNode; danger?: boolean; act: () => void }
interface Props { label: string; icon: ReactNode; items: readonly Item[]; className?: string }

/**
 * A button with a menu below it: arrows, Home, End and Esc work as in every menu. Our own, for the menus of component
 * libraries write style elements, which the content security policy forbids.
 */
export function Menu({ label, icon, items, className = "" }: Props) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const entries = () => [...(box.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
  const close = (back: boolean) => {
    setOpen(false);
    if (back) box.current?.querySelector<HTMLElement>("[aria-haspopup]")?.focus();
  };
  useEffect(() => {
    if (!open) return;
    entries()[0]?.focus();
    const onDown = (event: PointerEvent) => !box.current?.contains(event.target as Node) && setOpen(false);
    window.addEventListener("pointerdown", onDown);
    return () => window.removeEventListener("pointerdown", onDown);
  }, [open]);
  const onKey = (event: KeyboardEvent) => {
    if (!open) return;
    const all = entries();
    const here = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: (here + 1) % all.length, ArrowUp: (here - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) all[to]?.focus();
    else if (event.key === "Escape") close(true);
    else if (event.key === "Tab") return setOpen(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className={`menu ${className}`} ref={box} onKeyDown={onKey}>
      <IconButton label={label} icon={icon} aria-haspopup="menu" aria-expanded={open} aria-controls={open ? id : undefined} onClick={() => setOpen(!open)} />
      {open ? (
        <div className="menu-items" role="menu" id={id} aria-label={label}>
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              className={item.danger ? "bad" : undefined}
              onClick={() => {
                close(true);
                item.act();
              }}
            >
              {item.icon}{item.label}
            </button>
          ))}
        </div>
      ) : null}
    </div>
  );
}
