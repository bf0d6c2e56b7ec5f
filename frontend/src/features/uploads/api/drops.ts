import { Store } from "@/lib/store";
import { addFiles } from "./queue";
import { filesOf } from "./folders";

/** Who takes what is dropped on the window, and what the window says meanwhile. */
export interface Taker {
  label: string;
  /** Takes what it can and gives back the files it does not want. */
  take: (files: File[]) => Promise<File[]> | File[];
}

/** The page in sight may take drops for itself; what it leaves is uploaded as files. */
export const taker = new Store<Taker | null>(null);

/** How many files were added of a drop. */
export async function takeDrop(data: DataTransfer): Promise<number> {
  const files = await filesOf(data);
  const left = taker.get() ? await taker.get()!.take(files) : files;
  return addFiles(left);
}
