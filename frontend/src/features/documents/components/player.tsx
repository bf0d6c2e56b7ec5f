import { Download } from "lucide-react";
import { type RefObject, useEffect, useState } from "react";
import type { DocumentDetail } from "@/client/types";
import { Notice } from "@/components/ui/notice";
import { isFilm } from "../api/media";
import "./player.css";

interface Props {
  document: DocumentDetail;
  /** Where it is played; the text sets its time. */
  player: RefObject<HTMLMediaElement | null>;
  onSecond: (second: number) => void;
  follow: boolean;
  onFollow: (on: boolean) => void;
}

/** Plays the original; the browser asks for the stretches it needs, so that an hour of film starts at once. */
export function Player({ document, player, onSecond, follow, onFollow }: Props) {
  const [broken, setBroken] = useState(false);
  const source = `/documents/${document.id}/file?inline=true`;
  useEffect(() => setBroken(false), [source]);
  if (broken) {
    return <Notice>This browser cannot play this kind of file. <a href={source} download={document.filename}><Download className="icon inline" size={15} aria-hidden /> Save the original</a> and play it outside.</Notice>;
  }
  const shared = {
    controls: true,
    preload: "metadata",
    src: source,
    "aria-label": `Play ${document.title || document.filename}`,
    onTimeUpdate: (event: { currentTarget: HTMLMediaElement }) => onSecond(event.currentTarget.currentTime),
    onSeeked: (event: { currentTarget: HTMLMediaElement }) => onSecond(event.currentTarget.currentTime),
    onError: () => setBroken(true),
  };
  return (
    <section className={isFilm(document) ? "player film" : "player"} aria-label="Player">
      {isFilm(document) ? <video {...shared} playsInline ref={player as RefObject<HTMLVideoElement | null>} /> : <audio {...shared} ref={player as RefObject<HTMLAudioElement | null>} />}
      <label className="check small"><input type="checkbox" checked={follow} onChange={(event) => onFollow(event.target.checked)} />Keep what is being said in sight</label>
    </section>
  );
}
