import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, writeKey } from "@/client/api";
import type { DuplicateGroup, LastScan } from "@/client/types";
import { IDLE_MS, pollEvery } from "@/lib/polling";

export const LAYERS = ["exact", "near", "semantic", "image", "containment"] as const;
export type Layer = (typeof LAYERS)[number];

/** How alike two documents are, in words; the number stands beside them. */
export const LAYER_WORDS: Record<Layer, string> = {
  exact: "same text",
  near: "nearly the same words",
  semantic: "same meaning",
  image: "same picture",
  containment: "part of",
};

export const layerWord = (layer: string): string => LAYER_WORDS[layer as Layer] ?? layer;

/** "97 %"; only what is wholly alike is 100. */
export const likenessWord = (likeness: number): string => `${likeness >= 1 ? 100 : Math.min(99, Math.round(likeness * 100))} %`;

export const isScanning = (scan: LastScan | null | undefined): boolean => scan != null && ["PENDING", "PROCESSING", "RETRY"].includes(scan.state);

/** Groups of documents that are alike, the most alike first, and how the last scan went. */
export function useGroups(layer: Layer | null) {
  return useInfiniteQuery({
    queryKey: ["board", "duplicates", "groups", layer],
    initialPageParam: "",
    placeholderData: keepPreviousData,
    queryFn: async ({ pageParam }) => {
      const query = { limit: 50, ...(layer ? { layer } : {}), ...(pageParam ? { cursor: pageParam } : {}) };
      const { data, error } = await api.GET("/duplicates", { params: { query } });
      if (!data) throw error;
      return data;
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: ({ state }) => pollEvery(isScanning(state.data?.pages[0]?.last_scan)),
  });
}

/** The job of a scan while it runs: its pairs, its words. */
export function useScanJob(id: string | null) {
  return useQuery({
    queryKey: ["jobs", "one", id],
    enabled: id !== null,
    queryFn: async () => {
      const { data, error } = await api.GET("/jobs/{job_id}", { params: { path: { job_id: id ?? "" } } });
      if (!data) throw error;
      return data;
    },
    refetchInterval: pollEvery(true),
  });
}

/** Two documents row by row. */
export function useComparison(a: number, b: number) {
  return useQuery({
    queryKey: ["board", "duplicates", "pair", a, b],
    staleTime: 60_000,
    queryFn: async () => {
      const { data, error } = await api.GET("/duplicates/{a}/{b}", { params: { path: { a, b } } });
      if (!data) throw error;
      return data;
    },
  });
}

/** What was merged, newest first. */
export function useMerges() {
  return useQuery({
    queryKey: ["board", "duplicates", "merges"],
    refetchInterval: IDLE_MS,
    queryFn: async () => {
      const { data, error } = await api.GET("/duplicates/merges", { params: { query: { limit: 50 } } });
      if (!data) throw error;
      return data.items;
    },
  });
}

/** What is left out is the server's to choose. */
export interface ScanWish {
  threshold?: number;
  layers?: Layer[];
}

/** What can be done about duplicates. Each asks the lists again; none guesses the answer. */
export function useDuplicateActions() {
  const client = useQueryClient();
  // not waited for: what was pressed may be gone from the page by then, and its note with it
  const onSettled = () => {
    // of a document that was just merged nothing is asked while its pair is still on the page
    void client.invalidateQueries({ queryKey: ["board", "duplicates", "pair"], refetchType: "none" });
    void client.invalidateQueries({ queryKey: ["board"], predicate: ({ queryKey }) => queryKey[2] !== "pair" });
  };
  const headers = () => ({ "Idempotency-Key": writeKey() });
  const scan = useMutation({
    mutationFn: async (wish: ScanWish) => {
      const { data, error } = await api.POST("/duplicates/scan", { body: wish as Required<ScanWish>, headers: headers() });
      if (!data) throw error;
      return data;
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["jobs"] });
      onSettled();
    },
  });
  const merge = useMutation({
    mutationFn: async ({ keep, drop }: { keep: number; drop: number[] }) => {
      const { data, error } = await api.POST("/duplicates/merge", { body: { keep_doc_id: keep, delete_doc_ids: drop }, headers: headers() });
      if (!data) throw error;
      return data;
    },
    onSettled,
  });
  const undo = useMutation({
    mutationFn: async (merge: number) => {
      const { data, error } = await api.POST("/duplicates/merges/{merge_id}/undo", { params: { path: { merge_id: merge } }, headers: headers() });
      if (!data) throw error;
      return data;
    },
    onSettled,
  });
  const dismiss = useMutation({
    mutationFn: async (documents: number[]) => {
      const { error } = await api.POST("/duplicates/dismiss", { body: { document_ids: documents }, headers: headers() });
      if (error) throw error;
    },
    onSettled,
  });
  const recall = useMutation({
    mutationFn: async (documents: number[]) => {
      const { error } = await api.POST("/duplicates/dismissals/undo", { body: { document_ids: documents }, headers: headers() });
      if (error) throw error;
    },
    onSettled,
  });
  return { scan, merge, undo, dismiss, recall };
}

/** The document a group shows on the left at first: the one the server would keep. */
export const primaryOf = (group: DuplicateGroup) => group.documents.find((one) => one.document_id === group.primary_id) ?? group.documents[0]!;
