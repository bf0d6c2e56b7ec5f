import { useQuery } from "@tanstack/react-query";
import { api } from "@/client/api";

/** The name of one concept, for a filter that only knows its number. */
export function useConceptName(id: number | null): string | undefined {
  const { data } = useQuery({
    queryKey: ["board", "concept-name", id],
    enabled: id !== null,
    staleTime: 60_000,
    retry: false,
    queryFn: async () => {
      const { data: found, error } = await api.GET("/concepts/{concept_id}", { params: { path: { concept_id: id ?? 0 } } });
      if (!found) throw error;
      return found.name;
    },
  });
  return data;
}
