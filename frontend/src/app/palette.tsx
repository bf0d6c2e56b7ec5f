import { Command } from "cmdk";
import { ChartNoAxesColumn, Copy, FilePlus2, FileText, LayoutGrid, ListChecks, Map, Moon, Search, Settings, Sun } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Dialog } from "@/components/ui/dialog";
import { useClusters } from "@/features/clusters/api/clusters";
import { useSearch } from "@/features/search/api/search";
import { chooseTheme } from "@/lib/theme";
import "./palette.css";

const icon = { className: "icon", size: 18, "aria-hidden": true } as const;

export default function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const navigate = useNavigate();
  const clusters = useClusters();
  const hits = useSearch(text, {}, 6);
  const go = (to: string) => () => {
    onClose();
    void navigate(to);
  };
  const act = (what: () => void) => () => {
    onClose();
    what();
  };
  const wanted = text.trim().toLowerCase();
  const has = (label: string) => wanted === "" || label.toLowerCase().includes(wanted);
  const pages = [
    ["Board", "/", <LayoutGrid key="i" {...icon} />],
    ["Map of the board", "/?view=map", <Map key="i" {...icon} />],
    ["Add files or text", "/add", <FilePlus2 key="i" {...icon} />],
    ["Jobs", "/jobs", <ListChecks key="i" {...icon} />],
    ["Duplicates", "/duplicates", <Copy key="i" {...icon} />],
    ["Analytics", "/analytics", <ChartNoAxesColumn key="i" {...icon} />],
    ["Settings", "/settings", <Settings key="i" {...icon} />],
  ] as const;
  const found = wanted.length >= 2 ? (hits.data?.items ?? []) : [];
  return (
    <Dialog bare open title="Find or go" onClose={onClose}><Command label="Find or go" shouldFilter={false}>
      <Command.Input autoFocus value={text} onValueChange={setText} placeholder="Find a document or go to a page" />
      <Command.List>
        <Command.Empty>Nothing is called that.</Command.Empty>
        {wanted ? <Command.Item value="search" onSelect={go(`/?q=${encodeURIComponent(text.trim())}`)}><Search {...icon} />Search the board for “{text.trim()}”</Command.Item> : null}
        {unique(found).map((hit) => (
          <Command.Item key={hit.document_id} value={`document-${hit.document_id}`} onSelect={go(`/?document=${hit.document_id}`)}>
            <FileText {...icon} /><span className="one-line">{hit.title}</span>
          </Command.Item>
        ))}
        {pages.filter(([label]) => has(label)).map(([label, to, picture]) => (
          <Command.Item key={to} value={to} onSelect={go(to)}>{picture}{label}</Command.Item>
        ))}
        {(clusters.data ?? []).filter((cluster) => has(cluster.name)).slice(0, 6).map((cluster) => (
          <Command.Item key={cluster.id} value={`cluster-${cluster.id}`} onSelect={go(`/?cluster=${cluster.id}`)}>
            <i className="dot" style={{ background: `var(--c${cluster.id % 10})` }} aria-hidden /><span className="one-line">{cluster.name}</span>
          </Command.Item>
        ))}
        {has("Light theme") ? <Command.Item value="light" onSelect={act(() => chooseTheme("light"))}><Sun {...icon} />Light theme</Command.Item> : null}
        {has("Dark theme") ? <Command.Item value="dark" onSelect={act(() => chooseTheme("dark"))}><Moon {...icon} />Dark theme</Command.Item> : null}
      </Command.List>
    </Command></Dialog>
  );
}

function unique<T extends { document_id: number }>(hits: readonly T[]): T[] {
  return [...new globalThis.Map(hits.map((hit) => [hit.document_id, hit])).values()];
}
