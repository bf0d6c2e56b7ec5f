import { RotateCcw, X } from "lucide-react";
import type { ReactNode } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { StageBar } from "@/components/ui/stage-bar";
import { bytes, duration } from "@/lib/format";
import { INGEST, type StageView } from "@/lib/progress";
import { cancelUpload, dismissUploads, retryUpload, type Upload } from "../api/queue";
import "./uploads.css";

/** A file on its way to the server. Once accepted, `asJob` draws the same row as its job. */
export function UploadRow({ upload, asJob }: { upload: Upload; asJob: (jobId: string, upload: Upload) => ReactNode }) {
  if (upload.state === "accepted" && upload.jobId) return asJob(upload.jobId, upload);
  const share = upload.size > 0 ? Math.min(1, upload.sent / upload.size) : 0;
  const open = upload.state === "waiting" || upload.state === "sending";
  return (
    <article className="job-row" data-row tabIndex={-1} aria-label={upload.name}>
      <div className="job-name">
        <strong className="one-line" title={upload.name}>{upload.name}</strong>
        <span className="quiet small num">{bytes(upload.size)}</span>
      </div>
      <div className="job-middle">
        {open ? <StageBar label={`Sending ${upload.name}`} percent={share * 100} stages={sendStages(share, upload.state === "sending")} /> : null}
        <Message upload={upload} />
      </div>
      <div className="job-percent num">{upload.state === "sending" ? <span aria-label={`${Math.floor(share * 100)} % sent`}>{bytes(upload.sent)}</span> : null}</div>
      <div className="job-actions">
        {upload.state === "failed" || upload.state === "cancelled" ? (
          <Button icon={<RotateCcw className="icon" size={16} />} onClick={() => retryUpload(upload.id)}>Send again</Button>
        ) : null}
        {open ? <Button look="quiet" onClick={() => cancelUpload(upload.id)}>Cancel</Button> : null}
        {open ? null : <IconButton label={`Dismiss ${upload.name}`} icon={<X className="icon" size={18} />} onClick={() => dismissUploads(new Set([upload.id]))} />}
      </div>
    </article>
  );
}

function Message({ upload }: { upload: Upload }) {
  if (upload.problem) {
    return (
      <p className="job-error" role="alert">
        <strong>{upload.problem.message}</strong> {upload.problem.hint}
      </p>
    );
  }
  return <p className="small quiet num">{words(upload)}</p>;
}

function words(upload: Upload): string {
  if (upload.state === "waiting") return "Waits for the files before it";
  if (upload.state === "cancelled") return "Cancelled before it was sent";
  if (upload.state === "interrupted") return "The page was closed while this was being sent. Choose the file again.";
  const seconds = (Date.now() - upload.startedAt) / 1000;
  if (seconds < 1 || upload.sent === 0) return "Sending";
  const speed = upload.sent / seconds;
  const left = (upload.size - upload.sent) / speed;
  return upload.sent >= upload.size ? "Sent; the server is checking it" : `Sending, ${bytes(speed)}/s, ${duration(Math.max(1, left))} left`;
}

export function sendStages(share: number, sending: boolean): StageView[] {
  const send: StageView = { name: "sending", label: "Send", from: 0, fill: share, state: sending ? "running" : "waiting" };
  return [send, ...INGEST.map((stage): StageView => ({ ...stage, fill: 0, state: "waiting" }))];
}
