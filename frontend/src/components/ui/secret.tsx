import { Copy } from "lucide-react";
import { toast } from "@/lib/toast";
import { Button } from "./button";
import "./secret.css";

/** A secret that is shown once, with a way to take it along. */
export function Secret({ what, value, onDone }: { what: string; value: string; onDone: () => void }) {
  const copy = () => {
    // without a secure context there is no clipboard; the text is selectable
    navigator.clipboard?.writeText(value).then(() => toast("Copied"), () => toast("Copying was refused; select the text instead.", { bad: true }));
  };
  return (
    <div className="secret">
      <p>Copy this {what} now. It is not shown again.</p>
      <output>{value}</output>
      <div className="actions">
        <Button icon={<Copy className="icon" size={16} aria-hidden />} onClick={copy}>Copy</Button>
        <Button look="primary" onClick={onDone}>Done</Button>
      </div>
    </div>
  );
}
