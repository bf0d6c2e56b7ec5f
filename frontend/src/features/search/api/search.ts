import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { api } from "@/client/api";

/** What narrows a search down, as the server asks for it. */
export interface Narrowed {
  cluster?: number;
  subcluster?: number;
  concept?: number;
  tag?: number;
  type?: string;
  language?: string;
  source?: string;
  since?: string;
  until?: string;
}

/** People type faster than they read: wait a moment, and drop what was overtaken. */
async function settled(signal: AbortSignal, milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  signal.throwIfAborted();
}

/** Hits for what is typed; the last hits stay while the next are on their way. */
export function useSearch(text: string, narrowed: Narrowed, limit = 30) {
  const q = useDeferredValue(text.trim());
  return useQuery({
    queryKey: ["board", "search", q, narrowed, limit],
    enabled: q.length >= 2,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    queryFn: async ({ signal }) => {
      await settled(signal, 120);
      const { data, error } = await api.GET("/search", { params: { query: { q, limit, ...narrowed } }, signal });
      if (!data) throw error;
      return data;
    },
  });
}

export const SUGGESTED = 7;

/** What the board has that begins like this: documents, concepts, clusters, tags, saved searches, words. */
export function useSuggestions(text: string, wanted: boolean) {
  const q = useDeferredValue(text.trim());
  return useQuery({
    queryKey: ["board", "suggest", q],
    enabled: wanted && q.length >= 2,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    queryFn: async ({ signal }) => {
      await settled(signal, 80);
      const { data, error } = await api.GET("/search/suggest", { params: { query: { q, limit: SUGGESTED } }, signal });
      if (!data) throw error;
      return data.items;
    },
  });
}
