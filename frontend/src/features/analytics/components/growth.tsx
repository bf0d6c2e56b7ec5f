import { useLayoutEffect, useRef, useState } from "react";
import { bytes } from "@/lib/format";
import { type Day, grown, ticks } from "../api/growth";
import { Figure } from "./figure";

const HIGH = 220;
const EDGE = { left: 52, right: 14, top: 12, bottom: 28 };
const dayName = (time: number | string) => new Date(time).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

/** How the board grew: all documents there were, day by day. */
export function Growth({ days }: { days: readonly Day[] }) {
  const total = days.reduce((sum, one) => sum + one.documents, 0);
  const sorted = [...days].sort((a, b) => (a.day < b.day ? 1 : -1));
  return (
    <Figure
      wide
      title="Growth"
      summary={sorted.length > 0 ? `From ${dayName(sorted.at(-1)!.day)} to ${dayName(sorted[0]!.day)} the board grew to ${total.toLocaleString("en")} documents.` : ""}
      rows={sorted}
      keyOf={(one) => one.day}
      empty="Nothing was added yet."
      columns={[
        { head: "Day", cell: (one) => dayName(one.day) },
        { head: "Documents added", number: true, cell: (one) => one.documents.toLocaleString("en") },
        { head: "Size", number: true, cell: (one) => bytes(one.bytes) },
      ]}
    >
      <Line days={days} />
    </Figure>
  );
}

function Line({ days }: { days: readonly Day[] }) {
  const box = useRef<HTMLDivElement>(null);
  const [wide, setWide] = useState(640);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const watcher = new ResizeObserver(() => setWide(Math.max(240, element.clientWidth)));
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  const points = grown(days);
  const steps = ticks(points.at(-1)?.documents ?? 0);
  const [from, to] = [points[0]!.time, points.at(-1)!.time];
  const x = (time: number) => EDGE.left + ((time - from) / Math.max(1, to - from)) * (wide - EDGE.left - EDGE.right);
  const y = (count: number) => HIGH - EDGE.bottom - (count / steps.at(-1)!) * (HIGH - EDGE.top - EDGE.bottom);
  const line = points.map((one) => `${x(one.time).toFixed(1)},${y(one.documents).toFixed(1)}`).join(" ");
  const middle = wide > 480 && to - from > 86_400_000 * 2 ? [from + (to - from) / 2] : [];
  return (
    <div ref={box} className="growth">
      <svg width={wide} height={HIGH} viewBox={`0 0 ${wide} ${HIGH}`} aria-hidden>
        {steps.map((step) => (
          <g key={step}>
            <line className="grid" x1={EDGE.left} x2={wide - EDGE.right} y1={y(step)} y2={y(step)} />
            <text x={EDGE.left - 8} y={y(step) + 4} textAnchor="end">{step.toLocaleString("en")}</text>
          </g>
        ))}
        <polygon className="area" points={`${x(from)},${y(0)} ${line} ${x(to)},${y(0)}`} />
        <polyline className="line" points={line} />
        {points.length < 60 ? points.slice(1).map((one) => <circle key={one.time} cx={x(one.time)} cy={y(one.documents)} r={3.5}><title>{`${dayName(one.time)}: ${one.documents.toLocaleString("en")}`}</title></circle>) : null}
        {[from, ...middle, to].map((time, index, all) => (
          <text key={time} x={x(time)} y={HIGH - 8} textAnchor={index === 0 ? "start" : index === all.length - 1 ? "end" : "middle"}>{dayName(time)}</text>
        ))}
      </svg>
    </div>
  );
}
