import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { isTyping } from "@/lib/lists";
import "./search.css";

/** The search field of the board: "/" goes to it, every key searches, Esc empties it. */
export function SearchBox({ value, onChange }: { value: string; onChange: (q: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  // the address changed by itself (back, a link): follow it
  if (value !== known) {
    setKnown(value);
    if (value !== text.trim()) setText(value);
  }
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "/" || isTyping(event)) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  const change = (next: string) => {
    setText(next);
    setKnown(next.trim());
    onChange(next.trim());
  };
  return (
    <label className="search-field" role="search">
      <span className="hidden-text">Search the board</span>
      <Search className="icon" size={18} aria-hidden />
      <input
        ref={input}
        type="search"
        className="input"
        value={text}
        placeholder="Search everything you added"
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => change(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          if (text) change("");
          else input.current?.blur();
        }}
      />
      {text ? null : <kbd aria-hidden>/</kbd>}
    </label>
  );
}
