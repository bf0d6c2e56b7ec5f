import { CircleAlert, Info } from "lucide-react";
import type { ReactNode } from "react";
import type { Problem } from "@/client/problem";
import "./notice.css";

/** A refusal or failure: the sentence, what to do next, and what can be pressed. */
export function ProblemNotice({ problem, children }: { problem: Pick<Problem, "message" | "hint">; children?: ReactNode }) {
  return (
    <div className="notice bad" role="alert">
      <CircleAlert className="icon" size={18} aria-hidden />
      <div>
        <p><strong>{problem.message}</strong></p>
        {problem.hint ? <p>{problem.hint}</p> : null}
      </div>
      {children}
    </div>
  );
}

export function Notice({ children, tone = "calm" }: { children: ReactNode; tone?: "calm" | "warn" }) {
  return (
    <div className={`notice ${tone}`}>
      <Info className="icon" size={18} aria-hidden />
      <div>{children}</div>
    </div>
  );
}

/** What stands where a list would be: a sentence, what to do, and no empty frame. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Lines that stand for content on its way; shown only after a moment, so that quick answers do not flicker. */
export function Loading({ rows = 3, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div className="loading" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => <i key={index} style={{ width: `${88 - ((index * 23) % 45)}%` }} />)}
    </div>
  );
}
