import { Link } from "react-router";
import { readProblem } from "@/client/problem";
import { Button } from "@/components/ui/button";
import { ago, dateTime } from "@/lib/format";
import { toast } from "@/lib/toast";
import { useDuplicateActions, useMerges } from "../api/duplicates";

/** What was merged in the last thirty days; each can be taken back. */
export function MergedLately() {
  const merges = useMerges();
  const { undo } = useDuplicateActions();
  const shown = (merges.data ?? []).filter((one) => one.can_undo);
  if (shown.length === 0) return null;
  const back = (merge: number) =>
    undo.mutate(merge, { onSuccess: () => toast("The documents are on the board again"), onError: (thrown) => toast(readProblem(thrown).message, { bad: true }) });
  return (
    <section className="merged-lately" aria-label="Merged lately">
      <h2>Merged lately</h2>
      <ul>
        {shown.map((one) => (
          <li key={one.merge_id}>
            <p>
              {one.documents.map((gone) => `“${gone.title ?? "A document"}”`).join(", ")} into {one.keep_doc_id ? <Link to={`/?document=${one.keep_doc_id}`}>{one.keep_title}</Link> : "a document that is gone"}
              <span className="small quiet num"> {ago(one.at)} · can be undone until {dateTime(one.undo_until).split(",")[0]}</span>
            </p>
            <Button busy={undo.isPending && undo.variables === one.merge_id} onClick={() => back(one.merge_id)}>Undo</Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
