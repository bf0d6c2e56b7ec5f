import { Bookmark, CaseSensitive, FileText, Lightbulb, Search, Shapes, Tag } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { Suggestion } from "@/client/types";
import { isTyping } from "@/lib/lists";
import { useSuggestions } from "../api/search";
import "./search.css";

interface Props {
  value: string;
  onChange: (q: string) => void;
  onPick: (suggestion: Suggestion) => void;
}

const icon = { className: "icon", size: 16, "aria-hidden": true } as const;
const PICTURES: Record<Suggestion["kind"], ReactNode> = {
  document: <FileText {...icon} />, concept: <Lightbulb {...icon} />, cluster: <Shapes {...icon} />,
  tag: <Tag {...icon} />, saved_search: <Bookmark {...icon} />, word: <CaseSensitive {...icon} />,
};
const KINDS: Record<Suggestion["kind"], string> = { document: "document", concept: "concept", cluster: "cluster", tag: "tag", saved_search: "saved search", word: "word" };

/**
 * The search field of the board: "/" goes to it, every key searches. What the board has of that name is offered below;
 * arrows choose, Enter takes it. Esc puts the offers away, then empties the field, then leaves it.
 */
export function SearchBox({ value, onChange, onPick }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const [text, setText] = useState(value);
  const [offering, setOffering] = useState(false);
  const [active, setActive] = useState(-1);
  const found = useSuggestions(text, offering).data ?? [];
  const items = offering && text.trim().length >= 2 ? found : [];
  const open = items.length > 0;
  // the address is behind while somebody types; it is followed when it changes by itself (back, a link)
  useEffect(() => {
    if (document.activeElement !== input.current) setText(value);
  }, [value]);
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
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
    setActive(-1);
    setOffering(true);
    onChange(next.trim());
  };
  const pick = (suggestion: Suggestion) => {
    setText(suggestion.kind === "word" ? suggestion.text : "");
    setOffering(false);
    setActive(-1);
    input.current?.blur();
    onPick(suggestion);
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && open) setActive((active + step + 1 + items.length + 1) % (items.length + 1) - 1);
    else if (event.key === "ArrowDown") setOffering(true);
    else if (event.key === "Enter" && open && items[active]) pick(items[active]);
    else if (event.key === "Enter") setOffering(false);
    else if (event.key === "Escape" && open) setOffering(false);
    else if (event.key === "Escape" && text) change("");
    else if (event.key === "Escape") input.current?.blur();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <search className="search-field">
      <label>
        <span className="hidden-text">Search the board</span>
        <Search className="icon" size={18} aria-hidden />
        <input
          ref={input}
          type="text"
          inputMode="search"
          enterKeyHint="search"
          className="input"
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={open}
          aria-controls={`${id}-offers`}
          aria-activedescendant={open && items[active] ? `${id}-${active}` : undefined}
          value={text}
          placeholder="Search everything you added"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          onChange={(event) => change(event.target.value)}
          onBlur={() => setOffering(false)}
          onKeyDown={onKey}
        />
        {text ? null : <kbd aria-hidden>/</kbd>}
      </label>
      <ul id={`${id}-offers`} className="offers" role="listbox" aria-label="Suggestions" hidden={!open}>
        {items.map((one, index) => (
          <li
            key={`${one.kind}-${one.id ?? one.text}`}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            // the field keeps the focus: a press that took it away would close the list before the click
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => pick(one)}
          >
            {PICTURES[one.kind]}<span className="one-line">{one.text}</span><span className="small quiet offer-kind">{one.kind === "document" ? KINDS.document : one.detail || KINDS[one.kind]}</span>
          </li>
        ))}
      </ul>
    </search>
  );
}
