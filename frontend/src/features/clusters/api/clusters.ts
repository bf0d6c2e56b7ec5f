import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, writeKey } from "@/client/api";
import type { Cluster } from "@/client/types";
import { IDLE_MS } from "@/lib/polling";

const MOST = 2000;
const page = (parent: number | null, cursor: string | null) =>
  api.GET("/clusters", { params: { query: { limit: 200, ...(parent ? { parent } : {}), ...(cursor ? { cursor } : {}) } } });

async function everyPage(parent: number | null): Promise<Cluster[]> {
  const all: Cluster[] = [];
  let cursor: string | null = null;
  do {
    const { data, error }: Awaited<ReturnType<typeof page>> = await page(parent, cursor);
    if (!data) throw error;
    all.push(...data.items);
    cursor = data.next_cursor ?? null;
  } while (cursor && all.length < MOST);
  return all.sort((a, b) => b.document_count - a.document_count || a.name.localeCompare(b.name));
}

/** All topics, the pinned ones first, then the largest. */
export function useClusters() {
  return useQuery({
    queryKey: ["board", "clusters"],
    refetchInterval: IDLE_MS,
    queryFn: async () => (await everyPage(null)).sort((a, b) => Number(b.pinned) - Number(a.pinned)),
  });
}

/** The sub-topics of a topic, once somebody wants to see them. */
export function useSubtopics(topic: number, wanted: boolean) {
  return useQuery({ queryKey: ["board", "clusters", topic], enabled: wanted, staleTime: IDLE_MS, queryFn: () => everyPage(topic) });
}

/** What became of the clusters lately, as sentences; the newest first. */
export function useClusterChanges(limit: number) {
  return useQuery({
    queryKey: ["board", "changes", limit],
    refetchInterval: IDLE_MS,
    queryFn: async () => {
      const { data, error } = await api.GET("/clusters/changes", { params: { query: { limit } } });
      if (!data) throw error;
      return data;
    },
  });
}

/** What people decide about clusters. Each asks for the board again; none guesses the answer. */
export function useClusterActions() {
  const client = useQueryClient();
  // not waited for: the row that says what was done may be gone with the next answer
  const onSettled = () => void client.invalidateQueries({ queryKey: ["board"] });
  const headers = () => ({ "Idempotency-Key": writeKey() });
  const patch = useMutation({
    mutationFn: async ({ id, ...body }: { id: number; name?: string; pinned?: boolean }) => {
      const { error } = await api.PATCH("/clusters/{cluster_id}", { params: { path: { cluster_id: id } }, headers: headers(), body });
      if (error) throw error;
    },
    onSettled,
  });
  const remove = useMutation({
    mutationFn: async (id: number) => {
      const { data, error } = await api.DELETE("/clusters/{cluster_id}", { params: { path: { cluster_id: id } }, headers: headers() });
      if (!data) throw error;
      return data;
    },
    onSettled,
  });
  const move = useMutation({
    mutationFn: async ({ document, cluster }: { document: number; cluster: number }) => {
      const { error } = await api.PATCH("/documents/{document_id}", { params: { path: { document_id: document } }, headers: headers(), body: { cluster_id: cluster } });
      if (error) throw error;
    },
    onSettled,
  });
  const regroup = useMutation({
    mutationFn: async () => {
      const { data, error } = await api.POST("/clusters/recluster", { headers: headers() });
      if (!data) throw error;
      return data;
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["jobs"] }),
  });
  return { patch, remove, move, regroup };
}

/** The colour of a cluster: always beside its name, never alone. */
export const clusterColour = (id: number): string => `var(--c${id % 10})`;
