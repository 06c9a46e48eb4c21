/**
 * A row per feature (or token, or histogram bin) and a column per measured step.
 * Columns begin and end on whole pixels, so no two neighbours blend.
 */

import { colorAt, type Lut, sequentialIndex, signedIndex, type Theme } from "./color";
import { CLEAR, fillCells, HATCHED, makePixels, type Pixels, startsOf, toWord } from "./marks";

export interface HeatmapData {
  /** [rows, columns], row by row; what is not finite is drawn hatched. */
  readonly values: ArrayLike<number>;
  readonly rows: number;
  readonly columns: number;
}

export interface HeatmapOptions {
  readonly lut: Lut;
  /** Whether zero is the middle of the scale. */
  readonly signed: boolean;
  /** The value at the end of the scale. */
  readonly limit: number;
  readonly theme: Theme;
  /** Column edges in pixels, columns + 1 of them; the last is the picture's width. */
  readonly edges: readonly number[];
  /** Row edges in pixels, rows + 1 of them; the last is the picture's height. */
  readonly rowEdges: readonly number[];
  /** Pixels of page between rows. */
  readonly gap: number;
}

export function heatmapPixels(data: HeatmapData, options: HeatmapOptions): Pixels {
  const { lut, signed, limit, theme, edges, rowEdges, gap } = options;
  const pixels = makePixels(edges[data.columns], rowEdges[data.rows]);
  const index = signed ? signedIndex : sequentialIndex;
  const columns = cellsAt(edges, data.columns);
  const rows = cellsAt(rowEdges, data.rows);
  for (let row = 0; row < data.rows; row++) {
    for (let y = Math.max(rowEdges[row], rowEdges[row + 1] - gap); y < rowEdges[row + 1]; y++) rows[y] = BETWEEN;
  }
  const color = (x: number, y: number): number => {
    if (columns[x] === BETWEEN || rows[y] === BETWEEN) return CLEAR;
    const value = data.values[rows[y] * data.columns + columns[x]];
    return Number.isFinite(value) ? toWord(colorAt(lut, index(value, limit))) : HATCHED;
  };
  fillCells(pixels, startsOf(columns), startsOf(rows), color, theme);
  return pixels;
}

const BETWEEN = -1;

/** For each pixel up to the last edge the cell that it lies in. */
function cellsAt(edges: readonly number[], count: number): number[] {
  const cells = new Array<number>(edges[count]).fill(BETWEEN);
  for (let cell = 0; cell < count; cell++) cells.fill(cell, edges[cell], edges[cell + 1]);
  return cells;
}

/** Values of a grid on a sequential scale, filling the picture without gaps. */
export const gridPixels = (
  values: ArrayLike<number>,
  rows: number,
  columns: number,
  width: number,
  height: number,
  scale: Pick<HeatmapOptions, "lut" | "limit" | "theme">,
): Pixels =>
  heatmapPixels(
    { values, rows, columns },
    { ...scale, signed: false, edges: evenEdges(columns, width), rowEdges: evenEdges(rows, height), gap: 0 },
  );

/** Edges in whole pixels of `count` equal parts of a length: count + 1 numbers. */
export const evenEdges = (count: number, length: number): number[] =>
  Array.from({ length: count + 1 }, (_, i) => Math.round((i * length) / Math.max(1, count)));

/** Index of the part that a position lies in, −1 beside all of them. Edges ascend; empty parts are never hit. */
export const partAt = (edges: readonly number[], position: number): number =>
  position < edges[0] || position >= edges[edges.length - 1] ? -1 : edges.findLastIndex((edge) => edge <= position);
