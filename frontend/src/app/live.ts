import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

/**
 * The server's event stream says "look again now", nothing more: polling alone is enough. One tab listens for all tabs
 * (a browser allows six connections to one server, and each stream would hold one), and tells the others.
 */
export function useLiveHints(): void {
  const client = useQueryClient();
  useEffect(() => {
    const channel = new BroadcastChannel("syncboard.events");
    const ended = new AbortController();
    let due = 0;
    const look = (finished: boolean) => {
      if (finished) void client.invalidateQueries({ queryKey: ["board"] });
      if (due) return;
      due = window.setTimeout(() => {
        due = 0;
        void client.invalidateQueries({ queryKey: ["jobs"], predicate: (query) => query.isActive() });
      }, 400);
    };
    channel.onmessage = (event) => look(event.data === "finished");
    const tell = (finished: boolean) => {
      look(finished);
      channel.postMessage(finished ? "finished" : "moved");
    };
    navigator.locks
      ?.request("syncboard.events", { signal: ended.signal }, () => listen(tell, ended.signal))
      .catch((reason: unknown) => {
        if (!ended.signal.aborted) throw reason;
      });
    return () => {
      ended.abort();
      window.clearTimeout(due);
      channel.close();
    };
  }, [client]);
}

/** Listens until `signal`; a stream that is refused is tried again after half a minute. */
function listen(tell: (finished: boolean) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let source: EventSource | null = null;
    let again = 0;
    const open = () => {
      source = new EventSource("/events");
      source.addEventListener("job", (event: MessageEvent<string>) => tell(/"state":\s*"(SUCCESS|FAILURE|REVOKED)"/.test(event.data)));
      source.onerror = () => {
        if (source?.readyState === EventSource.CLOSED) again = window.setTimeout(open, 30_000);
      };
    };
    open();
    signal.addEventListener("abort", () => {
      source?.close();
      window.clearTimeout(again);
      resolve();
    });
  });
}
