import { type KeyboardEvent, useId, useState } from "react";
import "./suggest.css";

export interface Suggestion {
  key: string | number;
  text: string;
  detail?: string;
}

interface Props<T extends Suggestion> {
  label: string;
  placeholder?: string;
  value: string;
  onValue: (text: string) => void;
  options: readonly T[];
  /** What was chosen: one of the options. */
  onPick: (option: T) => void;
  /** Enter on what is none of the options. */
  onNew?: (text: string) => void;
  onClose?: () => void;
  autoFocus?: boolean;
  maxLength?: number;
}

/** A field that suggests while somebody types: arrows and Enter choose, Esc closes. */
export function Suggest<T extends Suggestion>({ label, placeholder, value, onValue, options, onPick, onNew, onClose, autoFocus, maxLength = 80 }: Props<T>) {
  const id = useId();
  const [at, setAt] = useState(-1);
  const [open, setOpen] = useState(false);
  const shown = open ? options : [];
  const active = Math.min(at, shown.length - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setAt(options.length ? (active + step + options.length + (active < 0 && step < 0 ? 1 : 0)) % options.length : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const chosen = shown[active];
      const text = value.trim();
      const same = options.find((one) => one.text.toLowerCase() === text.toLowerCase());
      if (chosen ?? same) onPick((chosen ?? same)!);
      else if (text) onNew?.(text);
      setAt(-1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      onClose?.();
    }
  };
  return (
    <div className="suggest">
      <input
        className="input"
        role="combobox"
        aria-label={label}
        aria-expanded={shown.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
        placeholder={placeholder}
        autoComplete="off"
        autoFocus={autoFocus}
        maxLength={maxLength}
        value={value}
        onChange={(event) => {
          setOpen(true);
          setAt(-1);
          onValue(event.target.value);
        }}
        onKeyDown={onKeyDown}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
      />
      <ul role="listbox" id={`${id}-list`} aria-label={label} hidden={shown.length === 0}>
        {shown.map((option, index) => (
          <li
            key={option.key}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            onMouseDown={(event) => {
              event.preventDefault();
              onPick(option);
            }}
          >
            <span className="one-line">{option.text}</span>
            {option.detail ? <span className="small quiet num">{option.detail}</span> : null}
          </li>
        ))}
      </ul>
    </div>
  );
}
