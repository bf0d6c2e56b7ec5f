import { useQuery } from "@tanstack/react-query";
import { api } from "@/client/api";
import type { BoardMap } from "@/client/types";

const EVERY_MS = 60_000;

interface Kept { etag: string; map: BoardMap }

/** The whole map. It is large, so that an unchanged one is not sent again: the server answers "as before". */
export function useMap() {
  return useQuery({
    queryKey: ["board", "map"],
    refetchInterval: EVERY_MS,
    structuralSharing: false,
    queryFn: async ({ client, queryKey }): Promise<Kept> => {
      const before = client.getQueryData<Kept>(queryKey);
      const { data, error, response } = await api.GET("/clusters/map", before?.etag ? { headers: { "If-None-Match": before.etag } } : {});
      if (response.status === 304 && before) return before;
      if (!data) throw error;
      return { etag: response.headers.get("ETag") ?? "", map: data };
    },
    select: (kept) => kept.map,
  });
}
