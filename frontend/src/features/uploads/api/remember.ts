import { Store } from "@/lib/store";
import { isOnItsWay, type Upload } from "./upload";

const KEEP = "syncboard.uploads";

/** A list that this tab remembers through a reload, written at most four times a second. */
export const uploads = new Store<readonly Upload[]>(remembered());

function remembered(): Upload[] {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEEP) ?? "[]") as Upload[];
    return kept.filter((one) => one.kind).map((one) => (isOnItsWay(one) ? { ...one, state: "interrupted", speed: null } : one));
  } catch {
    return [];
  }
}

let keeping = 0;

function keep(): void {
  window.clearTimeout(keeping);
  keeping = 0;
  sessionStorage.setItem(KEEP, JSON.stringify(uploads.get().slice(0, 500)));
}

uploads.watch(() => {
  keeping ||= window.setTimeout(keep, 250);
});
window.addEventListener("pagehide", keep);
