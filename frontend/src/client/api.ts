import createFetchClient from "openapi-fetch";
import { noteAnswer } from "@/lib/connection";
import { Store } from "@/lib/store";
import type { paths } from "./schema";

/** Set when an answer says that the session is over; the gate then shows the sign-in page. */
export const signedOut = new Store(false);

export const api = createFetchClient<paths>({ baseUrl: window.location.origin, credentials: "same-origin" });

api.use({
  onResponse({ response, schemaPath }) {
    noteAnswer(schemaPath === "/readyz" ? 200 : response.status);
    if (response.status === 401 && schemaPath !== "/token") signedOut.set(true);
  },
  onError({ error }) {
    if (error instanceof TypeError) noteAnswer(null);
  },
});

/** A fresh key for one write, so that sending it twice does it once. */
export function writeKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
