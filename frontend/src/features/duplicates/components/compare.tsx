import { UnfoldVertical } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { readProblem } from "@/client/problem";
import type { CompareRow } from "@/client/types";
import { Button } from "@/components/ui/button";
import { Loading, Notice, ProblemNotice } from "@/components/ui/notice";
import { placeName, plainText, plural } from "@/lib/format";
import { markPieces } from "@/lib/offsets";
import { useComparison } from "../api/duplicates";
import { foldedRows } from "../api/folding";

interface Side {
  id: number;
  title: string;
  picture: boolean;
}

/** Two documents beside each other: what is equal folded, what differs marked; pictures as pictures. */
export function Compare({ a, b }: { a: Side; b: Side }) {
  if (a.picture && b.picture) return <Pictures sides={[a, b]} />;
  return <Texts a={a} b={b} />;
}

function Pictures({ sides }: { sides: readonly Side[] }) {
  return (
    <div className="compare-pictures">
      {sides.map((side) => <Picture key={side.id} side={side} />)}
    </div>
  );
}

/** The picture itself; where the browser does not know its format, the small one that was made of it. */
function Picture({ side }: { side: Side }) {
  const [small, setSmall] = useState(false);
  return <img src={small ? `/documents/${side.id}/thumbnail` : `/documents/${side.id}/file?inline=true`} alt={side.title} onError={() => setSmall(true)} />;
}

function Texts({ a, b }: { a: Side; b: Side }) {
  const found = useComparison(a.id, b.id);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const rows = found.data?.rows;
  const shown = useMemo(() => foldedRows(rows ?? [], opened), [rows, opened]);
  if (found.error && !rows) return <ProblemNotice problem={readProblem(found.error)} />;
  if (!rows) return <Loading rows={8} label="Comparing" />;
  if (rows.length === 0) return <p className="quiet">There is no text to compare.</p>;
  const open = (from: number) => setOpened((now) => new Set(now).add(from));
  return (
    <>
      <ol className="compare" aria-label="Both texts, row by row">
        {shown.map((one) =>
          "folded" in one ? (
            <li key={`fold-${one.from}`} className="fold"><Button look="quiet" icon={<UnfoldVertical className="icon" size={15} aria-hidden />} onClick={() => open(one.from)}>{plural(one.folded, "equal paragraph")}</Button></li>
          ) : (
            <li key={one.index} className={`pair ${one.row.kind}`}>
              <Cell row={one.row} side="a" document={a} />
              <Cell row={one.row} side="b" document={b} />
            </li>
          ),
        )}
      </ol>
      {found.data?.truncated ? <Notice>The texts are longer than what is shown here.</Notice> : null}
    </>
  );
}

/** Wrapped prose flows; short lines (an address, a poem, a table) keep their breaks. */
const flows = (text: string): boolean => text.split("\n").slice(0, -1).every((line) => line.length > 50);

const MISSING = "Not in this one";

function Cell({ row, side, document }: { row: CompareRow; side: "a" | "b"; document: Side }) {
  const said = row[side];
  if (!said) return <div className="cell missing"><span>{MISSING}</span></div>;
  const marks = side === "a" ? row.marks_a : row.marks_b;
  const place = placeName(said.place);
  const whole = row.kind === "only_a" || row.kind === "only_b";
  return (
    <div className={whole ? "cell whole" : "cell"}>
      <p className={flows(said.text) ? undefined : "breaks"}>
        <span className="hidden-text">{side === "a" ? "First: " : "Second: "}</span>
        {markPieces(said.text, marks ?? []).map((piece, index) => (piece.marked ? <mark key={index} className="differs">{piece.text}</mark> : plainText(piece.text)))}
      </p>
      {row.kind === "same" ? null : <Link className="small num" to={`/?document=${document.id}&at=${said.start}-${said.end}`} aria-label={`Open this place of ${document.title}${place ? `, ${place}` : ""}`}>{place || "open"}</Link>}
    </div>
  );
}
