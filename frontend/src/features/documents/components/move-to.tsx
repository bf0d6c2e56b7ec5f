import { readProblem } from "@/client/problem";
import type { DocumentDetail } from "@/client/types";
import { toast } from "@/lib/toast";
import { useDocumentActions } from "../api/documents";

interface Props {
  document: Pick<DocumentDetail, "id" | "cluster_id">;
  clusters: ReadonlyArray<{ id: number; name: string }>;
}

/** Files a document in another cluster, where it stays; the move can be undone. */
export function MoveTo({ document, clusters }: Props) {
  const { move } = useDocumentActions();
  const others = clusters.filter((one) => one.id !== document.cluster_id);
  const complain = (thrown: unknown) => toast(readProblem(thrown).message, { bad: true });
  const go = (cluster: number) => {
    const before = document.cluster_id;
    const back = before === null ? {} : { action: { label: "Undo", act: () => move.mutate({ id: document.id, cluster: before }, { onError: complain }) } };
    move.mutate({ id: document.id, cluster }, { onError: complain, onSuccess: () => toast(`Moved to ${clusters.find((one) => one.id === cluster)?.name ?? "another cluster"}`, back) });
  };
  if (others.length === 0) return null;
  return (
    <select className="select small move-to" aria-label="Move to another cluster" value="" disabled={move.isPending} onChange={(event) => event.target.value && go(Number(event.target.value))}>
      <option value="">Move to…</option>
      {others.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
    </select>
  );
}
