import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api } from "@/client/api";
import type { Filter } from "./documents";

const PAGE = 200;
const MOST = 2000;

/** The ids of all documents a filter leaves (at most `MOST`), for a view that shows everything and lights these up. */
export function useMatching(filter: Filter, wanted: boolean) {
  return useQuery({
    queryKey: ["board", "matching", filter],
    enabled: wanted,
    placeholderData: keepPreviousData,
    staleTime: 15_000,
    queryFn: async ({ signal }) => {
      const ids = new Set<number>();
      let [cursor, total]: [string | null, number] = ["", 0];
      while (cursor !== null && ids.size < MOST) {
        const some: Awaited<ReturnType<typeof page>> = await page(filter, cursor, signal);
        if (!some.data) throw some.error;
        for (const one of some.data.items) ids.add(one.id);
        [cursor, total] = [some.data.next_cursor, some.data.total];
      }
      return { ids, total };
    },
  });
}

const page = (filter: Filter, cursor: string, signal: AbortSignal) => api.GET("/documents", { params: { query: { ...filter, limit: PAGE, ...(cursor ? { cursor } : {}) } }, signal });
