import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { isTyping } from "@/lib/lists";
import type { Chosen } from "./use-selected";

interface Props {
  chosen: Chosen;
  onClear: () => void;
  text: RefObject<HTMLElement | null>;
  children: ReactNode;
}

/**
 * Where the bar of a selected stretch stands: below it, or above where there is no room; on a phone at the foot, clear
 * of the browser's own menu. H goes into it, Esc gives the selection up.
 */
export function SelectionPlace({ chosen, onClear, text, children }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState({ left: 0, top: 0 });
  useLayoutEffect(() => {
    const [frame, bar] = [text.current?.parentElement?.getBoundingClientRect(), place.current];
    if (!frame || !bar) return;
    const below = chosen.box.bottom + 10 + bar.offsetHeight < window.innerHeight - 16;
    const top = (below ? chosen.box.bottom + 10 : Math.max(chosen.box.top - bar.offsetHeight - 10, 70)) - frame.top;
    const left = Math.min(Math.max(0, chosen.box.left - frame.left), Math.max(0, frame.width - bar.offsetWidth));
    setAt({ left, top });
  }, [chosen, text]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopImmediatePropagation();
        onClear();
        text.current?.closest<HTMLElement>(".reader")?.focus({ preventScroll: true });
      } else if (event.key === "h" && !isTyping(event)) {
        event.preventDefault();
        place.current?.querySelector<HTMLElement>("button")?.focus();
      }
    };
    window.addEventListener("keydown", onKey, { capture: true });
    return () => window.removeEventListener("keydown", onKey, { capture: true });
  }, [onClear, text]);
  return <div className="selection-place" ref={place} style={at}>{children}</div>;
}
