import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";

interface Props<T> {
  items: readonly T[];
  keyOf: (item: T) => string | number;
  render: (item: T) => ReactNode;
  /** A first guess of a row's height in pixels; every row is measured when it is drawn. */
  estimate: number;
  label: string;
  onEnd?: (() => void) | undefined;
}

/** A long list that draws only the rows near the window and measures each, so that rows never overlap. */
export function Rows<T>({ items, keyOf, render, estimate, label, onEnd }: Props<T>) {
  const list = useRef<HTMLUListElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    const top = list.current ? list.current.getBoundingClientRect().top + window.scrollY : 0;
    setMargin((old) => (Math.abs(old - top) > 1 ? top : old));
  });
  const rows = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => estimate,
    overscan: 8,
    scrollMargin: margin,
    getItemKey: (index) => keyOf(items[index]!),
  });
  const drawn = rows.getVirtualItems();
  const last = drawn.at(-1)?.index ?? -1;
  useEffect(() => {
    if (onEnd && items.length > 0 && last >= items.length - 5) onEnd();
  }, [last, items.length, onEnd]);
  return (
    <ul ref={list} aria-label={label} style={{ position: "relative", height: rows.getTotalSize() }}>
      {drawn.map((row) => (
        <li
          key={row.key}
          ref={rows.measureElement}
          data-index={row.index}
          aria-setsize={items.length}
          aria-posinset={row.index + 1}
          style={{ position: "absolute", insetInline: 0, top: 0, transform: `translateY(${row.start - margin}px)` }}
        >
          {render(items[row.index]!)}
        </li>
      ))}
    </ul>
  );
}
