import { Tabs } from "radix-ui";
import type { ReactNode } from "react";
import { useStore } from "@/lib/store";
import { shownMargin } from "../api/margin";
import "./margin.css";

export interface MarginPart {
  name: string;
  label: string;
  count: number;
  body: ReactNode;
}

/** What is said beside a text, one part at a time, so that the text itself is never far: concepts, highlights, notes, related. */
export function Margin({ parts }: { parts: readonly MarginPart[] }) {
  const wanted = useStore(shownMargin);
  const shown = parts.some((part) => part.name === wanted) ? wanted : "about";
  return (
    <Tabs.Root className="margin" value={shown} onValueChange={shownMargin.set}>
      <Tabs.List className="margin-tabs" aria-label="Beside the text">
        {parts.map(({ name, label, count }) => (
          <Tabs.Trigger key={name} value={name}>{label}{count > 0 ? <span className="num quiet">{count}</span> : null}</Tabs.Trigger>
        ))}
      </Tabs.List>
      {parts.map(({ name, body }) => <Tabs.Content key={name} value={name} tabIndex={-1}>{body}</Tabs.Content>)}
    </Tabs.Root>
  );
}
