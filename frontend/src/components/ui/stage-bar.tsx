import type { StageView } from "@/lib/progress";
import "./stage-bar.css";

/** The stages of a job side by side. Colour never speaks alone: the words beside the bar say the same. */
export function StageBar({ stages, label, percent }: { stages: readonly StageView[]; label: string; percent: number }) {
  return (
    <div className="stage-bar" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.floor(percent)}>
      {stages.map((stage) => (
        <span key={stage.name} className={`stage ${stage.state}`}>
          <i><b style={{ transform: `scaleX(${stage.fill})` }} /></i>
          <em>{stage.label}</em>
        </span>
      ))}
    </div>
  );
}
