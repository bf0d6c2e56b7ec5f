import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api } from "@/client/api";
import type { RelatedDocument } from "@/client/types";

/** Documents that are like this one, nearest first; undefined until they are known. */
export function useRelated(id: number, version: string, ready: boolean): readonly RelatedDocument[] | undefined {
  const { data } = useQuery({
    queryKey: ["board", "related", id, version],
    enabled: ready,
    staleTime: 60_000,
    queryFn: async () => {
      const { data, error } = await api.GET("/documents/{document_id}/related", { params: { path: { document_id: id }, query: { limit: 8 } } });
      if (!data) throw error;
      return data.items;
    },
  });
  return data;
}

/** The related documents, each with what makes it so. */
export function Related({ found, documentTo }: { found: readonly RelatedDocument[] | undefined; documentTo: (id: number) => string }) {
  if (!found?.length) return <p className="margin-empty">Nothing on your board is close to this yet.</p>;
  return (
    <section aria-label="Related documents" className="related">
      <ul>
        {found.map(({ document, reason }) => (
          <li key={document.id}>
            <Link to={documentTo(document.id)}>{document.title || document.filename}</Link>
            <p className="small">{reason}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
