import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { api } from "@/client/api";

/** Hits for what is typed; the last hits stay while the next are on their way. */
export function useSearch(text: string, cluster: number | null, limit = 30) {
  const q = useDeferredValue(text.trim());
  return useQuery({
    queryKey: ["board", "search", q, cluster, limit],
    enabled: q.length >= 2,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    queryFn: async ({ signal }) => {
      // people type faster than they read: wait a moment, and drop what was overtaken
      await new Promise((resolve) => setTimeout(resolve, 120));
      signal.throwIfAborted();
      const { data, error } = await api.GET("/search", { params: { query: { q, limit, ...(cluster ? { cluster } : {}) } }, signal });
      if (!data) throw error;
      return data;
    },
  });
}
