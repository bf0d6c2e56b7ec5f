import { useEffect } from "react";

/** The browser's title of a page. */
export function useTitle(name: string): void {
  useEffect(() => {
    document.title = `${name} · SyncBoard`;
  }, [name]);
}
