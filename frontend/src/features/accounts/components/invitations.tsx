import { UserPlus } from "lucide-react";
import { useState } from "react";
import { readProblem } from "@/client/problem";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { ProblemNotice } from "@/components/ui/notice";
import { Secret } from "@/components/ui/secret";
import { ago, dateTime } from "@/lib/format";
import { useInvitationActions, useInvitations } from "../api/access";

/** How the owner lets others in: a code that works once. */
export function Invitations() {
  const invitations = useInvitations();
  const { create, revoke } = useInvitationActions();
  const [shown, setShown] = useState(false);
  const open = invitations.data ?? [];
  return (
    <section className="setting" aria-label="Invitations">
      <h2>Invitations</h2>
      <div className="setting-line">
        <p className="quiet">Each lets one person make an account with a board of their own.</p>
        <Button icon={<UserPlus className="icon" size={17} aria-hidden />} busy={create.isPending} onClick={() => create.mutate(undefined, { onSuccess: () => setShown(true) })}>Invite someone</Button>
      </div>
      {create.error ? <ProblemNotice problem={readProblem(create.error)} /> : null}
      {open.length ? (
        <ul className="plain-rows">
          {open.map((one) => (
            <li key={one.id}>
              <span>Made {ago(one.created_at)}</span>
              <span className="quiet small">works until {dateTime(one.expires_at)}</span>
              <Button look="quiet" aria-label={`Revoke the invitation made ${ago(one.created_at)}`} onClick={() => revoke.mutate(one.id)}>Revoke</Button>
            </li>
          ))}
        </ul>
      ) : null}
      <Dialog title="Invitation" open={shown && Boolean(create.data)} onClose={() => setShown(false)}>
        {create.data ? <Secret what="link" value={`${window.location.origin}/app/?invitation=${create.data.code}`} onDone={() => setShown(false)} /> : null}
      </Dialog>
    </section>
  );
}
