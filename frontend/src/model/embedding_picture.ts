/** The picture of an embedding: trails from the reference to now, a mark a sample, and the names of classes at their centres. */
import type { Pen } from "../charts/marks";
import {
  type Centre,
  centresOf,
  coordinate,
  type Extent,
  type Plane,
  projectionOf,
  samplesOf,
} from "./embedding_model";
import type { Embedding } from "./frames";
import { drawNames, drawPoints, MOST_NAMES, type Point, type PointsOptions, type ScatterPen } from "./scatter";

export interface EmbeddingOptions extends PointsOptions {
  width: number;
  height: number;
  /** Over the whole run, so that nothing but the model moves. */
  extent: Extent;
  plane: Plane;
  /** Whose trails are drawn. */
  trailed: readonly number[];
  /** Names of classes, by their index. */
  className: (index: number) => string;
}

const MARGIN = 16;
/** From the middle of a class to its name, CSS pixels. */
const [NEAREST, FARTHEST] = [12, 32];

export const plotOf = (width: number, height: number) => ({
  left: MARGIN,
  top: MARGIN,
  width: Math.max(1, width - 2 * MARGIN),
  height: Math.max(1, height - 2 * MARGIN),
});

type Sized = Pick<EmbeddingOptions, "width" | "height" | "extent" | "plane">;

/** Where each sample stands, in pixels. */
export function pointsOf(embedding: Embedding, { width, height, extent, plane }: Sized): Point[] {
  const { x, y } = projectionOf(extent, plane, plotOf(width, height));
  return Array.from({ length: samplesOf(embedding) }, (_, sample) => ({
    x: x(coordinate(embedding, sample, plane[0])),
    y: y(coordinate(embedding, sample, plane[1])),
  }));
}

/** @param path  frames from the reference to now, in order; without a reference that of now alone */
export function drawEmbedding(
  pen: ScatterPen,
  now: Embedding,
  path: readonly Embedding[],
  options: EmbeddingOptions,
): void {
  const { width, height, extent, plane, palette, looks } = options;
  drawZero(pen, options);
  const points = pointsOf(now, options);
  drawTrails(
    pen,
    path.map((embedding) => pointsOf(embedding, options)),
    options,
  );
  drawPoints(pen, points, options);
  const { x, y } = projectionOf(extent, plane, plotOf(width, height));
  const centres = centresOf(now, looks.classes, plane).filter(
    (centre) => options.only === null || centre.class === options.only,
  );
  if (centres.length > MOST_NAMES) return;
  // A name stands above the middle of its points: at the middle it would cover them.
  const above = ({ spread }: Centre) => Math.min(FARTHEST, NEAREST + Math.abs(y(spread) - y(0)));
  const names = centres.map((centre) => ({
    text: options.className(centre.class),
    x: x(centre.x),
    y: y(centre.y) - above(centre),
  }));
  drawNames(pen, names, { left: 0, top: 0, width, height }, palette);
}

/** Hairlines through zero, where the basis begins, if it is in sight. */
function drawZero(pen: Pen, { width, height, extent, plane, palette }: EmbeddingOptions): void {
  const { x, y } = projectionOf(extent, plane, plotOf(width, height));
  pen.fillStyle = palette.line;
  if (x(0) >= 0 && x(0) <= width) pen.fillRect(Math.round(x(0)), 0, 1, height);
  if (y(0) >= 0 && y(0) <= height) pen.fillRect(0, Math.round(y(0)), width, 1);
}

/** Faint where many cross. */
const OPACITY = { few: 0.7, many: 0.4, crowd: 0.22 };

function drawTrails(
  pen: Pen,
  path: readonly (readonly Point[])[],
  { trailed, looks, palette, only, chosen }: EmbeddingOptions,
): void {
  if (path.length < 2) return;
  const opacity = trailed.length <= 24 ? OPACITY.few : trailed.length <= 128 ? OPACITY.many : OPACITY.crowd;
  pen.lineJoin = "round";
  for (const sample of trailed) {
    const line = path.map((points) => points[sample]).filter((at) => at && Number.isFinite(at.x + at.y));
    if (line.length < 2 || line[line.length - 1] !== path[path.length - 1][sample]) continue; // leads to nowhere
    const aside = only !== null && looks.classes[sample] !== only;
    pen.globalAlpha = sample === chosen ? 1 : aside ? 0.05 : opacity;
    pen.strokeStyle = sample === chosen ? palette.ink : looks.colours[sample];
    pen.lineWidth = sample === chosen ? 1.5 : 1;
    pen.beginPath();
    line.forEach(({ x, y }, i) => {
      if (i) pen.lineTo(x, y);
      else pen.moveTo(x, y);
    });
    pen.stroke();
    pen.beginPath(); // where it began
    pen.arc(line[0].x, line[0].y, 1.5, 0, 2 * Math.PI);
    pen.fillStyle = pen.strokeStyle;
    pen.fill();
  }
  pen.globalAlpha = 1;
}
