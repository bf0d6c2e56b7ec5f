import { Store } from "./store";

export interface Toast {
  id: number;
  text: string;
  bad: boolean;
  action: { label: string; act: () => void } | null;
  milliseconds: number;
}

/** The short notes at the foot of the page. Only for what may be missed: errors of jobs stay on their rows. */
export const toasts = new Store<readonly Toast[]>([]);

let last = 0;

interface Options {
  bad?: boolean;
  action?: Toast["action"];
  milliseconds?: number;
}

export function toast(text: string, { bad = false, action = null, milliseconds = action || bad ? 12_000 : 5000 }: Options = {}): void {
  last += 1;
  const note: Toast = { id: last, text, bad, action, milliseconds };
  toasts.set((all) => [...all.slice(-2), note]);
}

export function dropToast(id: number): void {
  toasts.set((all) => all.filter((one) => one.id !== id));
}
