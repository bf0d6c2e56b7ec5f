import { Pause, Play, RotateCcw, X } from "lucide-react";
import type { ReactNode } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { StageBar } from "@/components/ui/stage-bar";
import { connection } from "@/lib/connection";
import { bytes, duration } from "@/lib/format";
import { INGEST, type StageView } from "@/lib/progress";
import { useStore } from "@/lib/store";
import { cancelUpload, canSend, dismissUploads, pauseUpload, retryUpload } from "../api/queue";
import { isOnItsWay, isResumable, type Upload } from "../api/upload";
import "./uploads.css";

/** A file on its way to the server. Once accepted, `asJob` draws the same row as its job. */
export function UploadRow({ upload, asJob }: { upload: Upload; asJob: (jobId: string, upload: Upload) => ReactNode }) {
  const away = useStore(connection) !== "here";
  if (upload.state === "accepted" && upload.jobId) return asJob(upload.jobId, upload);
  const share = upload.size > 0 ? Math.min(1, upload.sent / upload.size) : 0;
  const open = isOnItsWay(upload);
  const again = (upload.state === "failed" || upload.state === "cancelled") && canSend(upload.id);
  return (
    <article className="job-row" data-row tabIndex={-1} aria-label={upload.name}>
      <div className="job-name">
        <strong className="one-line" title={upload.name}>{upload.name}</strong>
        <span className="quiet small num">{bytes(upload.size)}</span>
      </div>
      <div className="job-middle">
        {open || upload.state === "interrupted" ? <StageBar label={`Sending ${upload.name}`} percent={share * 100} stages={sendStages(share, upload.state)} /> : null}
        <Message upload={upload} away={away} />
      </div>
      <div className="job-percent num">{open && upload.sent > 0 ? <span><span className="hidden-text">{Math.floor(share * 100)} % sent, </span>{bytes(upload.sent)}</span> : null}</div>
      <div className="job-actions">
        {again ? <Button icon={<RotateCcw className="icon" size={16} />} onClick={() => retryUpload(upload.id)}>{isResumable(upload) && upload.sent > 0 && upload.state === "failed" ? "Go on" : "Send again"}</Button> : null}
        {upload.state === "paused" ? <Button icon={<Play className="icon" size={16} />} onClick={() => retryUpload(upload.id)}>Go on</Button> : null}
        {upload.state === "sending" || upload.state === "waiting" ? <IconButton label={`Pause ${upload.name}`} icon={<Pause className="icon" size={18} />} onClick={() => pauseUpload(upload.id)} /> : null}
        {open ? <Button look="quiet" onClick={() => cancelUpload(upload.id)}>Cancel</Button> : null}
        {open ? null : <IconButton label={`Dismiss ${upload.name}`} icon={<X className="icon" size={18} />} onClick={() => dismissUploads(new Set([upload.id]))} />}
      </div>
    </article>
  );
}

function Message({ upload, away }: { upload: Upload; away: boolean }) {
  if (upload.problem) {
    return (
      <p className="job-error" role="alert">
        <strong>{upload.problem.message}</strong> {upload.problem.hint}
      </p>
    );
  }
  return <p className="small quiet num">{words(upload, away)}</p>;
}

function words(upload: Upload, away: boolean): string {
  const { state, sent, size, speed } = upload;
  if (state === "waiting") return "Waits for the files before it";
  if (state === "paused") return isResumable(upload) && sent > 0 ? `Paused at ${bytes(sent)}; the rest waits` : "Paused";
  if (state === "cancelled") return "Cancelled before it was sent";
  if (state === "interrupted") {
    if (isResumable(upload) && sent > 0) return `${bytes(sent)} of it are safe. Choose the file again to go on.`;
    return "The page was closed while this was being sent. Choose the file again to go on.";
  }
  if (away) return "The server is not answering; this goes on by itself.";
  if (size > 0 && sent >= size) return "Sent; the server is checking it";
  if (!speed || sent === 0) return "Sending";
  return `Sending, ${bytes(speed)}/s, ${duration(Math.max(1, (size - sent) / speed))} left`;
}

export function sendStages(share: number, state: Upload["state"]): StageView[] {
  const states = { sending: "running", paused: "stopped", interrupted: "stopped", accepted: "done" } as const;
  const send: StageView = { name: "sending", label: "Send", from: 0, fill: share, state: states[state as keyof typeof states] ?? "waiting" };
  return [send, ...INGEST.map((stage): StageView => ({ ...stage, fill: 0, state: "waiting" }))];
}
