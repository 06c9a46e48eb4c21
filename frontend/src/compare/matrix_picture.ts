/**
 * The picture of the similarity of every pair of steps: columns are the steps of one run, rows those of another, or of the same.
 * Both axes are axes of epochs, the earliest at the left and at the top.
 */

import { sequentialLut, signedLut, type Theme } from "../charts/color";
import { columnEdges, columnRange, type EpochRange, nearestIndex, xToEpoch } from "../charts/epoch_axis";
import { heatmapPixels } from "../charts/heatmap";
import type { Palette, Pen, Pixels } from "../charts/marks";
import type { Phase } from "./phases";

/** Mean cosines with the places of their steps on the axis of epochs. */
export interface Similarities {
  /** [rows, columns], row by row; NaN where a step cannot be read. */
  readonly values: ArrayLike<number>;
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

/** [S, R] as [R, S]: the server's rows are the run's own steps, which lie from left to right in the picture. */
export function transposed(values: ArrayLike<number>, rows: number, columns: number): Float32Array {
  const result = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column];
  }
  return result;
}

/** Cosines barely below zero are noise about it. */
const OPPOSITE = -0.05;

/** Whether some explanations speak against one another, so that zero has to be the middle of the scale. */
export function hasOpposites(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (values[i] < OPPOSITE) return true;
  return false;
}

export const isEmpty = (values: ArrayLike<number>): boolean => !Array.prototype.some.call(values, Number.isFinite);

export function similarityPixels(
  { values, rows, columns }: Similarities,
  { width, height, signed, theme }: { width: number; height: number; signed: boolean; theme: Theme },
): Pixels {
  return heatmapPixels(
    { values, rows: rows.length, columns: columns.length },
    {
      lut: (signed ? signedLut : sequentialLut)[theme],
      signed,
      limit: 1,
      theme,
      edges: columnEdges(columns, columnRange(columns), width),
      rowEdges: columnEdges(rows, columnRange(rows), height),
      gap: 0,
    },
  );
}

/** The cell under a point, by the indices of its row and column; undefined beside the picture. */
export function cellAt(
  { rows, columns }: Pick<Similarities, "rows" | "columns">,
  x: number,
  y: number,
  width: number,
  height: number,
): { row: number; column: number } | undefined {
  if (x < 0 || y < 0 || x >= width || y >= height || rows.length === 0 || columns.length === 0) return undefined;
  return {
    row: nearestIndex(rows, xToEpoch(y, columnRange(rows), height)),
    column: nearestIndex(columns, xToEpoch(x, columnRange(columns), width)),
  };
}

/** Boxes around phases, by the indices of steps whose places are both axes'. A white box with an ink line in it can be seen on every shade of the scale. */
export function drawPhases(
  pen: Pen,
  phases: readonly Phase[],
  places: readonly number[],
  { width, height, palette }: { width: number; height: number; palette: Palette },
): void {
  const range = columnRange(places);
  for (const phase of phases) {
    const [left, right] = phaseEnds(phase, places, range, width);
    const [top, bottom] = phaseEnds(phase, places, range, height);
    for (const [color, thick] of [
      [palette.bg, 3],
      [palette.ink, 1],
    ] as const) {
      pen.strokeStyle = color;
      pen.lineWidth = thick;
      pen.strokeRect(left + 1.5, top + 1.5, Math.max(1, right - left - 3), Math.max(1, bottom - top - 3));
    }
  }
}

/** Where a phase begins and ends on an axis of so many pixels. */
export function phaseEnds(
  { first, last }: Phase,
  places: readonly number[],
  range: EpochRange,
  length: number,
): [number, number] {
  const edges = columnEdges(places, range, Math.round(length));
  return [edges[first], edges[last + 1]];
}
