import { RefreshCw } from "lucide-react";
import { useEffect, useRef } from "react";
import { readProblem } from "@/client/problem";
import type { Analytics as Numbers } from "@/client/types";
import { useWork } from "@/client/work";
import { Button } from "@/components/ui/button";
import { Meter } from "@/components/ui/meter";
import { Loading, ProblemNotice } from "@/components/ui/notice";
import { useAnalytics, useRefreshAnalytics } from "@/features/analytics/api/analytics";
import { Bars } from "@/features/analytics/components/bars";
import { Growth } from "@/features/analytics/components/growth";
import { Failures, Queues } from "@/features/analytics/components/queues";
import { clusterColour } from "@/features/clusters/api/clusters";
import { ago, bytes, duration } from "@/lib/format";
import { languageName, typeName } from "@/lib/names";
import { steadyPercent } from "@/lib/progress";
import { useTitle } from "@/lib/title";
import { toast } from "@/lib/toast";
import "@/features/analytics/components/analytics.css";

export default function Analytics() {
  useTitle("Analytics");
  const numbers = useAnalytics();
  if (numbers.error && !numbers.data) return <ProblemNotice problem={readProblem(numbers.error)} />;
  return (
    <>
      <header className="page-head">
        <h1>Analytics</h1>
        {numbers.data ? <Age numbers={numbers.data} /> : null}
      </header>
      {numbers.data ? <Charts numbers={numbers.data} /> : <Loading rows={8} label="Counting" />}
    </>
  );
}

/** How old the numbers are, and the way to newer ones. */
function Age({ numbers }: { numbers: Numbers }) {
  const refresh = useRefreshAnalytics();
  const work = useWork("refresh_analytics");
  const busy = work.running || refresh.isPending;
  const told = useRef(false);
  useEffect(() => {
    if (work.news && !told.current) toast("The numbers are new");
    told.current = work.news;
  }, [work.news]);
  return (
    <div className="analytics-age">
      <p className="quiet num">{busy ? "Counting anew" : `Computed ${ago(numbers.computed_at ?? "")}${numbers.stale ? "; the board has changed since" : ""}`}</p>
      {work.running && work.job ? <Meter label="Progress of the counting" percent={steadyPercent(work.job.job_id, work.job.meta.percent, work.job.state)} /> : null}
      <Button look={numbers.stale ? "primary" : "plain"} icon={<RefreshCw className="icon" size={16} aria-hidden />} busy={busy} onClick={() => refresh.mutate(undefined, { onSuccess: (begun) => work.follow(begun.job_id), onError: (thrown) => toast(readProblem(thrown).message, { bad: true }) })}>Refresh</Button>
    </div>
  );
}

function Charts({ numbers }: { numbers: Numbers }) {
  const { totals } = numbers;
  const count = (value: number) => value.toLocaleString("en");
  const figures: ReadonlyArray<readonly [string, string]> = [
    ["documents", count(totals.documents)], ["passages", count(totals.passages)], ["concepts", count(totals.concepts)], ["clusters", count(totals.clusters)],
    ["words", count(totals.words)], ["to read it all", readingTime(totals.reading_minutes)], ["stored", bytes(totals.bytes)],
    ["groups of duplicates", count(totals.duplicates_groups)], ["failed jobs", count(totals.failed)],
  ];
  const named = (rows: ReadonlyArray<{ id: number; name: string; documents: number }>, to: (id: number) => string, coloured = false) =>
    rows.map((one) => ({ key: String(one.id), name: one.name, value: one.documents, to: to(one.id), colour: coloured ? clusterColour(one.id) : undefined }));
  return (
    <>
      <dl className="numbers" aria-label="Numbers">{figures.map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}</dl>
      <div className="charts">
        <Growth days={numbers.growth} />
        <Bars title="By cluster" head="Cluster" bars={named(numbers.by_cluster, (id) => `/?cluster=${id}`, true)} empty="There are no clusters yet." />
        <Bars title="By concept" head="Concept" bars={named(numbers.by_concept, (id) => `/concepts/${id}`)} empty="No concept was found yet." />
        <Bars title="By type" head="Type" bars={numbers.by_type.map((one) => ({ key: one.name, name: typeName(one.name), value: one.documents, to: `/?type=${encodeURIComponent(one.name)}` }))} empty="Nothing was added yet." />
        <Bars title="By language" head="Language" bars={numbers.by_language.map((one) => ({ key: one.name, name: languageName(one.name), value: one.documents, to: `/?language=${encodeURIComponent(one.name)}` }))} empty="No language was recognised yet." />
        <Bars title="By source" head="Source" bars={numbers.by_source.map((one) => ({ key: one.name, name: one.name, value: one.documents, to: `/?source=${encodeURIComponent(one.name)}` }))} empty="Nothing came from the web yet." />
        <Bars title="By tag" head="Tag" bars={numbers.by_tag.map((one) => ({ key: one.name, name: one.name, value: one.documents, ...("id" in one ? { to: `/?tag=${one.id}` } : {}) }))} empty="No document has a tag yet." />
        <Queues queues={numbers.queues} />
        <Failures failures={numbers.failures} />
      </div>
    </>
  );
}

/** Nobody needs the minutes of a week of reading. */
function readingTime(minutes: number): string {
  return minutes >= 600 ? `${Math.round(minutes / 60).toLocaleString("en")} h` : duration(minutes * 60) || "0 s";
}
