import { ChartNoAxesColumn, Copy, FilePlus2, LayoutGrid, ListChecks, Search, Settings } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import { NavLink, Outlet, useLocation } from "react-router";
import { Toaster } from "@/components/ui/toaster";
import { followed, forgetBatches, useBatchTotals } from "@/features/batches/api/batches";
import { useCounts, useJobsById } from "@/features/jobs/api/jobs";
import { uploads } from "@/features/uploads/api/queue";
import { Dock } from "@/features/uploads/components/dock";
import { WindowDrop } from "@/features/uploads/components/window-drop";
import { useRowKeys } from "@/lib/lists";
import { useStore } from "@/lib/store";
import { Banner } from "./banner";
import { useLiveHints } from "./live";
import { Overlays, openPalette } from "./overlays";
import "./shell.css";

export function Shell() {
  useLiveHints();
  useRowKeys();
  const counts = useCounts();
  const location = useLocation();
  const sent = useStore(uploads);
  const ids = useMemo(() => sent.flatMap((one) => (one.jobId ? [one.jobId] : [])), [sent]);
  const batches = useBatchTotals(useStore(followed));
  const { jobs } = useJobsById(ids);
  const [said, setSaid] = useState("");
  const onDropped = useCallback((count: number) => setSaid(`${count} files added`), []);
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [location.pathname]);
  return (
    <>
      <a className="skip" href="#main">Skip to content</a>
      <nav className="side" aria-label="Main">
        <p className="brand"><img src="/app/mark.svg" alt="" width={24} height={24} />SyncBoard</p>
        <Item to="/" icon={<LayoutGrid className="icon" size={19} aria-hidden />} label="Board" />
        <Item to="/add" icon={<FilePlus2 className="icon" size={19} aria-hidden />} label="Add" />
        <Item to="/jobs" icon={<ListChecks className="icon" size={19} aria-hidden />} label="Jobs">
          {counts && counts.attention > 0 ? <span className="badge bad num">{counts.attention}<span className="hidden-text"> need attention</span></span> : null}
          {counts && counts.running + counts.waiting > 0 ? <span className="badge num">{counts.running + counts.waiting}<span className="hidden-text"> open</span></span> : null}
        </Item>
        <Item to="/duplicates" icon={<Copy className="icon" size={19} aria-hidden />} label="Duplicates" />
        <Item to="/analytics" icon={<ChartNoAxesColumn className="icon" size={19} aria-hidden />} label="Analytics" />
        <Item to="/settings" icon={<Settings className="icon" size={19} aria-hidden />} label="Settings" />
        <button type="button" className="palette-button" onClick={openPalette}>
          <Search className="icon" size={16} aria-hidden /><span>Find or go</span><kbd>Ctrl K</kbd>
        </button>
      </nav>
      <div className="page">
        <Banner />
        <main id="main" tabIndex={-1}><Outlet /></main>
      </div>
      {location.pathname === "/add" ? null : <Dock jobs={jobs} others={batches} onDismiss={forgetBatches} />}
      <WindowDrop onDropped={onDropped} />
      <span className="hidden-text" role="status">{said}</span>
      <Overlays />
      <Toaster />
    </>
  );
}

function Item({ to, icon, label, children }: { to: string; icon: ReactNode; label: string; children?: ReactNode }) {
  return (
    <NavLink to={to} end className="side-item">
      {icon}
      <span>{label}</span>
      {children ? <span className="badges">{children}</span> : null}
    </NavLink>
  );
}
