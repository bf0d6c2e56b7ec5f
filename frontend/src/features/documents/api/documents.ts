import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, writeKey } from "@/client/api";
import type { DocumentItem, DocumentPage, PageWord } from "@/client/types";
import { IDLE_MS, pollEvery } from "@/lib/polling";

export interface Filter {
  cluster?: number;
  concept?: number;
  subcluster?: number;
  tag?: number;
  type?: string;
  language?: string;
  source?: string;
  /** Days, "2026-11-28". */
  since?: string;
  until?: string;
  status?: string;
  sort?: "-created_at" | "title";
}

const BEING_READ = new Set(["pending", "queued", "extracting", "processing_chunks"]);
export const isBeingRead = (document: Pick<DocumentItem, "status">): boolean => BEING_READ.has(document.status);

async function documentsPage(filter: Filter, limit: number, cursor: string) {
  const { data, error } = await api.GET("/documents", { params: { query: { ...filter, limit, ...(cursor ? { cursor } : {}) } } });
  if (!data) throw error;
  return data;
}

/** A filtered list, page by page. */
export function useDocuments(filter: Filter, limit = 50, enabled = true) {
  return useInfiniteQuery({
    queryKey: ["board", "documents", filter, limit],
    enabled,
    initialPageParam: "",
    queryFn: ({ pageParam }) => documentsPage(filter, limit, pageParam),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => pollEvery(state.data?.pages.some((page) => page.items.some(isBeingRead)) ?? false),
  });
}

export function useDocument(id: number) {
  return useQuery({
    queryKey: ["board", "document", id],
    queryFn: async () => {
      const { data, error } = await api.GET("/documents/{document_id}", { params: { path: { document_id: id } } });
      if (!data) throw error;
      return data;
    },
    refetchInterval: ({ state }) => (state.data && isBeingRead(state.data) ? pollEvery(true) : IDLE_MS),
  });
}

/** The readable text with its places. `version` asks again when the document was read anew. */
export function useDocumentText(id: number, version: string, readable: boolean) {
  return useQuery({
    queryKey: ["text", id, version],
    enabled: readable,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const { data, error } = await api.GET("/documents/{document_id}/text", { params: { path: { document_id: id } } });
      if (!data) throw error;
      return data;
    },
  });
}

const NO_PAGES: readonly DocumentPage[] = [];

async function pagesOf(id: number, query: { page?: number; boxes?: boolean; cursor?: string; limit?: number }) {
  const { data, error } = await api.GET("/documents/{document_id}/pages", { params: { path: { document_id: id }, query } });
  if (!data) throw error;
  return data;
}

/** The pages that were read as pictures, or failed to be; none for what has no such pages. */
export function useDocumentPages(id: number, version: string, possible: boolean): readonly DocumentPage[] {
  const { data } = useQuery({
    queryKey: ["pages", id, version],
    enabled: possible,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const found: DocumentPage[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const some: Awaited<ReturnType<typeof pagesOf>> = await pagesOf(id, { limit: 200, ...(cursor ? { cursor } : {}) });
        found.push(...(some.items as DocumentPage[])); // the client forgets that a box has four sides
        cursor = some.next_cursor;
      }
      return found;
    },
  });
  return data ?? NO_PAGES;
}

const NO_WORDS: readonly PageWord[] = [];

/** Every word of one page with its place on the picture. */
export function usePageWords(id: number, version: string, page: number): readonly PageWord[] {
  const { data } = useQuery({
    queryKey: ["page-words", id, version, page],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => (await pagesOf(id, { page, boxes: true })).items[0]?.words ?? [],
  });
  return (data as readonly PageWord[] | undefined) ?? NO_WORDS;
}

const IN_READER = new Set(["document", "notes", "highlights", "related"]);

export function useDocumentActions() {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: ["board"] });
  const at = (id: number) => ({ params: { path: { document_id: id } }, headers: { "Idempotency-Key": writeKey() } });
  const remove = useMutation({
    mutationFn: async (id: number) => {
      const { error } = await api.DELETE("/documents/{document_id}", at(id));
      if (error) throw error;
    },
    // the document and what the reader shows of it must not be asked for again: it is gone, and the reader is about to close
    onSettled: (_data, _error, id) => {
      void client.invalidateQueries({ queryKey: ["board"], predicate: ({ queryKey }) => !(IN_READER.has(String(queryKey[1])) && queryKey[2] === id) });
    },
  });
  const restore = useMutation({
    mutationFn: async (id: number) => {
      const { error } = await api.POST("/documents/{document_id}/restore", at(id));
      if (error) throw error;
    },
    onSettled,
  });
  const reprocess = useMutation({
    mutationFn: async (id: number) => {
      const { data, error } = await api.POST("/documents/{document_id}/reprocess", at(id));
      if (!data) throw error;
      return data;
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["jobs"] });
      return onSettled();
    },
  });
  const move = useMutation({
    mutationFn: async ({ id, cluster }: { id: number; cluster: number }) => {
      const { error } = await api.PATCH("/documents/{document_id}", { ...at(id), body: { cluster_id: cluster } });
      if (error) throw error;
    },
    onSettled,
  });
  return { remove, restore, reprocess, move };
}
