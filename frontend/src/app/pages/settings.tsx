import type { User } from "@/client/types";
import { Choice } from "@/components/ui/field";
import { Account } from "@/features/accounts/components/account";
import { ApiKeys } from "@/features/accounts/components/api-keys";
import { Invitations } from "@/features/accounts/components/invitations";
import { Health } from "@/features/health/components/health";
import { forgetBatches } from "@/features/batches/api/batches";
import { forgetUploads } from "@/features/uploads/api/queue";
import { useStore } from "@/lib/store";
import { chooseTheme, theme, type Theme } from "@/lib/theme";
import { useTitle } from "@/lib/title";
import "./settings.css";

const THEMES: ReadonlyArray<readonly [Theme, string]> = [["system", "System"], ["light", "Light"], ["dark", "Dark"]];

export default function SettingsPage({ me }: { me: User }) {
  useTitle("Settings");
  return (
    <div className="settings">
      <header className="page-head"><h1>Settings</h1></header>
      <Account me={me} onSignedOut={() => { forgetUploads(); forgetBatches(); }} />
      <section className="setting" aria-label="Appearance">
        <h2>Appearance</h2>
        <Choice legend="Theme" value={useStore(theme)} options={THEMES} onChange={chooseTheme} />
      </section>
      <Health owner={me.role === "owner"} />
      <ApiKeys />
      {me.role === "owner" ? <Invitations /> : null}
    </div>
  );
}
