import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, writeKey } from "@/client/api";
import type { SavedSearch } from "@/client/types";
import { IDLE_MS } from "@/lib/polling";

const page = (cursor: string | null) => api.GET("/saved-searches", { params: { query: { limit: 100, ...(cursor ? { cursor } : {}) } } });

/** The searches somebody kept, with how much each finds that is new since it was looked at. */
export function useSavedSearches() {
  return useQuery({
    queryKey: ["board", "saved"],
    refetchInterval: IDLE_MS,
    queryFn: async () => {
      const all: SavedSearch[] = [];
      let cursor: string | null = null;
      do {
        const { data, error }: Awaited<ReturnType<typeof page>> = await page(cursor);
        if (!data) throw error;
        all.push(...data.items);
        cursor = data.next_cursor ?? null;
      } while (cursor);
      return all;
    },
  });
}

export function useSavedActions() {
  const client = useQueryClient();
  const onSettled = () => void client.invalidateQueries({ queryKey: ["board", "saved"] });
  const headers = () => ({ "Idempotency-Key": writeKey() });
  const save = useMutation({
    mutationFn: async (wish: Pick<SavedSearch, "name" | "q" | "filters">) => {
      const { data, error } = await api.POST("/saved-searches", { headers: headers(), body: wish });
      if (!data) throw error;
      return data;
    },
    onSettled,
  });
  const rename = useMutation({
    mutationFn: async ({ id, name }: { id: number; name: string }) => {
      const { error } = await api.PATCH("/saved-searches/{search_id}", { params: { path: { search_id: id } }, headers: headers(), body: { name } });
      if (error) throw error;
    },
    onSettled,
  });
  const remove = useMutation({
    mutationFn: async (id: number) => {
      const { error } = await api.DELETE("/saved-searches/{search_id}", { params: { path: { search_id: id } }, headers: headers() });
      if (error) throw error;
    },
    onSettled,
  });
  const seen = useMutation({
    mutationFn: async (id: number) => {
      const { error } = await api.POST("/saved-searches/{search_id}/seen", { params: { path: { search_id: id } }, headers: headers() });
      if (error) throw error;
    },
    onSettled,
  });
  return { save, rename, remove, seen };
}
