import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, writeKey } from "@/client/api";
import { judge } from "./judge";

const PAUSE_MS = 400;

/** What the server would do with each line, asked a moment after the last change; nothing is added by asking. */
export function useVerdicts(lines: readonly string[]) {
  const text = lines.join("\n");
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(text), PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [text]);
  const asked = useQuery({
    queryKey: ["board", "verdicts", settled],
    enabled: settled !== "",
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const { data, error } = await api.POST("/upload_batch_urls", { params: { query: { dry_run: true } }, body: { urls: settled.split("\n") } });
      if (!data) throw error;
      return data;
    },
  });
  const sure = settled === text && asked.data !== undefined && !asked.isPlaceholderData;
  return { judged: judge(lines, text === "" ? undefined : asked.data), sure, error: sure ? null : asked.error };
}

export interface Added {
  batch: string | null;
  single: { name: string; job: string; duplicateOf: number | null } | null;
}

/** Adds links: one by itself, several as a batch. */
export function useAddLinks() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (urls: readonly string[]): Promise<Added> => {
      const headers = { "Idempotency-Key": writeKey() };
      if (urls.length === 1) {
        const { data, error } = await api.POST("/upload_url", { body: { url: urls[0]! }, headers });
        if (!data) throw error;
        return { batch: null, single: { name: data.url, job: data.job_id, duplicateOf: data.duplicate_of ?? null } };
      }
      const { data, error } = await api.POST("/upload_batch_urls", { body: { urls: [...urls] }, headers });
      if (!data) throw error;
      return { batch: data.batch_id, single: null };
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["jobs"] });
      return client.invalidateQueries({ queryKey: ["board"] });
    },
  });
}
