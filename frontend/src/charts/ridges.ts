/**
 * A histogram per epoch, drawn as ridges one behind the other; the height of a ridge is the square root of its counts.
 *
 * Those of marked steps are drawn by themselves over the picture of all, which stays as it is while the cursor moves.
 */

import { colorAt, css, type Lut } from "./color";
import { AXIS_FONT, drawValueAxis, type Grid } from "./histogram";
import type { Palette, Pen } from "./marks";

export interface RidgesOptions {
  readonly width: number;
  readonly height: number;
  readonly lut: Lut;
  readonly palette: Palette;
}

/** How the ridge of one step is marked. */
export interface RidgeMark {
  /** As wide and as high as the picture of all of them. */
  readonly width: number;
  readonly height: number;
  readonly stroke: string;
  readonly lineWidth: number;
  readonly fill?: string;
  readonly dashed?: boolean;
}

export const RIDGES = { left: 42, right: 8, axis: 24, mostShown: 40, overlap: 3, tallest: 120 } as const;

/** The steps that have a ridge in the picture that stays: all, or about `mostShown` evenly spaced ones. */
export function shownRidges(steps: number): number[] {
  const every = Math.max(1, Math.ceil(steps / RIDGES.mostShown));
  return Array.from({ length: Math.ceil(steps / every) }, (_, i) => i * every);
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

const highestOf = new WeakMap<Grid, number>();

/** The highest count of all steps; asked for with every move of the cursor. */
function highestCount(grid: Grid): number {
  const known =
    highestOf.get(grid) ?? grid.counts.reduce((most, counts) => counts.reduce((a, b) => Math.max(a, b), most), 1);
  highestOf.set(grid, known);
  return known;
}

/** How high the highest ridge is, in a picture of that height. */
export function tallestRidge(steps: number, height: number): number {
  const pitch = (height - RIDGES.axis) / Math.max(1, shownRidges(steps).length);
  const room = ridgeBaseline(0, steps, height) - 4;
  return Math.min(RIDGES.tallest, room, Math.max(24, RIDGES.overlap * pitch));
}

/** Trace the outline of a ridge over a baseline, from its left end to its right one. */
function trace(pen: Pen, grid: Grid, index: number, base: number, width: number, tallest: number): void {
  const counts = grid.counts[index];
  const scale = tallest / Math.sqrt(highestCount(grid));
  const pitch = (width - RIDGES.left - RIDGES.right) / Math.max(1, grid.bins);
  pen.beginPath();
  pen.moveTo(RIDGES.left, base);
  for (let bin = 0; bin < grid.bins; bin++) {
    pen.lineTo(RIDGES.left + (bin + 0.5) * pitch, base - Math.sqrt(counts[bin]) * scale);
  }
  pen.lineTo(RIDGES.left + grid.bins * pitch, base);
}

/** @param steps what each step is called */
export function drawRidges(pen: Pen, steps: readonly string[], grid: Grid, options: RidgesOptions): void {
  const { width, height, lut, palette } = options;
  pen.clearRect(0, 0, width, height);
  const tallest = tallestRidge(steps.length, height);
  pen.strokeStyle = palette.bg;
  pen.lineWidth = 0.75;
  for (const index of shownRidges(steps.length)) {
    trace(pen, grid, index, ridgeBaseline(index, steps.length, height), width, tallest);
    pen.fillStyle = css(colorAt(lut, ridgeTone(index, steps.length)));
    pen.fill();
    pen.stroke();
  }
  pen.fillStyle = palette.ink3;
  pen.font = AXIS_FONT;
  pen.textAlign = "right";
  pen.textBaseline = "alphabetic";
  for (const index of labelled(steps.length, height)) {
    pen.fillText(steps[index], RIDGES.left - 8, ridgeBaseline(index, steps.length, height));
  }
  drawValueAxis(pen, grid, width - RIDGES.left - RIDGES.right, height - RIDGES.axis, palette, RIDGES.left);
}

/** Pixels around a marked ridge that its line needs. */
const EDGE = 2;

/** Where a marked ridge lies in the picture: from `top` on, over all others, so that it is not hidden behind those that follow it. */
export function markBox(index: number, steps: number, height: number): { top: number; height: number } {
  const tallest = tallestRidge(steps, height);
  return { top: ridgeBaseline(index, steps, height) - tallest - EDGE, height: tallest + 2 * EDGE };
}

/** The ridge of one step, in its own box. */
export function drawMarkedRidge(pen: Pen, grid: Grid, index: number, mark: RidgeMark): void {
  const tallest = tallestRidge(grid.counts.length, mark.height);
  trace(pen, grid, index, tallest + EDGE, mark.width, tallest);
  if (mark.fill) {
    pen.fillStyle = mark.fill;
    pen.fill();
  }
  pen.strokeStyle = mark.stroke;
  pen.lineWidth = mark.lineWidth;
  pen.setLineDash(mark.dashed ? [3, 2] : []);
  pen.stroke();
}

/** Early ridges are pale, late ones darker; both ends stay off the scale's extremes. */
const ridgeTone = (index: number, steps: number): number => Math.round(30 + (110 * index) / Math.max(1, steps - 1));

/** Labels stand at least so far apart. */
const LABEL_PITCH = 14;

/** About seven evenly spaced steps, with the last: none too near to that. */
function labelled(steps: number, height: number): number[] {
  const every = Math.max(1, Math.ceil((steps - 1) / 6));
  const last = steps - 1;
  const isFar = (index: number) =>
    ridgeBaseline(last, steps, height) - ridgeBaseline(index, steps, height) >= LABEL_PITCH;
  return Array.from({ length: steps }, (_, index) => index).filter(
    (index) => index === last || (index % every === 0 && isFar(index)),
  );
}
