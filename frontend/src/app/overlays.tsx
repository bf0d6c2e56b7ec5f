import { lazy, Suspense, useEffect } from "react";
import { Dialog } from "@/components/ui/dialog";
import { isTyping } from "@/lib/lists";
import { Store, useStore } from "@/lib/store";
import "./palette.css";

const Palette = lazy(() => import("./palette"));

const shown = new Store<"palette" | "keys" | null>(null);
export const openPalette = (): void => shown.set("palette");

const KEYS: ReadonlyArray<readonly [string, string]> = [
  ["Ctrl K", "Find a document or go to a page"],
  ["/", "Search the board"],
  ["j / k", "Next and previous row"],
  ["Enter", "Open what is focused"],
  ["H", "Highlight what is selected in the reader"],
  ["1 / 2 / M / N", "Duplicates: keep the first or the second, merge, not duplicates"],
  ["Esc", "Close the reader or a dialog"],
  ["?", "This list"],
];

/** The command palette and the list of keys, and the keys that open them. */
export function Overlays() {
  const which = useStore(shown);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        shown.set((now) => (now === "palette" ? null : "palette"));
      } else if (event.key === "?" && !isTyping(event)) {
        event.preventDefault();
        shown.set("keys");
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  const close = () => shown.set(null);
  return (
    <>
      {which === "palette" ? <Suspense fallback={null}><Palette onClose={close} /></Suspense> : null}
      <Dialog title="Keys" open={which === "keys"} onClose={close}>
        <dl className="key-list">
          {KEYS.map(([key, what]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>)}
        </dl>
      </Dialog>
    </>
  );
}
