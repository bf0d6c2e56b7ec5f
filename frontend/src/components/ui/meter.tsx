import "./meter.css";

/** A thin bar that fills; the words beside it say the same. */
export function Meter({ label, percent }: { label: string; percent: number }) {
  return (
    <div className="meter" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.floor(percent)}>
      <b style={{ transform: `scaleX(${percent / 100})` }} />
    </div>
  );
}
