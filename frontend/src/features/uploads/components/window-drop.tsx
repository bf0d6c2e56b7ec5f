import { useEffect, useState } from "react";
import { useStore } from "@/lib/store";
import { takeDrop, taker } from "../api/drops";
import "./uploads.css";

/** Takes files and folders dropped anywhere in the window. */
export function WindowDrop({ onDropped }: { onDropped: (count: number) => void }) {
  const [over, setOver] = useState(false);
  const label = useStore(taker)?.label ?? "Drop to add to your board";
  useEffect(() => {
    let depth = 0;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const on = (name: "dragenter" | "dragover" | "dragleave" | "drop", act: (event: DragEvent) => void) => {
      const listener = (event: DragEvent) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        act(event);
      };
      window.addEventListener(name, listener);
      return () => window.removeEventListener(name, listener);
    };
    const stops = [
      on("dragenter", () => setOver(++depth > 0)),
      on("dragleave", () => setOver(--depth > 0)),
      on("dragover", (event) => {
        if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
      }),
      on("drop", (event) => {
        depth = 0;
        setOver(false);
        if (!event.dataTransfer) return;
        void takeDrop(event.dataTransfer).then((count) => {
          if (count > 0) onDropped(count);
        });
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }, [onDropped]);
  return over ? <div className="drop-shade" aria-hidden><p>{label}</p></div> : null;
}
