import { useQuery } from "@tanstack/react-query";
import { api } from "@/client/api";
import { IDLE_MS } from "@/lib/polling";

/** How many groups of duplicates the board has, and how the last scan stands; without the groups themselves. */
export function useDuplicateCount() {
  return useQuery({
    queryKey: ["board", "duplicates", "count"],
    refetchInterval: IDLE_MS,
    queryFn: async () => {
      const { data, error } = await api.GET("/duplicates", { params: { query: { limit: 1 } } });
      if (!data) throw error;
      return { total: data.total, scan: data.last_scan ?? null };
    },
  });
}
