/** Takes the addresses out of what people paste and drop. */

const ADDRESS = /https?:\/\/[^\s<>"']+/gi;
/** Brackets and stops that end a sentence, not an address. */
const TRAILING = /[),.;:!?\]]+$/;

export const MOST = 1000;

/** One entry per line; a line of prose gives the addresses in it, a line without any is kept to be judged. */
export function linesOf(text: string): string[] {
  return text.split(/\r?\n/).flatMap((raw) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) return [];
    if (!/\s/.test(line)) return [line];
    const inside = [...line.matchAll(ADDRESS)].map((match) => match[0].replace(TRAILING, ""));
    return inside.length > 0 ? inside : [line];
  });
}

/** The lines of a dropped file: a list of addresses (.txt, .csv, .md) or a browser's shortcut (.url, .webloc). */
export function linesOfFile(name: string, text: string): string[] {
  if (/\.url$/i.test(name)) return [...text.matchAll(/^URL=(.+)$/gim)].map((match) => match[1]!.trim());
  if (/\.webloc$/i.test(name)) return [...text.matchAll(/<string>(https?:[^<]+)<\/string>/gi)].map((match) => match[1]!.replaceAll("&amp;", "&"));
  return linesOf(text).filter((line) => /^(https?:\/\/|www\.)/i.test(line));
}

export const isListOfLinks = (name: string): boolean => /\.(url|webloc|txt)$/i.test(name);

export type VideoKind = "video" | "playlist" | "other";

/** What an address is to the YouTube tab; the server decides, this is only said before. */
export function videoKind(line: string): VideoKind {
  const address = /^https?:/i.test(line) ? line : `https://${line}`;
  if (!URL.canParse(address)) return "other";
  const url = new URL(address);
  const host = url.hostname.replace(/^(www|m|music)\./, "");
  if (host === "youtu.be") return "video";
  if (host !== "youtube.com" && host !== "youtube-nocookie.com") return "other";
  if (url.searchParams.has("v") || /^\/(shorts|live|embed|v)\/./.test(url.pathname)) return "video";
  return url.searchParams.has("list") || /^\/(playlist|@|channel\/|c\/)/.test(url.pathname) ? "playlist" : "other";
}
