/**
 * A row per feature (or token, or histogram bin) and a column per measured step.
 * Columns begin and end on whole pixels, so no two neighbours blend.
 */

import { colorAt, type Lut, sequentialIndex, signedIndex, type Theme } from "./color";
import { fillSpan, hatch, makePixels, type Pixels, setPixel } from "./marks";

export interface HeatmapData {
  /** [rows, columns], row by row; NaN is drawn hatched. */
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
  for (let row = 0; row < data.rows; row++) {
    const top = rowEdges[row];
    const bottom = rowEdges[row + 1] - gap;
    for (let column = 0; column < data.columns; column++) {
      const value = data.values[row * data.columns + column];
      const color = Number.isNaN(value) ? undefined : colorAt(lut, index(value, limit));
      for (let y = top; y < bottom; y++) {
        if (color) fillSpan(pixels, edges[column], edges[column + 1], y, color);
        else for (let x = edges[column]; x < edges[column + 1]; x++) setPixel(pixels, x, y, hatch(x, y, theme));
      }
    }
  }
  return pixels;
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
