import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, writeKey } from "@/client/api";
import type { Analytics } from "@/client/types";

const EVERY_MS = 60_000;

/** The numbers of the board as they were counted last; counted once, at once, when nobody ever did. */
export function useAnalytics() {
  return useQuery({
    queryKey: ["board", "analytics"],
    refetchInterval: EVERY_MS,
    staleTime: EVERY_MS / 4,
    queryFn: async (): Promise<Analytics> => {
      const { data, error } = await api.GET("/analytics");
      if (!data) throw error;
      return data;
    },
  });
}

/** Counts everything anew, as a job. */
export function useRefreshAnalytics() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const { data, error } = await api.POST("/analytics/refresh", { headers: { "Idempotency-Key": writeKey() } });
      if (!data) throw error;
      return data;
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["jobs"] }),
  });
}
