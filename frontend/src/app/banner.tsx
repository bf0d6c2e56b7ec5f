import { useQueryClient } from "@tanstack/react-query";
import { WifiOff } from "lucide-react";
import { useEffect, useRef } from "react";
import { connection, noteAnswer } from "@/lib/connection";
import { useStore } from "@/lib/store";

/** One line while the server is away, instead of an error in every corner; asks until it answers again. */
export function Banner() {
  const state = useStore(connection);
  const client = useQueryClient();
  const wasAway = useRef(false);
  useEffect(() => {
    if (state === "here") {
      if (wasAway.current) void client.invalidateQueries();
      wasAway.current = false;
      return;
    }
    wasAway.current = true;
    const ask = () => {
      fetch("/healthz", { cache: "no-store" }).then(
        (answer) => noteAnswer(answer.status),
        () => noteAnswer(null),
      );
    };
    const timer = window.setInterval(ask, 2500);
    window.addEventListener("online", ask);
    return () => {
      window.clearInterval(timer);
      window.removeEventListener("online", ask);
    };
  }, [state, client]);
  if (state === "here") return null;
  return (
    <div className="banner" role="status">
      <WifiOff className="icon" size={18} aria-hidden />
      {state === "offline" ? "You are offline. " : "The server is not answering. "}
      What you see may be old; the page goes on by itself.
    </div>
  );
}
