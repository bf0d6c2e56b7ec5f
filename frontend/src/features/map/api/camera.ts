/** Where the map is looked at: all positions on it lie in the unit square. Pure arithmetic, no drawing. */

/** `x`, `y`: the place in the middle of the window, in [0, 1]; `scale`: pixels per unit. */
export interface Camera { x: number; y: number; scale: number }
export interface Size { width: number; height: number }
export interface Box { left: number; top: number; right: number; bottom: number }

export const WHOLE: Box = { left: 0, top: 0, right: 1, bottom: 1 };
const DEEPEST = 60;

/** The smallest box around places; the whole map when there are none. */
export function boxOf(xs: ArrayLike<number>, ys: ArrayLike<number>, of: (index: number) => boolean = () => true): Box {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let index = 0; index < xs.length; index += 1) {
    if (!of(index)) continue;
    box.left = Math.min(box.left, xs[index]!);
    box.right = Math.max(box.right, xs[index]!);
    box.top = Math.min(box.top, ys[index]!);
    box.bottom = Math.max(box.bottom, ys[index]!);
  }
  return box.left <= box.right ? box : WHOLE;
}

/** The camera that shows all of `box` with `margin` pixels around it. */
export function fit(box: Box, size: Size, margin = Math.min(48, size.width * 0.07)): Camera {
  const wide = Math.max(box.right - box.left, 0.02);
  const high = Math.max(box.bottom - box.top, 0.02);
  const across = Math.max(size.width - 2 * margin, 40) / wide;
  const down = Math.max(size.height - 2 * margin, 40) / high;
  return { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2, scale: Math.min(across, down) };
}

export const toScreen = (camera: Camera, size: Size, x: number, y: number): [number, number] => [
  (x - camera.x) * camera.scale + size.width / 2,
  (y - camera.y) * camera.scale + size.height / 2,
];

export const toMap = (camera: Camera, size: Size, px: number, py: number): [number, number] => [
  (px - size.width / 2) / camera.scale + camera.x,
  (py - size.height / 2) / camera.scale + camera.y,
];

/** A camera that went nowhere: neither off the map nor deeper than `DEEPEST` times the whole, nor farther away than half of it. */
export function held(camera: Camera, home: Camera): Camera {
  const between = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
  return { x: between(camera.x, 0, 1), y: between(camera.y, 0, 1), scale: between(camera.scale, home.scale / 2, home.scale * DEEPEST) };
}

export function panned(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, x: camera.x - dx / camera.scale, y: camera.y - dy / camera.scale };
}

/** Nearer or farther by `factor`, with the place under (px, py) staying where it is. */
export function zoomed(camera: Camera, size: Size, px: number, py: number, factor: number, home: Camera): Camera {
  const scale = held({ ...camera, scale: camera.scale * factor }, home).scale;
  const [x, y] = toMap(camera, size, px, py);
  return { x: x - (px - size.width / 2) / scale, y: y - (py - size.height / 2) / scale, scale };
}

/** Between two cameras, `share` of the way. */
export function between(from: Camera, to: Camera, share: number): Camera {
  const mix = (a: number, b: number) => a + (b - a) * share;
  return { x: mix(from.x, to.x), y: mix(from.y, to.y), scale: from.scale * (to.scale / from.scale) ** share };
}
