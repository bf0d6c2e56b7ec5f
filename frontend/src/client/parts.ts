import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, writeKey } from "./api";

/** Reads the failed parts of a document again, and only those: from its job as from its reader. */
export function useRetryParts() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (documentId: number) => {
      const at = { params: { path: { document_id: documentId } }, headers: { "Idempotency-Key": writeKey() } };
      const { data, error } = await api.POST("/documents/{document_id}/chunks/retry", at);
      if (!data) throw error;
      return data;
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["jobs"] });
      return client.invalidateQueries({ queryKey: ["board"] });
    },
  });
}
