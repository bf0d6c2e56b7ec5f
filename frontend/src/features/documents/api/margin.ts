import { Store } from "@/lib/store";

/** Which part of the margin is open: it stays when the next document is opened. */
export const shownMargin = new Store("about");
