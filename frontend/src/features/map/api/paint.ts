import { type Camera, type Size, toScreen } from "./camera";
import { placed } from "./labels";
import { COLOURS, type Points } from "./points";

export interface Look { ink: string; paper: string; accent: string; colours: readonly string[]; font: string }

/** What is drawn how: `strong(index)` in full colour, the rest faint; `open` and `near` are ringed (-1: none). */
export interface Scene { points: Points; strong: (index: number) => boolean; dimmed: boolean; open: number; near: number }

const MOST_TITLES = 60;
const TITLE_HEIGHT = 18;

/** The colours of the page as the canvas wants them: a canvas knows no variables. */
export function lookOf(element: HTMLElement): Look {
  const style = getComputedStyle(element);
  const value = (name: string) => style.getPropertyValue(name).trim();
  const colours = Array.from({ length: COLOURS }, (_, index) => value(`--c${index}`));
  return { ink: value("--ink"), paper: value("--card"), accent: value("--focus"), colours: [...colours, value("--ink-2")], font: style.fontFamily };
}

/** The width of a document's card in pixels: it grows a little as one comes nearer. */
export function cardWidth(camera: Camera, home: Camera, count: number): number {
  const base = count > 2500 ? 3.5 : count > 600 ? 4.5 : count > 150 ? 6 : 8;
  return Math.min(14, base * Math.max(1, (camera.scale / home.scale) ** 0.4));
}

/**
 * Each document is a small card. Rectangles and not discs: without a graphics card 5,000 of them take a fifth of the time
 * (measured in docs/decisions/0037).
 */
export function paint(context: CanvasRenderingContext2D, size: Size, camera: Camera, home: Camera, scene: Scene, look: Look): void {
  const { points } = scene;
  const wide = cardWidth(camera, home, points.count);
  const high = Math.round(wide * 1.25);
  context.clearRect(0, 0, size.width, size.height);
  const shown: number[] = [];
  for (const strong of scene.dimmed ? [false, true] : [true]) {
    context.globalAlpha = strong ? 0.85 : 0.16;
    // what was asked for is a little larger than what stands back
    const [w, h] = strong && scene.dimmed ? [wide * 1.4, high * 1.4] : [wide, high];
    let brush = -1;
    for (let index = 0; index < points.count; index += 1) {
      if (scene.dimmed && scene.strong(index) !== strong) continue;
      const px = (points.x[index]! - camera.x) * camera.scale + size.width / 2;
      const py = (points.y[index]! - camera.y) * camera.scale + size.height / 2;
      if (px < -wide || py < -high || px > size.width + wide || py > size.height + high) continue;
      if (points.colour[index] !== brush) {
        brush = points.colour[index]!;
        context.fillStyle = look.colours[brush]!;
      }
      context.fillRect(px - w / 2, py - h / 2, w, h);
      if (strong && shown.length <= MOST_TITLES) shown.push(index);
    }
  }
  context.globalAlpha = 1;
  for (const index of [scene.open, scene.near]) if (index >= 0) ring(context, size, camera, points, index, wide, high, look);
  if (shown.length <= MOST_TITLES && camera.scale > home.scale * 2.5) titles(context, size, camera, points, shown, high, look);
}

function ring(context: CanvasRenderingContext2D, size: Size, camera: Camera, points: Points, index: number, wide: number, high: number, look: Look): void {
  const [px, py] = toScreen(camera, size, points.x[index]!, points.y[index]!);
  context.fillStyle = look.colours[points.colour[index]!]!;
  context.fillRect(px - wide / 2 - 1, py - high / 2 - 1, wide + 2, high + 2);
  context.lineWidth = 2;
  context.strokeStyle = look.paper;
  context.strokeRect(px - wide / 2 - 2, py - high / 2 - 2, wide + 4, high + 4);
  context.strokeStyle = look.accent;
  context.strokeRect(px - wide / 2 - 4, py - high / 2 - 4, wide + 8, high + 8);
}

/** The titles of what is in sight, once that is few enough to read. */
function titles(context: CanvasRenderingContext2D, size: Size, camera: Camera, points: Points, shown: readonly number[], high: number, look: Look): void {
  context.font = `500 13px ${look.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const text = new Map<string, string>();
  const wishes = shown.map((index) => {
    const title = points.documents[index]!.title;
    const short = title.length > 36 ? `${title.slice(0, 35)}…` : title;
    const [x, y] = toScreen(camera, size, points.x[index]!, points.y[index]!);
    text.set(String(points.id[index]), short);
    return { key: String(points.id[index]), width: context.measureText(short).width + 8, height: TITLE_HEIGHT, x, y: y + high / 2 + 11, weight: 1 };
  });
  context.lineJoin = "round";
  context.lineWidth = 4;
  for (const { key, left, top } of placed(wishes, size, 1)) {
    const wish = wishes.find((one) => one.key === key)!;
    context.strokeStyle = look.paper;
    context.strokeText(text.get(key)!, left + wish.width / 2, top + TITLE_HEIGHT / 2);
    context.fillStyle = look.ink;
    context.fillText(text.get(key)!, left + wish.width / 2, top + TITLE_HEIGHT / 2);
  }
}
