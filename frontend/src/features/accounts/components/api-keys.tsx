import { KeyRound } from "lucide-react";
import { useState } from "react";
import { readProblem } from "@/client/problem";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { ProblemNotice } from "@/components/ui/notice";
import { Secret } from "@/components/ui/secret";
import { ago } from "@/lib/format";
import { type Scope, useApiKeyActions, useApiKeys } from "../api/access";

const SCOPES: ReadonlyArray<readonly [Scope, string]> = [
  ["read", "Read documents, jobs and search"],
  ["upload", "Add files and text"],
  ["admin", "Everything the account may do"],
];

export function ApiKeys() {
  const keys = useApiKeys();
  const { revoke } = useApiKeyActions();
  const [making, setMaking] = useState(false);
  return (
    <section className="setting" aria-label="API keys">
      <h2>API keys</h2>
      <div className="setting-line">
        <p className="quiet">For scripts and the command line. A key is shown once.</p>
        <Button icon={<KeyRound className="icon" size={17} aria-hidden />} onClick={() => setMaking(true)}>New key</Button>
      </div>
      {keys.data?.length ? (
        <ul className="plain-rows">
          {keys.data.map((key) => (
            <li key={key.id}>
              <span><strong>{key.name}</strong> <code>{key.prefix}…</code></span>
              <span className="quiet small">{key.scopes.join(", ")} · {key.last_used_at ? `used ${ago(key.last_used_at)}` : "never used"}</span>
              <Button look="quiet" aria-label={`Revoke ${key.name}`} onClick={() => revoke.mutate(key.id)}>Revoke</Button>
            </li>
          ))}
        </ul>
      ) : null}
      {revoke.error ? <ProblemNotice problem={readProblem(revoke.error)} /> : null}
      <Dialog title="New API key" open={making} onClose={() => setMaking(false)}><KeyForm onDone={() => setMaking(false)} /></Dialog>
    </section>
  );
}

function KeyForm({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<ReadonlySet<Scope>>(new Set(["read", "upload"]));
  const { create } = useApiKeyActions();
  if (create.data?.key) return <Secret what="key" value={create.data.key} onDone={onDone} />;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate({ name: name.trim(), scopes: [...scopes] });
      }}
    >
      <Field label="Name" value={name} onChange={(event) => setName(event.target.value)} placeholder="Where it is used" required maxLength={80} autoFocus />
      <fieldset className="checks">
        <legend>What it may do</legend>
        {SCOPES.map(([scope, words]) => (
          <label className="check" key={scope}>
            <input type="checkbox" checked={scopes.has(scope)} onChange={(event) => setScopes((now) => new Set(event.target.checked ? [...now, scope] : [...now].filter((one) => one !== scope)))} />
            {words}
          </label>
        ))}
      </fieldset>
      {create.error ? <ProblemNotice problem={readProblem(create.error)} /> : null}
      <div className="actions"><Button look="primary" type="submit" busy={create.isPending} disabled={!name.trim() || scopes.size === 0}>Create key</Button></div>
    </form>
  );
}
