/** Points of a scatter: marks of classes, rings around what is wrong, chosen or pointed at, and names of classes at their centres. */
import type { Palette, Pen } from "../charts/marks";
import { shortenedName } from "../elements/clipped_name";
import { traceMark } from "./class_marks";
import type { Box } from "./embedding_model";
import type { Looks } from "./looks";

export type ScatterPen = Pen & Pick<CanvasRenderingContext2D, "measureText" | "strokeText">;

/** Where a sample stands, in pixels of the picture; NaN for nowhere. */
export interface Point {
  x: number;
  y: number;
}

export interface PointsOptions {
  palette: Palette;
  looks: Looks;
  /** The class that is looked at, others fade; null for all. */
  only: number | null;
  chosen: number | null;
  hovered: number | null;
}

const RADIUS = { few: 4.5, many: 3.5, crowd: 2.5 };
const REACH = 12;
const FADED = 0.15;

export const radiusFor = (samples: number): number =>
  samples <= 128 ? RADIUS.few : samples <= 600 ? RADIUS.many : RADIUS.crowd;

/** All points, the wrong ones over the others, the chosen one over all. */
export function drawPoints(pen: Pen, points: readonly Point[], options: PointsOptions): void {
  const { palette, looks, only, chosen, hovered } = options;
  const radius = radiusFor(points.length);
  const order = points.map((_, sample) => sample).sort((a, b) => Number(looks.wrong[a]) - Number(looks.wrong[b]));
  pen.lineWidth = 0.75;
  for (const sample of order) {
    const { x, y } = points[sample];
    if (!Number.isFinite(x + y)) continue;
    pen.globalAlpha = only === null || looks.classes[sample] === only ? 1 : FADED;
    traceMark(pen, looks.classes[sample], x, y, radius);
    pen.fillStyle = looks.colours[sample];
    pen.fill();
    pen.strokeStyle = palette.bg; // sets points off that lie over one another
    pen.stroke();
    if (looks.wrong[sample]) drawRing(pen, points[sample], radius + 3, palette.alarm, 1.5);
    pen.lineWidth = 0.75;
  }
  pen.globalAlpha = 1;
  if (hovered !== null && points[hovered]) drawRing(pen, points[hovered], radius + 5, palette.ink, 1);
  if (chosen !== null && points[chosen]) {
    drawRing(pen, points[chosen], radius + 6, palette.bg, 4);
    drawRing(pen, points[chosen], radius + 6, palette.ink, 2);
  }
}

function drawRing(pen: Pen, { x, y }: Point, radius: number, color: string, width: number): void {
  if (!Number.isFinite(x + y)) return;
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.stroke();
}

/** The sample nearest to a place within reach of a pointer; null for none. */
export function sampleNear(points: readonly Point[], x: number, y: number): number | null {
  let [nearest, least]: [number | null, number] = [null, REACH];
  points.forEach((point, sample) => {
    const away = Math.hypot(point.x - x, point.y - y);
    if (away < least) [nearest, least] = [sample, away];
  });
  return nearest;
}

export interface Name extends Point {
  text: string;
}

const LINE = 14;
const LONGEST = 22;
/** Of more classes no names are written: they would cover what they name. The one under the pointer is told. */
export const MOST_NAMES = 24;
const NAME_FONT = '600 12px / 14px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
/** How far from its centre a name may stand, in lines. */
const TRIED = [0, -1, 1, -2, 2];

/** Names centred at their places or a few lines off, inside a box and none over another: those that come first, first. */
export function placeNames(names: readonly Name[], box: Box, widthOf: (text: string) => number): (Name & Box)[] {
  const placed: (Name & Box)[] = [];
  for (const { text, x, y } of names) {
    const width = widthOf(text);
    const left = Math.min(Math.max(x - width / 2, box.left), box.left + box.width - width);
    const free = TRIED.map((lines) => y + lines * LINE - LINE / 2).find(
      (top) =>
        left >= box.left &&
        top >= box.top &&
        top + LINE <= box.top + box.height &&
        placed.every(
          (other) =>
            left + width + 4 <= other.left ||
            other.left + other.width + 4 <= left ||
            top + LINE <= other.top ||
            other.top + other.height <= top,
        ),
    );
    if (free !== undefined) placed.push({ text, x, y, left, top: free, width, height: LINE });
  }
  return placed;
}

/** Names with a halo of the page, so that they can be read over points. */
export function drawNames(pen: ScatterPen, names: readonly Name[], box: Box, palette: Palette): void {
  pen.font = NAME_FONT;
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.lineWidth = 4;
  pen.strokeStyle = palette.bg;
  pen.fillStyle = palette.ink;
  const short = names.map((name) => ({ ...name, text: shortenedName(name.text, LONGEST) }));
  for (const { text, left, top, height } of placeNames(short, box, (name) => pen.measureText(name).width)) {
    pen.strokeText(text, left, top + height / 2);
    pen.fillText(text, left, top + height / 2);
  }
}
