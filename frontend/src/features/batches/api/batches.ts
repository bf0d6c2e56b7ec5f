import { keepPreviousData, useInfiniteQuery, useMutation, useQueries, useQueryClient } from "@tanstack/react-query";
import { api, writeKey } from "@/client/api";
import type { Batch } from "@/client/types";
import { IDLE_MS, pollEvery } from "@/lib/polling";
import { Store } from "@/lib/store";

const KEEP = "syncboard.batches";

/** The batches that were begun in this tab, the newest first; remembered through a reload. */
export const followed = new Store<readonly string[]>(remembered());

function remembered(): string[] {
  try {
    return JSON.parse(sessionStorage.getItem(KEEP) ?? "[]") as string[];
  } catch {
    return [];
  }
}
followed.watch(() => sessionStorage.setItem(KEEP, JSON.stringify(followed.get().slice(0, 50))));

export const followBatch = (id: string): void => followed.set((all) => [id, ...all.filter((other) => other !== id)]);
export const dropBatch = (id: string): void => followed.set((all) => all.filter((other) => other !== id));
export const forgetBatches = (): void => followed.set([]);

export const isOver = ({ counts }: Pick<Batch, "counts">): boolean => counts.waiting + counts.running === 0;

const PAGE = 100;

async function batchPage(id: string, limit: number, cursor: string): Promise<Batch> {
  const query = { limit, ...(cursor ? { cursor } : {}) };
  const { data, error } = await api.GET("/batches/{batch_id}", { params: { path: { batch_id: id }, query } });
  if (!data) throw error;
  return data;
}

const everyWhile = (first: Batch | undefined): number => (first && (isOver(first) || first.paused) ? IDLE_MS : pollEvery(true));

/** How many things of all these batches are on their way, failed and done. */
export function useBatchTotals(ids: readonly string[]) {
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: ["jobs", "batch-counts", id],
      queryFn: () => batchPage(id, 1, ""),
      refetchInterval: ({ state }: { state: { data: Batch | undefined } }) => everyWhile(state.data),
    })),
    combine: (answers) =>
      answers.reduce(
        (sum, { data }) => ({
          working: sum.working + (data ? data.counts.waiting + data.counts.running : 0),
          failed: sum.failed + (data?.counts.failed ?? 0),
          done: sum.done + (data ? data.counts.done + data.counts.cancelled : 0),
        }),
        { working: 0, failed: 0, done: 0 },
      ),
  });
}

/** A batch and its items page by page; with `open` false only its counts are of interest. */
export function useBatch(id: string, open: boolean) {
  return useInfiniteQuery({
    queryKey: ["jobs", "batch", id, open],
    initialPageParam: "",
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam }) => batchPage(id, open ? PAGE : 1, pageParam),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: ({ state }) => everyWhile(state.data?.pages[0]),
  });
}

/** What can be done to a batch as a whole. */
export function useBatchActions(id: string) {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: ["jobs"] });
  const at = () => ({ params: { path: { batch_id: id } }, headers: { "Idempotency-Key": writeKey() } });
  const act = useMutation({
    mutationFn: async (what: "pause" | "resume" | "cancel" | "retry") => {
      const { error } =
        what === "pause" ? await api.POST("/batches/{batch_id}/pause", at())
        : what === "resume" ? await api.POST("/batches/{batch_id}/resume", at())
        : what === "cancel" ? await api.POST("/batches/{batch_id}/cancel", at())
        : await api.POST("/batches/{batch_id}/retry", at());
      if (error) throw error;
    },
    onSettled,
  });
  return act;
}
