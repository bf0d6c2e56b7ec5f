import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { readProblem } from "@/client/problem";
import type { DocumentPage } from "@/client/types";
import { IconButton } from "@/components/ui/button";
import { plural } from "@/lib/format";
import { usePageWords } from "../api/documents";
import { markedWords } from "../api/media";
import "./page-viewer.css";

interface Props {
  id: number;
  /** Changes when the document was read anew. */
  version: string;
  pages: readonly DocumentPage[];
  /** Of the whole document, those with a text layer too. */
  total: number;
  page: number;
  onPage: (page: number) => void;
  mark: { start: number; end: number } | null;
  /** What was searched for. */
  q: string;
  what: "page" | "image";
}

/** The picture of one page at a time, with the marked words boxed where they stand on it. */
export function PageViewer({ id, version, pages, total, page, onPage, mark, q, what }: Props) {
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
            <select className="input" aria-label="Page" value={shown.page} onChange={(event) => onPage(Number(event.target.value))}>
              {pages.map((one) => <option key={one.page} value={one.page}>{one.page}{one.error ? ", not read" : ""}</option>)}
            </select>
            of {total}
          </label>
          <IconButton label="Next page" icon={<ChevronRight className="icon" size={20} />} disabled={at === pages.length - 1} onClick={() => onPage(pages[at + 1]!.page)} />
          <span className="quiet small num page-how">{howRead(shown)}</span>
        </div>
      ) : null}
      <Picture key={shown.page} id={id} version={version} page={shown} mark={mark} q={q} what={what} />
      {pages.length === 1 ? <p className="quiet small num">{howRead(shown)}</p> : null}
      {shown.error ? <p className="small page-failed"><strong>{what === "image" ? "It could not be read." : `Page ${shown.page} could not be read.`}</strong> {readProblem({ error: shown.error }).message}</p> : null}
    </section>
  );
}

function howRead({ engine, confidence, error }: DocumentPage): string {
  if (error) return "";
  return engine ? `Read from the picture by ${engine}${confidence === null ? "" : `, ${Math.round(confidence * 100)} % sure`}` : "No words on it";
}

const share = (value: number): string => `${(value * 100).toFixed(3)}%`;
const placed = (left: number, top: number, right: number, bottom: number) => ({ left: share(left), top: share(top), width: share(right - left), height: share(bottom - top) });

function Picture({ id, version, page, mark, q, what }: Pick<Props, "id" | "version" | "mark" | "q" | "what"> & { page: DocumentPage }) {
  const frame = useRef<HTMLDivElement>(null);
  const all = usePageWords(id, version, page.page);
  const words = useMemo(() => markedWords(all, q, mark), [all, q, mark]);
  const first = words[0]?.box.join();
  useEffect(() => {
    const box = frame.current;
    const word = box?.querySelector(".word-box");
    if (!box || !word) return;
    const [place, window] = [word.getBoundingClientRect(), box.getBoundingClientRect()];
    box.scrollBy(0, place.top - window.top - window.height / 3);
  }, [first]);
  const { width, height } = { width: page.width || 210, height: page.height || 297 };
  const name = what === "image" ? "The image" : `Page ${page.page}`;
  return (
    <div className="page-frame" ref={frame} tabIndex={0} role="group" aria-label={`${name}${words.length > 0 ? `, ${plural(words.length, "word")} marked` : ""}`}>
      <div className="page-picture" style={{ aspectRatio: `${width} / ${height}` }}>
        <img src={`/documents/${id}/pages/${page.page}/picture?v=${encodeURIComponent(version)}`} alt={name} loading="lazy" decoding="async" />
        {words.map(({ text, box: [left = 0, top = 0, right = 0, bottom = 0] }, index) => <i key={index} className="word-box" title={text} style={placed(left / width, top / height, right / width, bottom / height)} />)}
      </div>
    </div>
  );
}
