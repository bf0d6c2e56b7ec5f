import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { between, type Box, type Camera, fit, held, panned, type Size, zoomed } from "../api/camera";

const FLIGHT_MS = 200;
const STILL = 5;

interface Options {
  box: Box;
  /** A pointer rested at this pixel (null: it left). */
  onPoint: (at: [number, number] | null) => void;
  /** A pointer was pressed and let go without moving. */
  onPress: (at: [number, number]) => void;
}

/** The camera of the map, moved by pointer, fingers, wheel and buttons; it refits itself when the window changes. */
export function useCamera(frame: RefObject<HTMLElement | null>, { box, onPoint, onPress }: Options) {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  const [camera, setCamera] = useState<Camera>({ x: 0.5, y: 0.5, scale: 1 });
  const home = fit(box, size);
  const now = useRef({ size, home, camera, moved: false, onPoint, onPress });
  Object.assign(now.current, { size, home, camera, onPoint, onPress });
  const flight = useRef(0);

  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const watcher = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
    watcher.observe(element);
    return () => watcher.disconnect();
  }, [frame]);

  // until somebody moves the map, it shows the whole, whatever the window becomes
  useLayoutEffect(() => {
    if (!now.current.moved && size.width > 0) setCamera(fit(box, size));
  }, [size, box]);

  const move = useCallback((to: (from: Camera) => Camera) => {
    window.cancelAnimationFrame(flight.current);
    now.current.moved = true;
    setCamera((from) => held(to(from), now.current.home));
  }, []);

  const fly = useCallback((to: Camera, moved = true) => {
    window.cancelAnimationFrame(flight.current);
    now.current.moved = moved;
    const from = now.current.camera;
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return setCamera(to);
    const began = performance.now();
    const step = (time: number) => {
      const share = Math.min(1, Math.max(0, (time - began) / FLIGHT_MS));
      setCamera(between(from, to, share * (2 - share)));
      if (share < 1) flight.current = window.requestAnimationFrame(step);
    };
    flight.current = window.requestAnimationFrame(step);
  }, []);
  useEffect(() => () => window.cancelAnimationFrame(flight.current), []);

  useEffect(() => (frame.current ? listen(frame.current, now, move) : undefined), [frame, move]);

  const zoom = useCallback((factor: number) => {
    const { size: at, home: whole, camera: from } = now.current;
    fly(held(zoomed(from, at, at.width / 2, at.height / 2, factor, whole), whole));
  }, [fly]);
  const reset = useCallback(() => fly(now.current.home, false), [fly]);
  const show = useCallback((area: Box) => {
    const near = fit(area, now.current.size, 72);
    fly(held({ ...near, scale: Math.min(near.scale, now.current.home.scale * 6) }, now.current.home));
  }, [fly]);
  const pan = useCallback((dx: number, dy: number) => move((from) => panned(from, dx, dy)), [move]);
  return { camera, size, home, zoom, reset, show, pan };
}

type Now = RefObject<{ size: Size; home: Camera; camera: Camera; onPoint: Options["onPoint"]; onPress: Options["onPress"] }>;

/** One finger or the mouse pulls, two fingers or the wheel zoom. */
function listen(element: HTMLElement, now: Now, move: (to: (from: Camera) => Camera) => void): () => void {
  const fingers = new Map<number, [number, number]>();
  let travelled = 0;
  const at = (event: PointerEvent | WheelEvent): [number, number] => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const spread = () => {
    const [a, b] = [...fingers.values()] as [[number, number], [number, number]];
    return { x: (a[0] + b[0]) / 2, y: (a[1] + b[1]) / 2, apart: Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1])) };
  };
  const on = {
    pointerdown(event: PointerEvent) {
      if (event.button !== 0 || (event.target as HTMLElement).closest("a, button")) return;
      element.setPointerCapture(event.pointerId);
      if (fingers.size === 0) travelled = 0;
      fingers.set(event.pointerId, at(event));
      now.current.onPoint(null);
    },
    pointermove(event: PointerEvent) {
      const to = at(event);
      const from = fingers.get(event.pointerId);
      if (!from) {
        if (event.pointerType === "mouse") now.current.onPoint((event.target as HTMLElement).closest("a, button") ? null : to);
        return;
      }
      const before = fingers.size === 2 ? spread() : null;
      fingers.set(event.pointerId, to);
      travelled += Math.hypot(to[0] - from[0], to[1] - from[1]);
      if (before) {
        const after = spread();
        move((camera) => panned(zoomed(camera, now.current.size, before.x, before.y, after.apart / before.apart, now.current.home), after.x - before.x, after.y - before.y));
      } else if (travelled > STILL) move((camera) => panned(camera, to[0] - from[0], to[1] - from[1]));
    },
    pointerup(event: PointerEvent) {
      if (fingers.delete(event.pointerId) && fingers.size === 0 && travelled <= STILL) now.current.onPress(at(event));
    },
    pointercancel: (event: PointerEvent) => void fingers.delete(event.pointerId),
    pointerleave: () => now.current.onPoint(null),
    wheel(event: WheelEvent) {
      event.preventDefault();
      const [px, py] = at(event);
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      move((camera) => zoomed(camera, now.current.size, px, py, Math.exp(-event.deltaY * lines * 0.0016), now.current.home));
    },
  };
  const ended = new AbortController();
  for (const [name, act] of Object.entries(on)) element.addEventListener(name, act as EventListener, { passive: false, signal: ended.signal });
  return () => ended.abort();
}
