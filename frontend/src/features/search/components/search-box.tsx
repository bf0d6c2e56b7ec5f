import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { isTyping } from "@/lib/lists";
import "./search.css";

/** The search field of the board: "/" goes to it, every key searches, Esc empties it. */
export function SearchBox({ value, onChange }: { value: string; onChange: (q: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  // the address is behind while somebody types; it is followed when it changes by itself (back, a link)
  useEffect(() => {
    if (document.activeElement !== input.current) setText(value);
  }, [value]);
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
    onChange(next.trim());
  };
  return (
    <search className="search-field">
    <label>
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
    </search>
  );
}
