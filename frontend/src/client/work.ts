import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { pollEvery } from "@/lib/polling";
import { api } from "./api";
import type { JobItem } from "./types";

const OPEN = new Set(["PENDING", "PROCESSING", "RETRY"]);

export interface Work {
  /** The newest job of the kind, whoever began it and in whatever tab; null when there is none. */
  job: JobItem | null;
  running: boolean;
  /** It ended while this page was looking: what it found is news. */
  news: boolean;
  /** Follows the job that was just begun, which may be over before it is looked at. */
  follow: (id: string) => void;
}

/** Background work of one kind for the whole board, followed by its job: it survives a reload and is the same in two tabs. */
export function useWork(kind: string): Work {
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: ["jobs", "newest", kind],
    queryFn: async () => {
      const { data: found, error } = await api.GET("/jobs", { params: { query: { kind, limit: 1 } } });
      if (!found) throw error;
      return found.items[0] ?? null;
    },
    refetchInterval: ({ state }) => pollEvery(state.data ? OPEN.has(state.data.state) : false),
  });
  const job = data ?? null;
  const running = job !== null && OPEN.has(job.state);
  const seen = useRef<string | null>(null);
  const [ended, setEnded] = useState<string | null>(null);
  useEffect(() => {
    if (!job) return;
    if (running) seen.current = job.job_id;
    else if (seen.current === job.job_id && ended !== job.job_id) {
      setEnded(job.job_id);
      void client.invalidateQueries({ queryKey: ["board"] });
    }
  }, [client, job, running, ended]);
  const follow = (id: string) => {
    seen.current = id;
    void client.invalidateQueries({ queryKey: ["jobs"] });
  };
  return { job, running, news: job !== null && !running && ended === job.job_id, follow };
}

/** "1,240 of 8,000 pairs", or what the job says of itself. */
export function workWords(job: JobItem, one: string, many = `${one}s`): string {
  const units = job.meta.units;
  if (units?.total) return `${units.done.toLocaleString("en")} of ${units.total.toLocaleString("en")} ${units.total === 1 ? one : many}`;
  if (job.state === "PENDING") return job.meta.waiting_reason === "no_worker" ? "No worker is there; it starts as soon as one is" : "Waiting for its turn";
  return job.meta.message.replace(/\.{2,}$|…$/, "") || "Working";
}
