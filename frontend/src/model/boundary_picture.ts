/** The picture of a plane through the inputs: regions, lines, axes, the probe on it, names of regions. */
import type { Manifest } from "../api";
import { roundTicks } from "../charts/marks";
import { type CanvasSize, putPixels, scratchPixels } from "../elements/canvas";
import { percent, tick } from "../format";
import { memo } from "../memo";
import { paintLines, paintRegions, paintValues, regionCentres, saidBy } from "./boundary_map";
import type { Box } from "./embedding_model";
import type { Boundary } from "./frames";
import { drawNames, drawPoints, MOST_NAMES, type Point, type PointsOptions, type ScatterPen } from "./scatter";

const MARGIN = { left: 40, right: 1, top: 1, bottom: 20 };
const TICK_FONT = '400 11px / 14px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
/** Smaller regions, as parts of the plane, have no name. */
const NAMED = 0.02;
const DASH = 4;

/** The reference stays while the cursor moves. */
const saidThen = memo(saidBy);

export interface BoundaryOptions extends PointsOptions {
  /** Classes that there are. */
  classes: number;
  className: (index: number) => string;
  /** What a regression's colours stand for. */
  range: readonly [number, number];
  /** Of the reference, on the same plane; its lines are dashed. */
  before: Boundary | undefined;
}

export const plotOf = (width: number, height: number): Box => ({
  left: MARGIN.left,
  top: MARGIN.top,
  width: Math.max(1, width - MARGIN.left - MARGIN.right),
  height: Math.max(1, height - MARGIN.top - MARGIN.bottom),
});

function scaleOf({ bounds: [from, to, low, high] }: Boundary, { left, top, width, height }: Box) {
  return {
    x: (value: number) => left + ((value - from) / (to - from || 1)) * width,
    y: (value: number) => top + height - ((value - low) / (high - low || 1)) * height,
  };
}

/** Where each sample of the probe stands, in pixels. */
export function placesOn(boundary: Boundary, width: number, height: number): Point[] {
  const { x, y } = scaleOf(boundary, plotOf(width, height));
  const { points } = boundary;
  return Array.from({ length: points.length / 2 }, (_, i) => ({ x: x(points[2 * i]), y: y(points[2 * i + 1]) }));
}

type Context = ScatterPen & CanvasRenderingContext2D;

interface PlaneOptions extends Pick<BoundaryOptions, "classes" | "range" | "before" | "palette"> {
  /** Without lines, which of many small regions would cover all. */
  plain?: boolean;
}

/** Regions and lines alone, at a place given in CSS pixels. */
export function paintPlane(
  context: CanvasRenderingContext2D,
  boundary: Boundary,
  { left, top, width, height }: Box,
  ratio: number,
  { classes, range, before, palette, plain }: PlaneOptions,
): void {
  const pixels = scratchPixels(Math.round(width * ratio), Math.round(height * ratio));
  const { theme } = palette;
  if (boundary.value) paintValues(pixels, boundary, range, theme);
  else {
    const said = saidBy(boundary, pixels.width, pixels.height, classes);
    paintRegions(pixels, said, classes, theme);
    const thick = Math.max(1, Math.round(ratio));
    if (before) {
      const then = saidThen(before, pixels.width, pixels.height, classes);
      paintLines(pixels, then, palette.ink3, thick, Math.round(DASH * ratio));
    }
    if (!plain) paintLines(pixels, said, palette.ink, thick);
  }
  putPixels(context, pixels, Math.round(left * ratio), Math.round(top * ratio));
}

export function drawBoundary(context: Context, boundary: Boundary, size: CanvasSize, options: BoundaryOptions): void {
  const { width, height, ratio } = size;
  const { palette, className } = options;
  const plot = plotOf(width, height);
  paintPlane(context, boundary, plot, ratio, options);
  drawAxes(context, boundary, plot, options);
  context.save();
  context.beginPath();
  context.rect(plot.left, plot.top, plot.width, plot.height);
  context.clip();
  drawPoints(context, placesOn(boundary, width, height), options);
  const cell = (at: number) => (at + 0.5) / boundary.size;
  const regions = options.classes > MOST_NAMES ? [] : regionCentres(boundary, NAMED);
  const names = regions.map(({ class: of, column, row }) => ({
    text: className(of),
    x: plot.left + cell(column) * plot.width,
    y: plot.top + (1 - cell(row)) * plot.height,
  }));
  drawNames(context, names, plot, palette);
  context.restore();
}

function drawAxes(context: Context, boundary: Boundary, plot: Box, { palette }: BoundaryOptions): void {
  const { left, top, width, height } = plot;
  const { x, y } = scaleOf(boundary, plot);
  const [from, to, low, high] = boundary.bounds;
  context.strokeStyle = palette.line2;
  context.lineWidth = 1;
  context.strokeRect(left - 0.5, top - 0.5, width + 1, height + 1);
  context.fillStyle = palette.ink3;
  context.font = TICK_FONT;
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const value of roundTicks(from, to, 4)) {
    // At the ends of an axis there is no room for half a figure.
    if (x(value) > left + 12 && x(value) < left + width - 12) context.fillText(tick(value), x(value), top + height + 5);
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const value of roundTicks(low, high, 4)) {
    if (y(value) > top + 6 && y(value) < top + height - 6) context.fillText(tick(value), left - 5, y(value));
  }
}

/** Names of the axes with what components hold of the variance: x, its part, y, its part. */
export function axisTexts({ plane, x, y, explained }: Boundary): [string, string, string, string] {
  const part = (axis: number) =>
    plane === "components" && Number.isFinite(explained[axis])
      ? `, ${percent(explained[axis])} of the inputs’ variance`
      : "";
  return [x, part(0), y, part(1)];
}

/** How many classes the model tells apart. */
export function classCount({ outputs: [output] }: Manifest, { class: classes }: Boundary): number {
  const known = Math.max(output?.class_names.length ?? 0, output?.task === "binary" ? 2 : (output?.units ?? 0));
  let most = known - 1;
  for (const each of classes ?? []) if (each > most) most = each;
  return Math.max(2, most + 1);
}
