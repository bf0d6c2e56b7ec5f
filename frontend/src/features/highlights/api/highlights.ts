import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, writeKey } from "@/client/api";
import type { Highlight } from "@/client/types";

export const COLOURS = ["yellow", "green", "blue", "pink", "purple", "orange"] as const;
export type Colour = (typeof COLOURS)[number];
/** Those at hand beside a selection. */
export const PENS = COLOURS.slice(0, 4);

const NONE: readonly Highlight[] = [];

/** What a person marked in a document, in the order of the text; those whose place is lost stand last. */
export function useHighlights(document: number): readonly Highlight[] {
  const { data } = useQuery({
    queryKey: ["board", "highlights", document],
    queryFn: async () => {
      const all: Highlight[] = [];
      let cursor: string | null = null;
      do {
        const { data, error }: Awaited<ReturnType<typeof page>> = await page(document, cursor);
        if (!data) throw error;
        all.push(...data.items);
        cursor = data.next_cursor ?? null;
      } while (cursor && all.length < 5000);
      return all.sort((a, b) => Number(a.lost) - Number(b.lost) || a.start - b.start);
    },
  });
  return data ?? NONE;
}

const page = (document: number, cursor: string | null) =>
  api.GET("/documents/{document_id}/highlights", { params: { path: { document_id: document }, query: { limit: 100, ...(cursor ? { cursor } : {}) } } });

export interface NewHighlight {
  start: number;
  end: number;
  colour: Colour;
  /** What stands there: the server refuses to mark anything else. */
  quote?: string;
  note?: string;
}

export function useHighlightActions(document: number) {
  const client = useQueryClient();
  // not waited for: what was pressed may be gone from the page by then, and its note with it
  const onSettled = () => void client.invalidateQueries({ queryKey: ["board", "highlights", document] });
  const headers = () => ({ "Idempotency-Key": writeKey() });
  const add = useMutation({
    mutationFn: async (wanted: NewHighlight) => {
      const { data, error } = await api.POST("/documents/{document_id}/highlights", { params: { path: { document_id: document } }, body: wanted, headers: headers() });
      if (!data) throw error;
      return data;
    },
    onSettled,
  });
  const change = useMutation({
    mutationFn: async ({ id, ...body }: { id: number; colour?: Colour; note?: string | null }) => {
      const { error } = await api.PATCH("/highlights/{highlight_id}", { params: { path: { highlight_id: id } }, body, headers: headers() });
      if (error) throw error;
    },
    onSettled,
  });
  const remove = useMutation({
    mutationFn: async (id: number) => {
      const { error } = await api.DELETE("/highlights/{highlight_id}", { params: { path: { highlight_id: id } }, headers: headers() });
      if (error) throw error;
    },
    onSettled,
  });
  return { add, change, remove };
}
