import { Check, CircleAlert, Copy, Equal } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { videoKind } from "../api/lines";
import type { Judged } from "../api/judge";

const LOOKS: Record<NonNullable<Judged["verdict"]>, [string, string, ReactNode]> = {
  new: ["New", "ok", <Check key="i" className="icon" size={15} aria-hidden />],
  already_here: ["Already here", "quiet", <Equal key="i" className="icon" size={15} aria-hidden />],
  repeated: ["Repeated", "quiet", <Copy key="i" className="icon" size={15} aria-hidden />],
  not_an_address: ["Not an address", "bad", <CircleAlert key="i" className="icon" size={15} aria-hidden />],
  refused: ["Refused", "bad", <CircleAlert key="i" className="icon" size={15} aria-hidden />],
};

/** What would become of each line. */
export function VerdictList({ judged, youtube }: { judged: readonly Judged[]; youtube: boolean }) {
  if (judged.length === 0) return null;
  return (
    <ul className="verdicts" aria-label="Verdicts" tabIndex={0}>
      {judged.map((one, index) => <Line key={index} one={one} youtube={youtube} />)}
    </ul>
  );
}

function Line({ one, youtube }: { one: Judged; youtube: boolean }) {
  const [word, tone, icon] = one.verdict ? LOOKS[one.verdict] : ["", "quiet", null];
  const kind = youtube ? videoKind(one.line) : null;
  return (
    <li data-verdict={one.verdict ?? "unknown"}>
      {one.documentId ? <Link className="one-line" to={`/?document=${one.documentId}`} title={one.line}>{one.line}</Link> : <span className="one-line" title={one.line}>{one.line}</span>}
      <span className={`verdict small ${tone}`}>{icon}{kind === "playlist" && one.verdict === "new" ? "New playlist" : kind === "other" && one.verdict === "new" ? "Not YouTube: added as a page" : word}</span>
      {one.message ? <p className="small verdict-why">{one.message}</p> : null}
    </li>
  );
}
