/**
 * An image's attribution over its input in faint grey, cells upscaled without smoothing.
 * The commoner end of the input's brightness becomes the page's colour, so that strokes on black and ink on
 * white both stand out of the page.
 */

import { type ColorScale, colorAt, parseHex, type Rgb, type Theme } from "./color";
import { fillCells, HATCHED, makePixels, type Pixels, startsOf, toWord } from "./marks";

const PAGE: Record<Theme, Rgb> = { light: parseHex("#ffffff"), dark: parseHex("#16191f") };
const INK: Record<Theme, Rgb> = { light: parseHex("#171b24"), dark: parseHex("#e9ebef") };
/** How much of full ink the input takes under an attribution. */
const FAINT = 0.28;

/** A sample of a uint8 image [height, width, channels] with one or three channels. */
export interface ImageInput {
  /** Its ink is remembered by this object. */
  readonly data: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** One value a cell, [height, width]. */
export interface Cells {
  readonly data: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
}

const mix = (a: Rgb, b: Rgb, share: number): Rgb => [
  Math.round(a[0] + (b[0] - a[0]) * share),
  Math.round(a[1] + (b[1] - a[1]) * share),
  Math.round(a[2] + (b[2] - a[2]) * share),
];

const inks = new WeakMap<object, Float32Array>();

/** How much ink each pixel of the input takes, 0 … 1: its distance from the commoner end of the brightness. */
export function inkAmount(input: ImageInput): Float32Array {
  const known = inks.get(input.data);
  if (known) return known;
  const { data, channels } = input;
  const amount = new Float32Array(input.height * input.width);
  let bright = 0;
  for (let i = 0; i < amount.length; i++) {
    const at = i * channels;
    const sum = channels === 3 ? 0.2126 * data[at] + 0.7152 * data[at + 1] + 0.0722 * data[at + 2] : data[at];
    amount[i] = sum / 255;
    if (amount[i] > 0.5) bright += 1;
  }
  if (2 * bright > amount.length) for (let i = 0; i < amount.length; i++) amount[i] = 1 - amount[i];
  inks.set(input.data, amount);
  return amount;
}

/** The index of the source pixel at each target pixel, along one axis. */
const nearest = (target: number, source: number): number[] =>
  Array.from({ length: target }, (_, i) => Math.floor(((i + 0.5) * source) / target));

/** The input alone: colours as they are, one channel as ink on the page. */
export function inputPixels(input: ImageInput, width: number, height: number, theme: Theme): Pixels {
  const pixels = makePixels(width, height);
  const amount = input.channels === 3 ? undefined : inkAmount(input);
  const columns = nearest(width, input.width);
  const rows = nearest(height, input.height);
  const color = (x: number, y: number): number => {
    const at = rows[y] * input.width + columns[x];
    if (amount) return toWord(mix(PAGE[theme], INK[theme], amount[at]));
    return toWord([input.data[3 * at], input.data[3 * at + 1], input.data[3 * at + 2]]);
  };
  fillCells(pixels, startsOf(columns), startsOf(rows), color, theme);
  return pixels;
}

export interface OverlayOptions {
  readonly width: number;
  readonly height: number;
  readonly scale: ColorScale;
  readonly limit: number;
  readonly theme: Theme;
}

/**
 * Attribution cells over the input. A cell of the full limit shows the scale's exact colour, a cell of zero the
 * faint input; what is not finite is hatched. Without an input the cells lie on the page.
 */
export function overlayPixels(cells: Cells, input: ImageInput | undefined, options: OverlayOptions): Pixels {
  const { width, height, scale, limit, theme } = options;
  const pixels = makePixels(width, height);
  const page = PAGE[theme];
  const amount = input && inkAmount(input);
  const columns = nearest(width, cells.width);
  const rows = nearest(height, cells.height);
  const inputColumns = nearest(width, input?.width ?? 1);
  const inputRows = nearest(height, input?.height ?? 1);
  const color = (x: number, y: number): number => {
    const value = cells.data[rows[y] * cells.width + columns[x]];
    if (!Number.isFinite(value)) return HATCHED;
    const own = colorAt(scale.lut, scale.index(value, limit));
    if (!amount || !input) return toWord(own);
    const strength = limit > 0 ? Math.min(1, Math.abs(value) / limit) : 0;
    const ink = FAINT * (1 - strength) * amount[inputRows[y] * input.width + inputColumns[x]];
    const under = mix(page, INK[theme], ink);
    return toWord([0, 1, 2].map((i) => clampByte(own[i] + under[i] - page[i])) as unknown as Rgb);
  };
  fillCells(pixels, startsOf(columns, inputColumns), startsOf(rows, inputRows), color, theme);
  return pixels;
}

const clampByte = (value: number): number => Math.min(255, Math.max(0, value));

/** Sums of 2 × 2 cells; an odd last row or column is summed with what it has. Sums, and so completeness, survive. */
export function pooled(cells: Cells): Cells {
  const height = Math.ceil(cells.height / 2);
  const width = Math.ceil(cells.width / 2);
  const data = new Float32Array(height * width);
  for (let y = 0; y < cells.height; y++) {
    for (let x = 0; x < cells.width; x++) {
      data[(y >> 1) * width + (x >> 1)] += cells.data[y * cells.width + x];
    }
  }
  return { data, height, width };
}

/** A chess-board name: the column as a letter (A, B, … Z, AA, …), the row as a number from 1 at the top. */
export function cellName(row: number, column: number): string {
  let letters = "";
  for (let rest = column; rest >= 0; rest = Math.floor(rest / 26) - 1) {
    letters = String.fromCharCode(65 + (rest % 26)) + letters;
  }
  return `${letters}${row + 1}`;
}

/** Sums of an image's cells over the regions of a grid, row by row: what the cells A1, B1, … hold. */
export function regionSums(cells: Cells, [rows, columns]: readonly number[]): Float32Array {
  const sums = new Float32Array(rows * columns);
  for (let y = 0; y < cells.height; y++) {
    for (let x = 0; x < cells.width; x++) {
      const region = Math.floor((y * rows) / cells.height) * columns + Math.floor((x * columns) / cells.width);
      sums[region] += cells.data[y * cells.width + x];
    }
  }
  return sums;
}
