import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, writeKey } from "@/client/api";
import type { JobItem } from "@/client/types";
import { IDLE_MS, pollEvery } from "@/lib/polling";

export const GROUPS = ["attention", "running", "waiting", "done"] as const;
export type Group = (typeof GROUPS)[number];
export type Counts = Record<Group, number>;

export const isOpen = (job: Pick<JobItem, "state">): boolean => ["PENDING", "PROCESSING", "RETRY"].includes(job.state);

/** The server's words for the four tabs. "attention" is a failed job that was not retried. */
const STATES: Record<Group, string> = { attention: "attention", running: "running", waiting: "waiting", done: "done" };

async function jobsPage(search: { state?: string; q?: string; ids?: string; cursor?: string; limit?: number }) {
  const { data, error } = await api.GET("/jobs", { params: { query: search } });
  if (!data) throw error;
  return data;
}

/** The jobs of one tab, page by page; asked again often while anything runs or waits. */
export function useJobs(group: Group, q: string) {
  return useInfiniteQuery({
    queryKey: ["jobs", "list", group, q],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      jobsPage({ state: STATES[group], limit: 50, ...(q ? { q } : {}), ...(pageParam ? { cursor: pageParam } : {}) }),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => {
      const counts = state.data?.pages[0]?.counts as Counts | undefined;
      return pollEvery(!counts || counts.running + counts.waiting > 0);
    },
  });
}

/** How many jobs stand in each tab; the navigation shows it on every page. */
export function useCounts(): Counts | undefined {
  const { data } = useQuery({
    queryKey: ["jobs", "counts"],
    queryFn: () => jobsPage({ limit: 1 }),
    refetchInterval: ({ state }) => pollEvery(((state.data?.counts["running"] ?? 0) + (state.data?.counts["waiting"] ?? 0)) > 0),
  });
  return data?.counts as Counts | undefined;
}

const SETTLED = new Map<string, JobItem>();
const MOST_IDS = 100;

/**
 * The jobs with these ids, by id: what the rows of the Add page follow. Ids the server does not know are missing.
 * What has ended does not change any more and is not asked for again, so that a thousand rows cost no more than the open ones.
 */
export function useJobsById(ids: readonly string[]): { jobs: ReadonlyMap<string, JobItem>; loaded: boolean } {
  const sorted = useMemo(() => [...ids].sort(), [ids]);
  const { data } = useQuery({
    queryKey: ["jobs", "ids", sorted],
    enabled: sorted.length > 0,
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const wanted = sorted.filter((id) => !SETTLED.has(id));
      const found: JobItem[] = [];
      for (let at = 0; at < wanted.length; at += MOST_IDS) {
        const chunk = wanted.slice(at, at + MOST_IDS);
        found.push(...(await jobsPage({ ids: chunk.join(","), limit: MOST_IDS })).items);
      }
      for (const job of found) if (!isOpen(job)) SETTLED.set(job.job_id, job);
      return [...sorted.flatMap((id) => SETTLED.get(id) ?? []), ...found.filter(isOpen)];
    },
    refetchInterval: ({ state }) => {
      const items = state.data;
      if (!items) return pollEvery(true);
      return items.some(isOpen) ? pollEvery(true) : IDLE_MS;
    },
  });
  return useMemo(() => ({ jobs: new Map((data ?? []).map((job) => [job.job_id, job])), loaded: data !== undefined }), [data]);
}

/** One job with its history, while its row is open. */
export function useJob(id: string, active: boolean) {
  return useQuery({
    queryKey: ["jobs", "one", id],
    queryFn: async () => {
      const { data, error } = await api.GET("/jobs/{job_id}", { params: { path: { job_id: id } } });
      if (!data) throw error;
      return data;
    },
    refetchInterval: pollEvery(active),
  });
}

/** What can be done to jobs. Each asks the lists again; none guesses the answer. */
export function useJobActions() {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: ["jobs"] });
  const headers = () => ({ "Idempotency-Key": writeKey() });
  const cancel = useMutation({
    mutationFn: async (id: string) => {
      const { error } = await api.POST("/jobs/{job_id}/cancel", { params: { path: { job_id: id } }, headers: headers() });
      if (error) throw error;
    },
    onSettled,
  });
  const retry = useMutation({
    mutationFn: async ({ id, password }: { id: string; password?: string }) => {
      const at = { params: { path: { job_id: id } }, headers: headers() };
      const { data, error } = await api.POST("/jobs/{job_id}/retry", password ? { ...at, body: { password } } : at);
      if (!data) throw error;
      return data;
    },
    onSettled,
  });
  const cancelMany = useMutation({
    mutationFn: async (ids: string[] | "waiting") => {
      const body = ids === "waiting" ? { state: ids } : { ids };
      const { data, error } = await api.POST("/jobs/cancel", { body, headers: headers() });
      if (!data) throw error;
      return data;
    },
    onSettled,
  });
  const retryMany = useMutation({
    mutationFn: async (ids: string[] | "attention") => {
      const body = ids === "attention" ? { state: ids } : { ids };
      const { data, error } = await api.POST("/jobs/retry", { body, headers: headers() });
      if (!data) throw error;
      return data;
    },
    onSettled,
  });
  return { cancel, retry, cancelMany, retryMany };
}
