import { ExternalLink } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";
import type { DocumentDetail, DocumentPage, DocumentText } from "@/client/types";
import { isImage, isShown, pageOfMark, videoOf, watchAt } from "../api/media";
import { PageViewer } from "./page-viewer";
import type { Mark } from "./text-view";

/** Where the video is; nothing of it is loaded from there before somebody asks for it. */
export function VideoLink({ document }: { document: DocumentDetail }) {
  const video = videoOf(document);
  if (!video) return null;
  return <a href={watchAt(video.id, 0)} target="_blank" rel="noreferrer"><ExternalLink className="icon" size={15} aria-hidden />Watch on YouTube</a>;
}

interface PicturesProps {
  document: DocumentDetail;
  pages: readonly DocumentPage[];
  text: DocumentText | undefined;
  mark: Mark | null;
  q: string;
  page: number | null;
  onPage: (page: number) => void;
  stacked: boolean;
}

/** The pictures of pages that were read as pictures; the one with the marked place is shown. */
export function Pictures({ document, pages, text, mark, q, page, onPage, stacked }: PicturesProps) {
  useEffect(() => {
    const place = mark ?? (q ? { start: 0, end: Number.MAX_SAFE_INTEGER } : null);
    const marked = text && place ? pageOfMark(text, place, q) : null;
    if (marked !== null) onPage(marked);
  }, [text, mark, q, onPage]);
  const here = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const [reader, box] = [here.current?.closest(".reader"), here.current?.getBoundingClientRect()];
    if (mark && stacked && reader && box) reader.scrollBy(0, box.top - reader.getBoundingClientRect().top - 72);
  }, [mark, stacked]);
  const [gone, setGone] = useState(false);
  if (pages.length > 0) return <div className="page-place" ref={here}><PageViewer id={document.id} version={document.updated_at} pages={pages} total={Number(document.details?.page_count) || pages.length} page={page ?? pages[0]!.page} onPage={onPage} mark={mark} q={q} what={isImage(document) ? "image" : "page"} /></div>;
  if (!isShown(document) || gone) return null;
  return <img className="plain-picture" src={`/documents/${document.id}/file?inline=true`} alt={document.title || document.filename} onError={() => setGone(true)} />;
}

/** Sets the player to the marked place without starting it. */
export function useCue(player: RefObject<HTMLMediaElement | null>, second: number | null): void {
  useEffect(() => {
    const element = player.current;
    if (!element || second === null) return;
    const cue = () => {
      element.currentTime = second;
    };
    if (element.readyState > 0) cue();
    else element.addEventListener("loadedmetadata", cue, { once: true });
    return () => element.removeEventListener("loadedmetadata", cue);
  }, [player, second]);
}
