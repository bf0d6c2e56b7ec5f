import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, writeKey } from "@/client/api";
import type { Tag } from "@/client/types";

/** Every tag of the board with how often it is used. */
export function useTags(on = true) {
  return useQuery({
    queryKey: ["board", "tags"],
    enabled: on,
    queryFn: async () => {
      const all: Tag[] = [];
      let cursor: string | null = null;
      do {
        const { data, error }: Awaited<ReturnType<typeof page>> = await page(cursor);
        if (!data) throw error;
        all.push(...data.items);
        cursor = data.next_cursor ?? null;
      } while (cursor && all.length < 2000);
      return all;
    },
  });
}

const page = (cursor: string | null) => api.GET("/tags", { params: { query: { limit: 100, ...(cursor ? { cursor } : {}) } } });

/** Gives a document exactly these tags; names that are new become tags. */
export function useSetTags() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ document, names }: { document: number; names: string[] }) => {
      const at = { params: { path: { document_id: document } }, headers: { "Idempotency-Key": writeKey() } };
      const { error } = await api.PUT("/documents/{document_id}/tags", { ...at, body: { names } });
      if (error) throw error;
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["board"] }),
  });
}
