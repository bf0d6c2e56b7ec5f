import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, writeKey } from "@/client/api";

/** The notes of a document, oldest first. */
export function useNotes(document: number) {
  return useQuery({
    queryKey: ["board", "notes", document],
    queryFn: async () => {
      const { data, error } = await api.GET("/documents/{document_id}/notes", { params: { path: { document_id: document }, query: { limit: 100 } } });
      if (!data) throw error;
      return data.items;
    },
  });
}

export function useNoteActions(document: number) {
  const client = useQueryClient();
  // not waited for: what was pressed may be gone from the page by then, and its note with it
  const onSettled = () => void client.invalidateQueries({ queryKey: ["board", "notes", document] });
  const headers = () => ({ "Idempotency-Key": writeKey() });
  const add = useMutation({
    mutationFn: async (text: string) => {
      const { error } = await api.POST("/documents/{document_id}/notes", { params: { path: { document_id: document } }, body: { text }, headers: headers() });
      if (error) throw error;
    },
    onSettled,
  });
  const change = useMutation({
    mutationFn: async ({ id, text }: { id: number; text: string }) => {
      const { error } = await api.PATCH("/notes/{note_id}", { params: { path: { note_id: id } }, body: { text }, headers: headers() });
      if (error) throw error;
    },
    onSettled,
  });
  const remove = useMutation({
    mutationFn: async (id: number) => {
      const { error } = await api.DELETE("/notes/{note_id}", { params: { path: { note_id: id } }, headers: headers() });
      if (error) throw error;
    },
    onSettled,
  });
  return { add, change, remove };
}
