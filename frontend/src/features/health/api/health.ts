import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/client/api";

/** What `/readyz` says; a degraded board answers 503 with the same shape, so both are read. */
export function useReadiness() {
  return useQuery({
    queryKey: ["health"],
    refetchInterval: 4000,
    queryFn: async () => {
      const { data, error } = await api.GET("/readyz");
      if (data) return data;
      if (error && "checks" in error) return error;
      throw error ?? new TypeError("no answer");
    },
  });
}

export function useQueuePause() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ name, pause }: { name: string; pause: boolean }) => {
      const at = { params: { path: { name } } };
      const { error } = pause ? await api.POST("/admin/queues/{name}/pause", at) : await api.POST("/admin/queues/{name}/resume", at);
      if (error) throw error;
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["health"] }),
  });
}
