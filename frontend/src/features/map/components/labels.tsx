import { useMemo } from "react";
import { Link } from "react-router";
import type { MapCluster } from "@/client/types";
import { type Camera, type Size, toScreen } from "../api/camera";
import { placed } from "../api/labels";

interface Props {
  clusters: readonly MapCluster[];
  camera: Camera;
  home: Camera;
  size: Size;
  cluster: number | null;
  subcluster: number | null;
  linkTo: (cluster: number, subcluster: number | null) => string;
}

const SUBTOPICS_FROM = 2;
const MOST = 40;
/** So few cards lie under their own name. */
const FEW = 12;
const widths = new Map<string, number>();
let measure: CanvasRenderingContext2D | null = null;

/** The width of a name in pixels, measured once. */
function widthOf(text: string, font: string): number {
  const key = font + text;
  let known = widths.get(key);
  if (known === undefined) {
    measure ??= document.createElement("canvas").getContext("2d");
    if (measure) measure.font = font;
    known = measure?.measureText(text).width ?? text.length * 8;
    widths.set(key, known);
  }
  return known;
}

/** The names of the clusters, and of their sub-topics once one is near enough; none lies over another. */
export function Labels({ clusters, camera, home, size, cluster, subcluster, linkTo }: Props) {
  const family = useMemo(() => getComputedStyle(document.body).fontFamily, []);
  const near = camera.scale >= home.scale * SUBTOPICS_FROM;
  const byId = new Map(clusters.map((one) => [String(one.id), one]));
  const wishes = clusters
    .filter((one) => one.parent_id === null || near || one.parent_id === cluster || one.id === subcluster)
    .map((one) => {
      const [x, y] = toScreen(camera, size, one.x, one.y);
      const chosen = one.id === cluster || one.id === subcluster;
      const text = widthOf(short(one.name), `600 ${one.parent_id === null ? 14 : 13}px ${family}`);
      const count = widthOf(one.document_count.toLocaleString("en"), `400 12px ${family}`);
      const weight = one.document_count + (chosen ? 1e9 : one.parent_id === null ? (near ? 0 : 1e6) : 0);
      return { key: String(one.id), x, y, width: text + count + 46, height: 28, weight, beside: one.document_count <= FEW };
    })
    .filter((one) => one.x > -200 && one.y > -60 && one.x < size.width + 200 && one.y < size.height + 60)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MOST);
  return (
    <ul className="map-labels" aria-label="Topics on the map">
      {placed(wishes, size).map(({ key, left, top }) => {
        const one = byId.get(key)!;
        const topic = one.parent_id ?? one.id;
        const chosen = one.id === subcluster || (one.id === cluster && subcluster === null);
        return (
          <li key={key} style={{ transform: `translate(${left}px, ${top}px)` }}>
            <Link className={one.parent_id === null ? "map-label" : "map-label sub"} to={linkTo(topic, one.parent_id === null ? null : one.id)} aria-current={chosen ? "true" : undefined} title={one.name} draggable={false}>
              <i className="dot" style={{ background: `var(--c${topic % 10})` }} aria-hidden />
              <span>{short(one.name)}</span>
              <span className="num quiet">{one.document_count.toLocaleString("en")}</span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

function short(name: string): string {
  return name.length > 34 ? `${name.slice(0, 33)}…` : name;
}
