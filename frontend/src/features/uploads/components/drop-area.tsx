import { FileUp } from "lucide-react";
import { useRef } from "react";
import { Button } from "@/components/ui/button";
import { addFiles } from "../api/queue";
import "./uploads.css";

/** The place to choose files; dropping works on the whole window, so this area only says so. */
export function DropArea({ compact = false }: { compact?: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <section className={compact ? "drop-area compact" : "drop-area"} aria-label="Add files">
      <FileUp className="icon" size={compact ? 22 : 30} strokeWidth={1.5} aria-hidden />
      <p className="drop-title"><span className="by-mouse">Drop files anywhere on this page</span><span className="by-touch">Add files from this device</span></p>
      <Button look="primary" onClick={() => input.current?.click()}>Choose files</Button>
      <p className="quiet small">PDF, Word, PowerPoint, Excel, e-mail, web pages, Markdown, text and code.</p>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to add"
        onChange={(event) => {
          addFiles(event.target.files ?? []);
          event.target.value = "";
        }}
      />
    </section>
  );
}
