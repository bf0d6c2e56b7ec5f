import { useState } from "react";
import { readProblem } from "@/client/problem";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Loading, ProblemNotice } from "@/components/ui/notice";
import { useSetup, useSignIn } from "../api/session";
import "./sign-in.css";

/** First run and sign-in: one column. The first account becomes the owner; later ones need an invitation. */
export function SignIn() {
  const setup = useSetup();
  const invited = new URLSearchParams(window.location.search).get("invitation");
  const [joining, setJoining] = useState(invited !== null);
  return (
    <main className="sign-in">
      <p className="brand"><img src="/app/mark.svg" alt="" width={28} height={28} />SyncBoard</p>
      {setup.isPending && !setup.error ? <Loading rows={3} /> : null}
      {setup.error && !setup.data ? <ProblemNotice problem={readProblem(setup.error)}><Button onClick={() => void setup.refetch()}>Try again</Button></ProblemNotice> : null}
      {setup.data?.needs_owner ? <AccountForm create title="Make this board yours" lead="The first account owns the board: it can invite others and pause queues." /> : null}
      {setup.data && !setup.data.needs_owner ? (
        <>
          {joining ? (
            <AccountForm key="join" create title="Join this board" lead={setup.data.registration === "invite" ? "Use the invitation that the owner gave you." : ""} invitation={invited ?? ""} withInvitation={setup.data.registration === "invite"} />
          ) : (
            <AccountForm key="in" create={false} title="Sign in" lead="" />
          )}
          <Button look="quiet" onClick={() => setJoining(!joining)}>{joining ? "I have an account already" : "I have an invitation"}</Button>
        </>
      ) : null}
    </main>
  );
}

interface FormProps {
  create: boolean;
  title: string;
  lead: string;
  withInvitation?: boolean;
  invitation?: string;
}

function AccountForm({ create, title, lead, withInvitation = false, invitation: given = "" }: FormProps) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [invitation, setInvitation] = useState(given);
  const enter = useSignIn(create);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        enter.mutate({ username: username.trim(), password, ...(withInvitation ? { invitation: invitation.trim() } : {}) });
      }}
    >
      <h1>{title}</h1>
      {lead ? <p className="quiet">{lead}</p> : null}
      {withInvitation ? <Field label="Invitation" value={invitation} onChange={(event) => setInvitation(event.target.value)} required autoComplete="off" spellCheck={false} /> : null}
      <Field label="Name" value={username} onChange={(event) => setUsername(event.target.value)} required autoFocus autoComplete="username" autoCapitalize="none" spellCheck={false} />
      <Field
        label="Password"
        type="password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        required
        autoComplete={create ? "new-password" : "current-password"}
        note={create ? "At least 10 characters. A few words in a row are good." : undefined}
      />
      {enter.error ? <ProblemNotice problem={readProblem(enter.error)} /> : null}
      <Button look="primary" type="submit" busy={enter.isPending}>{create ? "Create account" : "Sign in"}</Button>
    </form>
  );
}
