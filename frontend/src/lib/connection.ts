import { Store } from "./store";

export type Connection = "here" | "offline" | "away";

/** Whether the server answers. One banner shows it, so that no single request has to. */
export const connection = new Store<Connection>("here");

/** Says that a request reached the server, or did not. A gateway's 502–504 is "did not". */
export function noteAnswer(status: number | null): void {
  if (status === null || (status >= 502 && status <= 504)) connection.set(navigator.onLine ? "away" : "offline");
  else connection.set("here");
}
