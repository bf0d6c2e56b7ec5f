import { Pencil } from "lucide-react";
import { useState } from "react";
import { readProblem } from "@/client/problem";
import type { Cluster } from "@/client/types";
import { Button, IconButton } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { ProblemNotice } from "@/components/ui/notice";
import { clusterColour, useRenameCluster } from "../api/clusters";
import "./clusters.css";

/** The name of a cluster, and the way to give it a better one. */
export function ClusterTitle({ cluster }: { cluster: Cluster }) {
  const [editing, setEditing] = useState(false);
  return (
    <div className="cluster-title">
      <i className="dot large" style={{ background: clusterColour(cluster.id) }} aria-hidden />
      <h2>{cluster.name}</h2>
      <IconButton label={`Rename ${cluster.name}`} icon={<Pencil className="icon" size={16} />} onClick={() => setEditing(true)} />
      <Dialog title="Rename cluster" open={editing} onClose={() => setEditing(false)}>
        <RenameForm cluster={cluster} onDone={() => setEditing(false)} />
      </Dialog>
    </div>
  );
}

function RenameForm({ cluster, onDone }: { cluster: Cluster; onDone: () => void }) {
  const [name, setName] = useState(cluster.name);
  const rename = useRenameCluster();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        rename.mutate({ id: cluster.id, name: name.trim() }, { onSuccess: onDone });
      }}
    >
      <Field label="Name" value={name} maxLength={120} required autoFocus onFocus={(event) => event.target.select()} onChange={(event) => setName(event.target.value)} note="A name you give stays, whatever joins the cluster later." />
      {rename.error ? <ProblemNotice problem={readProblem(rename.error)} /> : null}
      <div className="actions">
        <Button look="quiet" onClick={onDone}>Cancel</Button>
        <Button look="primary" type="submit" busy={rename.isPending} disabled={!name.trim()}>Rename</Button>
      </div>
    </form>
  );
}
