import { Merge } from "lucide-react";
import { readProblem } from "@/client/problem";
import type { DocumentDetail } from "@/client/types";
import { Button } from "@/components/ui/button";
import { ago } from "@/lib/format";
import { toast } from "@/lib/toast";
import { useDuplicateActions } from "../api/duplicates";
import "./duplicates.css";

/** The documents that were merged into this one, with the way to have them back. */
export function MergedHere({ document }: { document: Pick<DocumentDetail, "merged"> }) {
  const { undo } = useDuplicateActions();
  if (!document.merged?.length) return null;
  const back = (merge: number, title: string) =>
    undo.mutate(merge, { onSuccess: () => toast(`“${title}” is on the board again`), onError: (thrown) => toast(readProblem(thrown).message, { bad: true }) });
  return (
    <section className="looks-like" aria-label="Merged into this">
      {document.merged.map((one) => (
        <p key={`${one.merge_id}-${one.document_id}`}>
          <Merge className="icon" size={16} aria-hidden />
          <span>“{one.title}” was merged into this {ago(one.at)}.</span>
          <Button look="quiet" busy={undo.isPending} onClick={() => back(one.merge_id, one.title)}>Undo</Button>
        </p>
      ))}
    </section>
  );
}
