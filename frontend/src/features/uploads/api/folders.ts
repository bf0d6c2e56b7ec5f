/** What a system puts beside people's files; nobody means to add it. */
const LITTER = /^(\.|~\$|Thumbs\.db$|desktop\.ini$)/i;
export const MOST = 10_000;

/** The files in what was dropped, those inside folders too, in the order of their names; at most `MOST`. */
export async function filesOf(data: DataTransfer): Promise<File[]> {
  // both lists are empty as soon as the event is over: they are taken before the first wait
  const entries = [...data.items].flatMap((item) => (item.kind === "file" ? [item.webkitGetAsEntry()] : []));
  const plain = [...data.files];
  if (!entries.some((entry) => entry?.isDirectory)) return plain;
  const found: File[] = [];
  for (const entry of entries) if (entry) await gather(entry, found, true);
  return found;
}

async function gather(entry: FileSystemEntry, found: File[], asked = false): Promise<void> {
  if (found.length >= MOST || (!asked && LITTER.test(entry.name))) return;
  if (entry.isFile) {
    found.push(await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)));
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inside: FileSystemEntry[] = [];
  for (;;) {
    // a folder is given a hundred entries at a time
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    inside.push(...some);
  }
  inside.sort((a, b) => a.name.localeCompare(b.name));
  for (const one of inside) await gather(one, found);
}

/** The files of a chosen folder without the litter of systems, in any depth. */
export function withoutLitter(files: Iterable<File>): File[] {
  return [...files].filter((file) => !(file.webkitRelativePath || file.name).split("/").slice(1).some((part) => LITTER.test(part))).slice(0, MOST);
}
