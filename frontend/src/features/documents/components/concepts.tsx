import { ArrowUpRight } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Quote } from "@/client/types";
import { Button } from "@/components/ui/button";
import { placeName, plainText } from "@/lib/format";
import type { Mark } from "./text-view";

const FEW = 4;

interface Props {
  quotes: readonly Quote[];
  mark: Mark | null;
  onMark: (mark: Mark) => void;
  conceptTo: (id: number) => string;
}

/** What a document is about, each with the quote that proves it: the quote leads to its place, the arrow to the concept. */
export function Concepts({ quotes, mark, onMark, conceptTo }: Props) {
  const [all, setAll] = useState(false);
  if (quotes.length === 0) return <p className="margin-empty">No concepts were found in this text.</p>;
  return (
    <section className="quotes" aria-label="What it is about">
      <ul>
        {quotes.slice(0, all ? undefined : FEW).map((quote) => (
          <li key={quote.id}>
            <button type="button" aria-pressed={mark !== null && mark.start === quote.start && mark.end === quote.end} onClick={() => onMark({ start: quote.start, end: quote.end })}>
              <strong>{quote.name}</strong>
              <q>{plainText(quote.quote)}</q>
              {placeName(quote.place) ? <span className="quiet small num">{placeName(quote.place)}</span> : null}
            </button>
            <Link className="button quiet only-icon" to={conceptTo(quote.id)} aria-label={`All about ${quote.name}`} title={`All about ${quote.name}`}><ArrowUpRight className="icon" size={17} aria-hidden /></Link>
          </li>
        ))}
      </ul>
      {quotes.length > FEW ? <Button look="quiet" aria-expanded={all} onClick={() => setAll(!all)}>{all ? "Show fewer" : `Show all ${quotes.length}`}</Button> : null}
    </section>
  );
}
