import { Maximize2, Minus, Plus } from "lucide-react";
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { BoardMap, MapCluster } from "@/client/types";
import { IconButton } from "@/components/ui/button";
import { useStore } from "@/lib/store";
import { theme } from "@/lib/theme";
import { boxOf, toMap, toScreen } from "../api/camera";
import { cardWidth, lookOf, type Look, paint } from "../api/paint";
import { Grid, namedOn, pointsOf } from "../api/points";
import { Labels } from "./labels";
import { useCamera } from "./use-camera";
import "./map.css";

interface Props {
  map: BoardMap;
  /** The topics of the board: those without a place on the map get one amid their documents. */
  topics: ReadonlyArray<{ id: number; name: string; document_count: number }>;
  cluster: number | null;
  subcluster: number | null;
  /** The documents that a search or a filter leaves; null when nothing is asked for. */
  lit: ReadonlySet<number> | null;
  open: number | null;
  clusterTo: (cluster: number, subcluster: number | null) => string;
  onOpen: (document: number) => void;
}

const REACH = 12;
const STEP = 60;

/** All documents as cards on a sheet of paper, near to what they are like. Only names are elements; cards are drawn. */
export default function MapView({ map, topics, cluster, subcluster, lit, open, clusterTo, onOpen }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const points = useMemo(() => pointsOf(map.documents), [map]);
  const clusters = useMemo(() => namedOn(map, topics), [map, topics]);
  const grid = useMemo(() => new Grid(points), [points]);
  const whole = useMemo(() => boxOf(points.x, points.y), [points]);
  const [near, setNear] = useState(-1);
  const look = useLook(frame);

  const strong = useMemo(() => {
    const chosen = subcluster === null ? cluster === null ? null : (index: number) => points.cluster[index] === cluster : (index: number) => points.sub[index] === subcluster;
    if (!lit) return chosen;
    return (index: number) => lit.has(points.id[index]!) && (chosen === null || chosen(index));
  }, [points, cluster, subcluster, lit]);

  const indexAt = (at: [number, number] | null): number => {
    if (!at) return -1;
    const reach = Math.max(REACH, cardWidth(camera, home, points.count)) / camera.scale;
    const [x, y] = toMap(camera, size, ...at);
    const best = strong ? grid.nearest(x, y, reach, strong) : -1;
    return best >= 0 ? best : grid.nearest(x, y, reach);
  };
  const { camera, size, home, zoom, reset, show, pan } = useCamera(frame, {
    box: whole,
    onPoint: (at) => setNear(indexAt(at)),
    onPress: (at) => {
      const index = indexAt(at);
      if (index >= 0) onOpen(points.id[index]!);
    },
  });

  // a chosen cluster, and what was found, comes into view; a choice taken back leaves the map where it is
  const aim = `${cluster} ${subcluster} ${lit ? [...lit].join(",") : ""}`;
  useEffect(() => {
    if (strong && size.width > 0 && points.id.some((_, index) => strong(index))) show(boxOf(points.x, points.y, strong));
  }, [aim, size.width > 0, points]);

  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context || !look || size.width === 0) return;
    const sharp = Math.min(2, window.devicePixelRatio || 1);
    const [wide, high] = [Math.round(size.width * sharp), Math.round(size.height * sharp)];
    if (canvas.current.width !== wide || canvas.current.height !== high) Object.assign(canvas.current, { width: wide, height: high });
    context.setTransform(sharp, 0, 0, sharp, 0, 0);
    paint(context, size, camera, home, { points, strong: strong ?? (() => true), dimmed: strong !== null, open: open === null ? -1 : points.id.indexOf(open), near }, look);
  });

  const onKey = (event: KeyboardEvent) => {
    const act = { ArrowLeft: () => pan(STEP, 0), ArrowRight: () => pan(-STEP, 0), ArrowUp: () => pan(0, STEP), ArrowDown: () => pan(0, -STEP), "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), "0": reset }[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };
  const named = near >= 0 ? points.documents[near] : undefined;
  const place = named ? toScreen(camera, size, named.x, named.y) : null;
  return (
    <div className={near >= 0 ? "map pointing" : "map"} ref={frame} role="group" aria-label={`Map of ${points.count.toLocaleString("en")} documents`} aria-describedby="map-help" tabIndex={0} onKeyDown={onKey} data-zoom={(camera.scale / home.scale).toFixed(2)} data-scale={camera.scale.toFixed(3)} data-at={`${camera.x.toFixed(4)} ${camera.y.toFixed(4)}`}>
      <canvas ref={canvas} aria-hidden />
      <p id="map-help" className="hidden-text">Arrow keys move the map, plus and minus zoom, 0 shows all. The list has the same documents one by one.</p>
      <Labels clusters={clusters} camera={camera} home={home} size={size} cluster={cluster} subcluster={subcluster} linkTo={clusterTo} />
      {named && place ? (
        <p className={place[1] > size.height - 90 ? "map-tip above" : "map-tip"} style={{ left: Math.min(Math.max(place[0], 130), Math.max(130, size.width - 130)), top: place[1] }} role="status">
          <strong>{named.title}</strong>
          <span className="quiet small">{clusterName(clusters, named.subcluster_id ?? named.cluster_id)}</span>
        </p>
      ) : null}
      <div className="map-tools">
        <IconButton label="Zoom in" icon={<Plus className="icon" size={18} />} onClick={() => zoom(1.8)} />
        <IconButton label="Zoom out" icon={<Minus className="icon" size={18} />} onClick={() => zoom(1 / 1.8)} />
        <IconButton label="Show the whole map" icon={<Maximize2 className="icon" size={16} />} onClick={reset} />
      </div>
    </div>
  );
}

function clusterName(clusters: readonly MapCluster[], id: number | null): string {
  return clusters.find((one) => one.id === id)?.name ?? "Not placed yet";
}

/** The colours, read anew when the theme changes: by the switch or by the system. */
function useLook(frame: { current: HTMLElement | null }): Look | null {
  const chosen = useStore(theme);
  const [look, setLook] = useState<Look | null>(null);
  useLayoutEffect(() => {
    const read = () => frame.current && setLook(lookOf(frame.current));
    read();
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", read);
    return () => dark.removeEventListener("change", read);
  }, [chosen, frame]);
  return look;
}
