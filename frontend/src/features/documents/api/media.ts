/** What a document is to eyes and ears: sound, film, pictures of pages, a video elsewhere; and where its times lead. */
import type { DocumentDetail, DocumentText, PageWord } from "@/client/types";
import { unitOffsets } from "@/lib/offsets";

type Typed = Pick<DocumentDetail, "media_type">;

export const isSound = ({ media_type }: Typed): boolean => media_type.startsWith("audio/");
export const isFilm = ({ media_type }: Typed): boolean => media_type.startsWith("video/");
export const isImage = ({ media_type }: Typed): boolean => media_type.startsWith("image/");
export const mayHavePages = (document: Typed): boolean => isImage(document) || document.media_type === "application/pdf";

/** What every browser shows by itself. */
export const isShown = ({ media_type }: Typed): boolean => ["image/png", "image/jpeg", "image/webp"].includes(media_type);

export interface Video {
  id: string;
  channel: string;
  uploaded: string;
  duration: number | null;
  /** "made by people", "automatic" or "" when its sound was transcribed. */
  captions: string;
}

/** The video a document is of; null when it is of none. */
export function videoOf({ details }: Pick<DocumentDetail, "details">): Video | null {
  const told = details?.youtube as Record<string, unknown> | undefined;
  if (!told || typeof told.id !== "string") return null;
  const captions = told.captions as { automatic?: boolean } | undefined;
  return {
    id: told.id,
    channel: typeof told.channel === "string" ? told.channel : "",
    uploaded: typeof told.uploaded === "string" ? told.uploaded : "",
    duration: typeof told.duration === "number" ? told.duration : null,
    captions: captions ? (captions.automatic ? "automatic" : "made by people") : "",
  };
}

export const watchAt = (id: string, second: number): string => `https://www.youtube.com/watch?v=${encodeURIComponent(id)}&t=${Math.max(0, Math.floor(second))}s`;

export type Part = DocumentText["parts"][number];

const number = (part: Part | undefined, name: "page" | "second"): number | null => {
  const value = part?.place[name];
  return typeof value === "number" ? value : null;
};
export const secondOf = (part: Part | undefined): number | null => number(part, "second");
export const pageOf = (part: Part | undefined): number | null => number(part, "page");

/** The part that is being spoken at `second`: the last that has begun; -1 before the first. */
export function partAt(parts: readonly Part[], second: number): number {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((secondOf(parts[middle]) ?? 0) <= second) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The part that holds the place `at` of the text. */
export const partWith = (parts: readonly Part[], at: number): Part | undefined => parts.findLast((part) => part.start <= at);

const folded = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const tokensOf = (text: string): string[] => folded(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
const rootOf = (term: string): string => (term.length > 4 ? term.replace(/(?:es|s|ed|ing)$/, "") : term);

/** The words of a page that are searched for; without a search those of the marked place. */
export function markedWords(words: readonly PageWord[], q: string, mark: { start: number; end: number } | null): readonly PageWord[] {
  const roots = tokensOf(q).filter((term) => term.length > 1).map(rootOf);
  if (roots.length > 0) return words.filter(({ text }) => tokensOf(text).some((one) => roots.some((root) => one.startsWith(root))));
  return words.filter(({ start, end }) => mark !== null && start !== null && end !== null && start < mark.end && end > mark.start);
}

/** The page to show for a marked place: of those it reaches over the one that says most of what is searched for. */
export function pageOfMark({ text, parts }: DocumentText, mark: { start: number; end: number }, q: string): number | null {
  const roots = tokensOf(q).map(rootOf);
  const said = (part: Part): number => {
    const { start, end } = rangeOf(text, { start: Math.max(part.start, mark.start), end: Math.min(part.end, mark.end) });
    const tokens = tokensOf(text.slice(start, end));
    return roots.filter((root) => tokens.some((token) => token.startsWith(root))).length;
  };
  const over = parts.filter((part) => pageOf(part) !== null && part.start < mark.end && part.end > mark.start);
  const best = over.reduce<Part | undefined>((one, other) => (one && said(one) >= said(other) ? one : other), undefined);
  return pageOf(best);
}

/** The places of the text as string indexes, for drawing. */
export const rangeOf = (text: string, part: { start: number; end: number }): { start: number; end: number } => {
  const [start = 0, end = 0] = unitOffsets(text, [part.start, part.end]);
  return { start, end };
};
