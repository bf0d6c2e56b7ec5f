import { Link } from "react-router";
import type { Batch, BatchItem } from "@/client/types";
import { Button } from "@/components/ui/button";

/** What is in a batch, one line each: where it stands, where it leads, why it failed. */
export function BatchItems({ pages, more, busy }: { pages: readonly Batch[]; more: (() => void) | null; busy: boolean }) {
  const items = pages.flatMap((page) => page.items);
  return (
    <div className="batch-items">
      <ul aria-label="In this batch">
        {items.map((item, index) => <Item key={`${item.job_id ?? index}`} item={item} />)}
      </ul>
      {more ? <Button look="quiet" busy={busy} onClick={more}>Show more</Button> : null}
    </div>
  );
}

function Item({ item }: { item: BatchItem }) {
  const name = item.url ?? item.filename ?? "";
  const [word, tone] = stateWord(item);
  return (
    <li data-state={item.state ?? item.verdict}>
      {item.document_id && (item.state === "SUCCESS" || item.verdict === "already_here")
        ? <Link className="one-line" title={name} to={`/?document=${item.document_id}`}>{name}</Link>
        : <span className="one-line" title={name}>{name}</span>}
      <span className={`small ${tone}`}>{word}</span>
      {item.error ? <p className="small batch-error">{item.error.message} {item.error.hint}</p> : null}
    </li>
  );
}

function stateWord({ state, verdict }: BatchItem): [string, string] {
  if (state === "SUCCESS") return [verdict === "already_here" ? "already here" : "done", "ok"];
  if (state === "FAILURE") return ["failed", "bad"];
  if (state === "REVOKED") return ["cancelled", "quiet"];
  if (state === "PROCESSING") return ["being read", "running"];
  if (state === "PENDING" || state === "RETRY") return ["waiting", "quiet"];
  return [verdict.replaceAll("_", " "), verdict === "already_here" ? "ok" : verdict === "not_an_address" ? "bad" : "quiet"];
}
