import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "@/lib/toast";
import { api, writeKey } from "@/client/api";
import { readProblem } from "@/client/problem";
import { Button } from "@/components/ui/button";
import { Field, TextField } from "@/components/ui/field";
import { ProblemNotice } from "@/components/ui/notice";
import { addAccepted } from "../api/queue";

/** A note, or a transcript that could not be fetched; `title` is what it is about, when the way here knew. */
export function TextForm({ title: given = "" }: { title?: string }) {
  const [title, setTitle] = useState(given);
  const [content, setContent] = useState("");
  const [key, setKey] = useState(writeKey);
  const add = useMutation({
    mutationFn: async () => {
      const body = { content, title: title.trim() || null };
      const { data, error } = await api.POST("/upload_text", { body, headers: { "Idempotency-Key": key } });
      if (!data) throw error;
      return data;
    },
    onSuccess: (accepted) => {
      addAccepted("text", title.trim() || accepted.filename || "Note", new Blob([content]).size, accepted.job_id, accepted.duplicate_of ?? null);
      toast(accepted.duplicate_of ? "This text is on your board already" : "Text added");
      setTitle("");
      setContent("");
    },
    onSettled: () => setKey(writeKey()),
  });
  return (
    <form
      className="text-form"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <Field label="Title" placeholder="Optional" value={title} onChange={(event) => setTitle(event.target.value)} autoComplete="off" />
      <TextField label="Text" required value={content} onChange={(event) => setContent(event.target.value)} placeholder="Write or paste. Markdown headings become the structure." />
      {add.error ? <ProblemNotice problem={readProblem(add.error)} /> : null}
      <Button look="primary" type="submit" busy={add.isPending} disabled={content.trim() === ""}>Add text</Button>
    </form>
  );
}
