import { type ReactNode, useId, useState } from "react";
import { Button } from "@/components/ui/button";

export interface Column<T> { head: string; cell: (row: T) => ReactNode; number?: boolean }

interface Props<T> {
  title: string;
  /** What the picture says in one sentence, for who cannot see it. */
  summary: string;
  rows: readonly T[];
  keyOf: (row: T) => string | number;
  columns: ReadonlyArray<Column<T>>;
  empty: string;
  children: ReactNode;
  wide?: boolean;
}

/** A chart with its name, and the same numbers as a table for who would rather read them. */
export function Figure<T>({ title, summary, rows, keyOf, columns, empty, children, wide = false }: Props<T>) {
  const [table, setTable] = useState(false);
  const id = useId();
  return (
    <section className={wide ? "chart wide" : "chart"} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {rows.length > 0 ? <Button look="quiet" onClick={() => setTable(!table)}>{table ? "Show as chart" : "Show as table"}<span className="hidden-text">: {title}</span></Button> : null}
      </header>
      {rows.length === 0 ? <p className="quiet">{empty}</p> : table ? (
        <div className="table-box" tabIndex={0} role="region" aria-label={`${title} as table`}>
          <table>
            <thead><tr>{columns.map((one) => <th key={one.head} scope="col" className={one.number ? "num" : undefined}>{one.head}</th>)}</tr></thead>
            <tbody>{rows.map((row) => <tr key={keyOf(row)}>{columns.map((one, index) => (index === 0 ? <th key={one.head} scope="row">{one.cell(row)}</th> : <td key={one.head} className={one.number ? "num" : undefined}>{one.cell(row)}</td>))}</tr>)}</tbody>
          </table>
        </div>
      ) : <><p className="hidden-text">{summary}</p>{children}</>}
    </section>
  );
}
