import { FileUp } from "lucide-react";
import { type InputHTMLAttributes, useRef } from "react";
import { Button } from "@/components/ui/button";
import { withoutLitter } from "../api/folders";
import { addFiles } from "../api/queue";
import "./uploads.css";

/** The place to choose files or a folder; dropping works on the whole window, so this area only says so. */
export function DropArea({ compact = false }: { compact?: boolean }) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  // React does not know the attribute, which every browser does
  const asFolder = { webkitdirectory: "" } as InputHTMLAttributes<HTMLInputElement>;
  return (
    <section className={compact ? "drop-area compact" : "drop-area"} aria-label="Add files">
      <FileUp className="icon" size={compact ? 22 : 30} strokeWidth={1.5} aria-hidden />
      <p className="drop-title"><span className="by-mouse">Drop files or folders anywhere on this page</span><span className="by-touch">Add files from this device</span></p>
      <div className="drop-buttons">
        <Button look="primary" onClick={() => files.current?.click()}>Choose files</Button>
        <Button className="by-mouse" onClick={() => folder.current?.click()}>Choose a folder</Button>
      </div>
      <p className="quiet small">PDF and scans, Word, Excel, PowerPoint, e-books, e-mail, images, sound and film, archives, text and code. Large ones go on where they stopped, whatever happens.</p>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-label="Files to add"
        onChange={(event) => {
          addFiles(event.target.files ?? []);
          event.target.value = "";
        }}
      />
      <input
        ref={folder}
        type="file"
        hidden
        {...asFolder}
        aria-label="Folder to add"
        onChange={(event) => {
          addFiles(withoutLitter(event.target.files ?? []));
          event.target.value = "";
        }}
      />
    </section>
  );
}
