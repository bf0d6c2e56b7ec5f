import { LogOut } from "lucide-react";
import { toast } from "@/lib/toast";
import { readProblem } from "@/client/problem";
import type { User } from "@/client/types";
import { Button } from "@/components/ui/button";
import { useSignOut } from "../api/session";

export function Account({ me, onSignedOut }: { me: User; onSignedOut: () => void }) {
  const out = useSignOut(onSignedOut);
  return (
    <section className="setting" aria-label="Account">
      <h2>Account</h2>
      <div className="setting-line">
        <p><strong>{me.username}</strong> <span className="quiet">{me.role === "owner" ? "owner of this board" : "member"}</span></p>
        <Button icon={<LogOut className="icon" size={17} aria-hidden />} busy={out.isPending} onClick={() => out.mutate(undefined, { onError: (thrown) => toast(readProblem(thrown).message, { bad: true }) })}>Sign out</Button>
      </div>
    </section>
  );
}
