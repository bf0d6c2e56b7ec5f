import { Boxes, ScanSearch } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { readProblem } from "@/client/problem";
import { useWork, type Work, workWords } from "@/client/work";
import { Button } from "@/components/ui/button";
import { Meter } from "@/components/ui/meter";
import { useClusterActions } from "@/features/clusters/api/clusters";
import { Changes } from "@/features/clusters/components/changes";
import { useDocuments } from "@/features/documents/api/documents";
import { useDuplicateCount } from "@/features/duplicates/api/count";
import { useDuplicateActions } from "@/features/duplicates/api/duplicates";
import { plural } from "@/lib/format";
import { steadyPercent } from "@/lib/progress";
import { toast } from "@/lib/toast";
import { BEING_READ } from "./board-view";

interface Props { total: number; clusters: number; clusterTo: (id: number) => string; brief: boolean }

const complain = (thrown: unknown) => toast(readProblem(thrown).message, { bad: true });

/** The board at a glance: how much there is, what changed, and the two things that can be done to all of it. */
export default function Dashboard({ total, clusters, clusterTo, brief }: Props) {
  const reading = useDocuments({ status: BEING_READ }, 1).data?.pages[0]?.total;
  const found = useDuplicateCount().data;
  const scan = useWork("find_duplicates_background");
  const group = useWork("recluster_board");
  const { scan: startScan } = useDuplicateActions();
  const { regroup } = useClusterActions();
  return (
    <section className="dashboard" aria-label="Overview">
      <dl className="figures">
        <Figure label={total === 1 ? "document" : "documents"} count={total} />
        <Figure label={clusters === 1 ? "cluster" : "clusters"} count={clusters} />
        <Figure label="being read" count={reading} to="/jobs?show=running" />
        <Figure label={found?.total === 1 ? "group of duplicates" : "groups of duplicates"} count={found?.total} to="/duplicates" />
      </dl>
      <div className="board-work">
        <Button icon={<ScanSearch className="icon" size={17} aria-hidden />} busy={scan.running || startScan.isPending} onClick={() => startScan.mutate({}, { onSuccess: (begun) => scan.follow(begun.job_id), onError: complain })}>
          Start duplicate scan
        </Button>
        <Button icon={<Boxes className="icon" size={17} aria-hidden />} busy={group.running || regroup.isPending} onClick={() => regroup.mutate(undefined, { onSuccess: (begun) => group.follow(begun.job_id), onError: complain })}>
          Group anew
        </Button>
      </div>
      <Progress work={scan} label="Duplicate scan" one="pair">
        {found ? <Link to="/duplicates">{found.total > 0 ? `${plural(found.total, "group")} of duplicates found: look at them` : "No duplicates found"}</Link> : null}
      </Progress>
      <Progress work={group} label="Grouping anew" one="document">The board is grouped anew; what you named or pinned stayed.</Progress>
      {brief ? null : <Changes clusterTo={clusterTo} />}
    </section>
  );
}

function Figure({ label, count, to }: { label: string; count: number | undefined; to?: string }) {
  const number = <span className="num">{count === undefined ? "–" : count.toLocaleString("en")}</span>;
  return <div><dt>{label}</dt><dd>{to && count ? <Link to={to}>{number}</Link> : number}</dd></div>;
}

/** Work on the whole board while it runs, and what came of it if somebody was looking. */
function Progress({ work, label, one, children }: { work: Work; label: string; one: string; children: ReactNode }) {
  const { job, running, news } = work;
  if (!job || !(running || news)) return null;
  const percent = steadyPercent(job.job_id, job.meta.percent, job.state);
  return (
    <div className="board-progress" role="status" aria-label={label}>
      {running ? (
        <>
          <p className="num"><strong>{label}</strong><span>{workWords(job, one)}</span><span className="percent">{Math.floor(percent)} %</span></p>
          <Meter label={`Progress of ${label.toLowerCase()}`} percent={percent} />
        </>
      ) : job.state === "SUCCESS" ? <p>{children}</p> : <p>{label} {job.state === "REVOKED" ? "was cancelled." : "did not finish."} {job.error?.message ?? ""} <Link to="/jobs?show=attention">Look in Jobs</Link></p>}
    </div>
  );
}
