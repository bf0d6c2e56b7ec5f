import { Captions, ListVideo, Mic } from "lucide-react";
import { Link } from "react-router";
import { videoKind } from "../api/lines";

/** Says before anything is sent what will be done with a video. */
export function WhatHappens({ lines }: { lines: readonly string[] }) {
  const playlist = lines.some((line) => videoKind(line) === "playlist");
  return (
    <ul className="what-happens" aria-label="What will happen">
      <li><Captions className="icon" size={18} aria-hidden /><span><strong>Captions first.</strong> Those made by people, then automatic ones. A video with captions is read in seconds.</span></li>
      <li><Mic className="icon" size={18} aria-hidden /><span><strong>Without captions the sound is transcribed here,</strong> which takes a good part of the video's own length. The film itself is not kept.</span></li>
      {playlist ? <li><ListVideo className="icon" size={18} aria-hidden /><span><strong>A playlist adds each of its videos</strong> as a document of its own.</span></li> : null}
      <li className="quiet"><span>YouTube refuses some servers and some videos. Then the row says so, and you can <Link to="/add?tab=text">paste the transcript</Link> instead.</span></li>
    </ul>
  );
}
