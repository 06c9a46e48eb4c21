/**
 * A histogram per epoch, drawn as ridges one behind the other; the height of a ridge is the square root of its counts.
 *
 * Two pictures lie over each other: all ridges, which stay as they are while the cursor moves, and the marked ones.
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

export interface MarkedRidges {
  readonly width: number;
  readonly height: number;
  readonly palette: Palette;
  /** Fill of the ridge at the cursor. */
  readonly fill: string;
  /** Indices of the cursor's, the reference's and the pointer's step; −1 where there is none. */
  readonly cursor: number;
  readonly reference: number;
  readonly hover: number;
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

/** What traces the outline of a step's ridge, from the left end of its baseline to the right one. */
function tracer(pen: Pen, grid: Grid, steps: number, width: number, height: number): (index: number) => void {
  const plot = width - RIDGES.left - RIDGES.right;
  const pitch = (height - RIDGES.axis) / Math.max(1, shownRidges(steps).length);
  const room = ridgeBaseline(0, steps, height) - 4;
  const tallest = Math.min(RIDGES.tallest, room, Math.max(24, RIDGES.overlap * pitch));
  const scale = tallest / Math.sqrt(highestCount(grid));
  const toX = (bin: number) => RIDGES.left + (bin / Math.max(1, grid.bins)) * plot;
  return (index) => {
    const counts = grid.counts[index];
    const base = ridgeBaseline(index, steps, height);
    pen.beginPath();
    pen.moveTo(toX(0), base);
    for (let bin = 0; bin < grid.bins; bin++) pen.lineTo(toX(bin + 0.5), base - Math.sqrt(counts[bin]) * scale);
    pen.lineTo(toX(grid.bins), base);
  };
}

/** @param steps what each step is called */
export function drawRidges(pen: Pen, steps: readonly string[], grid: Grid, options: RidgesOptions): void {
  const { width, height, lut, palette } = options;
  pen.clearRect(0, 0, width, height);
  const trace = tracer(pen, grid, steps.length, width, height);
  pen.strokeStyle = palette.bg;
  pen.lineWidth = 0.75;
  for (const index of shownRidges(steps.length)) {
    trace(index);
    pen.fillStyle = css(colorAt(lut, ridgeTone(index, steps.length)));
    pen.fill();
    pen.stroke();
  }
  pen.fillStyle = palette.ink3;
  for (const index of labelled(steps.length, height)) label(pen, steps, index, height);
  drawValueAxis(pen, grid, width - RIDGES.left - RIDGES.right, height - RIDGES.axis, palette, RIDGES.left);
}

/** The ridge at the cursor, filled, the reference's, dashed, and the pointer's: over all others, so that none is hidden behind those that follow it. */
export function drawMarkedRidges(pen: Pen, steps: readonly string[], grid: Grid, options: MarkedRidges): void {
  const { width, height, palette, fill, cursor, reference, hover } = options;
  const trace = tracer(pen, grid, steps.length, width, height);
  const isStep = (index: number) => index >= 0 && index < steps.length;
  if (isStep(cursor)) {
    trace(cursor);
    pen.fillStyle = fill;
    pen.fill();
    pen.strokeStyle = palette.cursor;
    pen.lineWidth = 1.5;
    pen.stroke();
    markLabel(pen, steps, cursor, height, palette);
  }
  if (isStep(reference) && reference !== cursor) {
    trace(reference);
    pen.strokeStyle = palette.ink2;
    pen.lineWidth = 1.25;
    pen.setLineDash([3, 2]);
    pen.stroke();
    pen.setLineDash([]);
  }
  if (isStep(hover) && hover !== cursor) {
    trace(hover);
    pen.strokeStyle = palette.cursor;
    pen.lineWidth = 1;
    pen.stroke();
  }
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

function label(pen: Pen, steps: readonly string[], index: number, height: number, weight = ""): void {
  pen.font = `${weight}${AXIS_FONT}`;
  pen.textAlign = "right";
  pen.textBaseline = "alphabetic";
  pen.fillText(steps[index], RIDGES.left - 8, ridgeBaseline(index, steps.length, height));
}

/** The cursor's label, instead of those that it would run into. */
function markLabel(pen: Pen, steps: readonly string[], cursor: number, height: number, palette: Palette): void {
  const y = (index: number) => ridgeBaseline(index, steps.length, height);
  pen.fillStyle = palette.bg;
  for (const index of labelled(steps.length, height)) {
    if (Math.abs(y(index) - y(cursor)) < LABEL_PITCH) pen.fillRect(0, y(index) - 11, RIDGES.left - 6, LABEL_PITCH);
  }
  pen.fillStyle = palette.ink;
  label(pen, steps, cursor, height, "600 ");
}
