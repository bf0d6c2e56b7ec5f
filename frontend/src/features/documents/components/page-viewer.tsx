import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import type { DocumentPage } from "@/client/types";
import { IconButton } from "@/components/ui/button";
import { plural } from "@/lib/format";
import { markedBoxes } from "../api/media";
import "./page-viewer.css";

interface Props {
  id: number;
  /** Changes when the document was read anew. */
  version: string;
  pages: readonly DocumentPage[];
  page: number;
  onPage: (page: number) => void;
  /** The words of the marked place, and those that were searched for. */
  passage: string;
  q: string;
  what: "page" | "image";
}

/** The picture of one page at a time, with the marked words boxed where they stand on it. */
export function PageViewer({ id, version, pages, page, onPage, passage, q, what }: Props) {
  const at = Math.max(0, pages.findIndex((one) => one.page === page));
  const shown = pages[at];
  if (!shown) return null;
  return (
    <section className="page-viewer" aria-label={what === "image" ? "Image" : "Pages"}>
      {pages.length > 1 ? (
        <div className="page-bar">
          <IconButton label="Page before" icon={<ChevronLeft className="icon" size={20} />} disabled={at === 0} onClick={() => onPage(pages[at - 1]!.page)} />
          <label className="num">
            Page
            <select className="input" value={shown.page} onChange={(event) => onPage(Number(event.target.value))}>
              {pages.map((one) => <option key={one.page} value={one.page}>{one.page}</option>)}
            </select>
            of {pages.length}
          </label>
          <IconButton label="Next page" icon={<ChevronRight className="icon" size={20} />} disabled={at === pages.length - 1} onClick={() => onPage(pages[at + 1]!.page)} />
          <span className="quiet small num page-how">{howRead(shown)}</span>
        </div>
      ) : null}
      <Picture key={shown.page} id={id} version={version} page={shown} passage={passage} q={q} what={what} />
      {pages.length === 1 ? <p className="quiet small num">{howRead(shown)}</p> : null}
    </section>
  );
}

function howRead({ engine, confidence }: DocumentPage): string {
  return engine ? `Read from the picture by ${engine}, ${Math.round(confidence <= 1 ? confidence * 100 : confidence)} % sure` : "";
}

function Picture({ id, version, page, passage, q, what }: Pick<Props, "id" | "version" | "passage" | "q" | "what"> & { page: DocumentPage }) {
  const frame = useRef<HTMLDivElement>(null);
  const boxes = useMemo(() => markedBoxes(page.boxes ?? [], q, passage), [page, q, passage]);
  const first = boxes[0]?.join();
  useEffect(() => {
    const box = frame.current;
    const word = box?.querySelector(".word-box");
    if (!box || !word) return;
    const [place, window] = [word.getBoundingClientRect(), box.getBoundingClientRect()];
    box.scrollBy(0, place.top - window.top - window.height / 3);
  }, [first]);
  const name = what === "image" ? "The image" : `Page ${page.page}`;
  return (
    <div className="page-frame" ref={frame} tabIndex={0} role="group" aria-label={`${name}${boxes.length > 0 ? `, ${plural(boxes.length, "word")} marked` : ""}`}>
      <div className="page-picture" style={{ aspectRatio: `${page.width || 210} / ${page.height || 297}` }}>
        <img src={`/documents/${id}/pages/${page.page}/picture?v=${encodeURIComponent(version)}`} alt={name} loading="lazy" decoding="async" />
        {boxes.map(([, left, top, right, bottom], index) => (
          <i key={index} className="word-box" style={{ left: `${left * 100}%`, top: `${top * 100}%`, width: `${(right - left) * 100}%`, height: `${(bottom - top) * 100}%` }} />
        ))}
      </div>
    </div>
  );
}
