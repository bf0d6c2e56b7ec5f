import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { api, writeKey } from "@/client/api";

/** How a spelling came to its concept, in words. */
const HOW: Record<string, string> = {
  self: "the name itself",
  spelling: "spelled alike",
  acronym: "its letters",
  meaning: "means the same",
  person: "put together by you",
};
export const howWord = (how: string): string => HOW[how] ?? how;

export function useConcept(id: number) {
  return useQuery({
    queryKey: ["board", "concept", id],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const { data, error } = await api.GET("/concepts/{concept_id}", { params: { path: { concept_id: id } } });
      if (!data) throw error;
      return data;
    },
  });
}

/** The documents of a concept with the quotes that prove it. */
export function useProofs(id: number) {
  return useInfiniteQuery({
    queryKey: ["board", "proofs", id],
    initialPageParam: "",
    queryFn: async ({ pageParam }) => {
      const { data, error } = await api.GET("/concepts/{concept_id}/proofs", { params: { path: { concept_id: id }, query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) } } });
      if (!data) throw error;
      return data;
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

/** Concepts whose name has these letters, the most shown first. */
export function useConceptNames(text: string) {
  const q = useDeferredValue(text.trim());
  return useQuery({
    queryKey: ["board", "concept-names", q],
    enabled: q.length >= 1,
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const { data, error } = await api.GET("/concepts", { params: { query: { q, limit: 9 } } });
      if (!data) throw error;
      return data.items;
    },
  });
}

export function useConceptActions() {
  const client = useQueryClient();
  // not waited for: what was pressed may be gone from the page by then, and its note with it
  const onSettled = () => void client.invalidateQueries({ queryKey: ["board"] });
  const at = (id: number) => ({ params: { path: { concept_id: id } }, headers: { "Idempotency-Key": writeKey() } });
  const change = useMutation({
    mutationFn: async ({ id, ...body }: { id: number; name?: string; category?: string }) => {
      const { data, error } = await api.PATCH("/concepts/{concept_id}", { ...at(id), body });
      if (!data) throw error;
      return data;
    },
    onSettled,
  });
  const merge = useMutation({
    mutationFn: async ({ id, others }: { id: number; others: number[] }) => {
      const { data, error } = await api.POST("/concepts/{concept_id}/merge", { ...at(id), body: { concept_ids: others } });
      if (!data) throw error;
      return data;
    },
    onSettled,
  });
  const split = useMutation({
    mutationFn: async ({ id, spellings }: { id: number; spellings: number[] }) => {
      const { data, error } = await api.POST("/concepts/{concept_id}/split", { ...at(id), body: { concept_ids: spellings } });
      if (!data) throw error;
      return data;
    },
    onSettled,
  });
  return { change, merge, split };
}
