import { useState } from "react";
import { Link } from "react-router";
import { Button } from "@/components/ui/button";
import { Figure } from "./figure";

export interface Bar { key: string; name: string; value: number; to?: string | undefined; colour?: string | undefined }

const FEW = 8;

/** How documents are spread over something: a bar each, the longest first; the number stands beside it. */
export function Bars({ title, head, bars, empty }: { title: string; head: string; bars: readonly Bar[]; empty: string }) {
  const [all, setAll] = useState(false);
  const sorted = [...bars].sort((a, b) => b.value - a.value || a.name.localeCompare(b.name));
  const most = Math.max(1, ...sorted.map((one) => one.value));
  const name = (one: Bar) => (one.to ? <Link to={one.to}>{one.name}</Link> : one.name);
  const summary = sorted[0] ? `Most: ${sorted.slice(0, 3).map((one) => `${one.name} ${one.value.toLocaleString("en")}`).join(", ")}.` : "";
  return (
    <Figure title={title} summary={summary} rows={sorted} keyOf={(one) => one.key} empty={empty} columns={[{ head, cell: name }, { head: "Documents", number: true, cell: (one) => one.value.toLocaleString("en") }]}>
      <ul className="bars">
        {sorted.slice(0, all ? undefined : FEW).map((one) => (
          <li key={one.key}>
            <span className="bar-name one-line" title={one.name}>{name(one)}</span>
            <i aria-hidden><b style={{ transform: `scaleX(${one.value / most})`, ...(one.colour ? { background: one.colour } : {}) }} /></i>
            <span className="num">{one.value.toLocaleString("en")}</span>
          </li>
        ))}
      </ul>
      {sorted.length > FEW ? <Button look="quiet" aria-expanded={all} onClick={() => setAll(!all)}>{all ? "Show fewer" : `Show all ${sorted.length}`}</Button> : null}
    </Figure>
  );
}
