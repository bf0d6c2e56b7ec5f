import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/client/api";
import type { Cluster } from "@/client/types";
import { IDLE_MS } from "@/lib/polling";

/** All clusters, largest first. */
export function useClusters() {
  return useQuery({
    queryKey: ["board", "clusters"],
    refetchInterval: IDLE_MS,
    queryFn: async () => {
      const all: Cluster[] = [];
      let cursor: string | null = null;
      do {
        const { data, error }: Awaited<ReturnType<typeof page>> = await page(cursor);
        if (!data) throw error;
        all.push(...data.items);
        cursor = data.next_cursor ?? null;
      } while (cursor && all.length < 2000);
      return all.sort((a, b) => b.document_count - a.document_count || a.name.localeCompare(b.name));
    },
  });
}

const page = (cursor: string | null) => api.GET("/clusters", { params: { query: { limit: 100, ...(cursor ? { cursor } : {}) } } });

export function useRenameCluster() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, name }: { id: number; name: string }) => {
      const { error } = await api.PATCH("/clusters/{cluster_id}", { params: { path: { cluster_id: id } }, body: { name } });
      if (error) throw error;
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["board"] }),
  });
}

/** The colour of a cluster: always beside its name, never alone. */
export const clusterColour = (id: number): string => `var(--c${id % 10})`;
