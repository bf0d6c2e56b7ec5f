import { Ellipsis, Pencil, Pin, PinOff, Trash2 } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { readProblem } from "@/client/problem";
import type { Cluster } from "@/client/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Menu } from "@/components/ui/menu";
import { ProblemNotice } from "@/components/ui/notice";
import { plural } from "@/lib/format";
import { toast } from "@/lib/toast";
import { clusterColour, useClusterActions } from "../api/clusters";
import "./clusters.css";

const icon = { className: "icon", size: 16, "aria-hidden": true } as const;

/** The name of a cluster, and what a person decides about it: its name, its place at the top, its end. */
export function ClusterTitle({ cluster, onRemoved }: { cluster: Cluster; onRemoved: () => void }) {
  const [doing, setDoing] = useState<"rename" | "remove" | null>(null);
  const { patch } = useClusterActions();
  const pin = () =>
    patch.mutate({ id: cluster.id, pinned: !cluster.pinned }, {
      onSuccess: () => toast(cluster.pinned ? `“${cluster.name}” is no longer pinned` : `“${cluster.name}” is pinned: it stays when the board is grouped anew`),
      onError: (thrown) => toast(readProblem(thrown).message, { bad: true }),
    });
  if (doing === "rename") return <Rename cluster={cluster} onDone={() => setDoing(null)} />;
  return (
    <div className="cluster-title">
      <i className="dot large" style={{ background: clusterColour(cluster.parent_id ?? cluster.id) }} aria-hidden />
      <h2>{cluster.name}</h2>
      {cluster.pinned ? <span className="pinned small quiet"><Pin {...icon} size={14} />pinned</span> : null}
      <Menu
        label={`What to do with ${cluster.name}`}
        icon={<Ellipsis className="icon" size={18} />}
        items={[
          { label: "Rename", icon: <Pencil {...icon} />, act: () => setDoing("rename") },
          { label: cluster.pinned ? "Unpin" : "Pin", icon: cluster.pinned ? <PinOff {...icon} /> : <Pin {...icon} />, act: pin },
          { label: "Delete cluster", icon: <Trash2 {...icon} />, danger: true, act: () => setDoing("remove") },
        ]}
      />
      <Dialog title={`Delete “${cluster.name}”?`} open={doing === "remove"} onClose={() => setDoing(null)}>
        <Remove cluster={cluster} onDone={() => setDoing(null)} onRemoved={onRemoved} />
      </Dialog>
    </div>
  );
}

/** The name becomes a field where it stands; Enter keeps it, Esc leaves it as it was. */
function Rename({ cluster, onDone }: { cluster: Cluster; onDone: () => void }) {
  const [name, setName] = useState(cluster.name);
  const { patch } = useClusterActions();
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    onDone();
  };
  return (
    <form
      className="cluster-title renaming"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() === cluster.name) onDone();
        else patch.mutate({ id: cluster.id, name: name.trim() }, { onSuccess: onDone });
      }}
    >
      <i className="dot large" style={{ background: clusterColour(cluster.parent_id ?? cluster.id) }} aria-hidden />
      <input className="input" aria-label="Name" value={name} maxLength={120} required autoFocus onFocus={(event) => event.target.select()} onChange={(event) => setName(event.target.value)} onKeyDown={onKey} />
      <Button look="primary" type="submit" busy={patch.isPending} disabled={!name.trim()}>Rename</Button>
      <Button look="quiet" onClick={onDone}>Cancel</Button>
      {patch.error ? <ProblemNotice problem={readProblem(patch.error)} /> : null}
    </form>
  );
}

function Remove({ cluster, onDone, onRemoved }: { cluster: Cluster; onDone: () => void; onRemoved: () => void }) {
  const { remove } = useClusterActions();
  const drop = () =>
    remove.mutate(cluster.id, {
      onSuccess: () => {
        onDone();
        onRemoved();
        toast(`“${cluster.name}” is gone; its documents were filed elsewhere`);
      },
    });
  return (
    <>
      <p>No document is deleted: {cluster.document_count === 1 ? "its document goes" : `its ${plural(cluster.document_count, "document")} go`} to the cluster each is most like.</p>
      {remove.error ? <ProblemNotice problem={readProblem(remove.error)} /> : null}
      <div className="actions dialog-foot">
        <Button look="quiet" onClick={onDone}>Keep it</Button>
        <Button look="danger" busy={remove.isPending} onClick={drop}>Delete cluster</Button>
      </div>
    </>
  );
}
