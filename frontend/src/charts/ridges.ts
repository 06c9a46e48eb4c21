/** A histogram per epoch, drawn as ridges one behind the other; the height of a ridge is the square root of its counts. */

import { colorAt, css, type Lut } from "./color";
import { AXIS_FONT, drawValueAxis, type Grid } from "./histogram";
import type { Palette, Pen } from "./marks";

export interface RidgesOptions {
  readonly width: number;
  readonly height: number;
  readonly lut: Lut;
  readonly palette: Palette;
  /** Fill of the ridge at the cursor. */
  readonly fill: string;
  /** Indices of the cursor's and the reference's step; −1 where there is none. */
  readonly cursor: number;
  readonly reference: number;
}

export const RIDGES = { left: 42, right: 8, axis: 24, mostShown: 40, overlap: 3, tallest: 120 } as const;

/** The steps that get a ridge: all, or about `mostShown` evenly spaced ones, always with the two marked ones. */
export function shownRidges(steps: number, cursor: number, reference: number): number[] {
  const every = Math.ceil(steps / RIDGES.mostShown);
  const shown = new Set<number>([cursor, reference].filter((index) => index >= 0 && index < steps));
  for (let i = 0; i < steps; i += every) shown.add(i);
  return [...shown].sort((a, b) => a - b);
}

/** Baseline of a step's ridge: the first step at the top, the last on the axis. */
export function ridgeBaseline(index: number, steps: number, height: number): number {
  const floor = height - RIDGES.axis;
  const top = Math.min(floor, Math.max(48, floor * 0.12));
  return steps < 2 ? floor : top + ((floor - top) * index) / (steps - 1);
}

/** The step whose baseline is the nearest one below a point, or −1 without steps. */
export function ridgeHit(y: number, steps: number, height: number): number {
  if (steps < 2) return steps - 1;
  const first = ridgeBaseline(0, steps, height);
  const pitch = (ridgeBaseline(steps - 1, steps, height) - first) / (steps - 1);
  return Math.min(steps - 1, Math.max(0, Math.round((y + pitch / 2 - first) / pitch)));
}

/** @param steps what each step is called */
export function drawRidges(pen: Pen, steps: readonly string[], grid: Grid, options: RidgesOptions): void {
  const { width, height, lut, palette, fill, cursor, reference } = options;
  pen.clearRect(0, 0, width, height);
  const plot = width - RIDGES.left - RIDGES.right;
  const shown = shownRidges(steps.length, cursor, reference);
  const pitch = (height - RIDGES.axis) / Math.max(1, shown.length);
  const highest = Math.sqrt(Math.max(1, ...grid.counts.map((counts) => Math.max(0, ...counts))));
  const tallest = Math.min(
    RIDGES.tallest,
    ridgeBaseline(0, steps.length, height) - 4,
    Math.max(24, RIDGES.overlap * pitch),
  );
  const toX = (bin: number) => RIDGES.left + (bin / Math.max(1, grid.bins)) * plot;

  for (const index of shown) {
    const counts = grid.counts[index];
    const base = ridgeBaseline(index, steps.length, height);
    const trace = () => {
      pen.beginPath();
      pen.moveTo(toX(0), base);
      for (let bin = 0; bin < grid.bins; bin++) {
        pen.lineTo(toX(bin + 0.5), base - (Math.sqrt(counts[bin]) / highest) * tallest);
      }
      pen.lineTo(toX(grid.bins), base);
    };
    trace();
    pen.closePath();
    pen.fillStyle = index === cursor ? fill : css(colorAt(lut, ridgeTone(index, steps.length)));
    pen.fill();
    trace();
    pen.strokeStyle = index === cursor ? palette.cursor : index === reference ? palette.ink2 : palette.bg;
    pen.lineWidth = index === cursor ? 1.5 : index === reference ? 1.25 : 0.75;
    pen.setLineDash(index === reference && index !== cursor ? [3, 2] : []);
    pen.stroke();
    pen.setLineDash([]);
  }
  drawEpochLabels(pen, steps, height, cursor, palette);
  drawValueAxis(pen, grid, plot, height - RIDGES.axis, palette, RIDGES.left);
}

/** Early ridges are pale, late ones darker; both ends stay off the scale's extremes. */
const ridgeTone = (index: number, steps: number): number => Math.round(30 + (110 * index) / Math.max(1, steps - 1));

function drawEpochLabels(pen: Pen, steps: readonly string[], height: number, cursor: number, palette: Palette): void {
  const every = Math.max(1, Math.ceil((steps.length - 1) / 6));
  const at = (index: number) => ridgeBaseline(index, steps.length, height);
  const labelled = steps.map((_, index) => index).filter((index) => index % every === 0 || index === steps.length - 1);
  pen.textAlign = "right";
  pen.textBaseline = "alphabetic";
  for (const index of new Set([...labelled, cursor])) {
    if (index < 0 || index >= steps.length) continue;
    if (index !== cursor && Math.abs(at(index) - at(cursor)) < 14) continue;
    if (index % every !== 0 && index !== cursor && at(index) - at(index - (index % every)) < 14) continue;
    pen.font = index === cursor ? `600 ${AXIS_FONT}` : AXIS_FONT;
    pen.fillStyle = index === cursor ? palette.ink : palette.ink3;
    pen.fillText(steps[index], RIDGES.left - 8, at(index));
  }
}
