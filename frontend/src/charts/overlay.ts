/**
 * An image's attribution over its input in faint grey, cells upscaled without smoothing.
 * The commoner end of the input's brightness becomes the page's colour, so that strokes on black and ink on
 * white both stand out of the page.
 */

import { type ColorScale, colorAt, type Lut, parseHex, type Rgb, type Theme, ZERO } from "./color";
import { CLEAR, fillCells, HATCHED, hatch, makePixels, type Pixels, startsOf, toWord } from "./marks";

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

/** Depths of ink that are told apart; steps between them are less than one of the screen's. */
const DEEPEST = 127;
const DEPTHS = DEEPEST + 1;

const inks = new WeakMap<object, Uint8Array>();

/** How much ink each pixel of the input takes, 0 … 127: its distance from the commoner end of the brightness. */
export function inkDepth(input: ImageInput): Uint8Array {
  const known = inks.get(input.data);
  if (known) return known;
  const { data, channels } = input;
  const depth = new Uint8Array(input.height * input.width);
  let bright = 0;
  for (let i = 0; i < depth.length; i++) {
    const at = i * channels;
    const sum = channels === 3 ? 0.2126 * data[at] + 0.7152 * data[at + 1] + 0.0722 * data[at + 2] : data[at];
    depth[i] = Math.round((sum / 255) * DEEPEST);
    if (2 * sum > 255) bright += 1;
  }
  if (2 * bright > depth.length) for (let i = 0; i < depth.length; i++) depth[i] = DEEPEST - depth[i];
  inks.set(input.data, depth);
  return depth;
}

/** The index of the source pixel at each target pixel, along one axis. */
const nearest = (target: number, source: number): number[] =>
  Array.from({ length: target }, (_, i) => Math.floor(((i + 0.5) * source) / target));

interface Axis {
  readonly cells: readonly number[];
  readonly input: readonly number[];
  /** Where another cell or another pixel of the input begins. */
  readonly starts: readonly boolean[];
}

const axes = new Map<string, Axis>();
const AXES = 64;

/** What lies at each pixel of the screen along one axis. The cards of a view all ask for the same. */
function axisOf(target: number, cells: number, input: number): Axis {
  const key = `${target} ${cells} ${input}`;
  const known = axes.get(key);
  if (known) return known;
  if (axes.size >= AXES) axes.clear();
  const [own, under] = [nearest(target, cells), nearest(target, input)];
  const axis = { cells: own, input: under, starts: startsOf(own, under) };
  axes.set(key, axis);
  return axis;
}

/** The input alone: colours as they are, one channel as ink on the page. */
export function inputPixels(input: ImageInput, width: number, height: number, theme: Theme): Pixels {
  const pixels = makePixels(width, height);
  const depth = input.channels === 3 ? undefined : inkDepth(input);
  const columns = nearest(width, input.width);
  const rows = nearest(height, input.height);
  const color = (x: number, y: number): number => {
    const at = rows[y] * input.width + columns[x];
    if (depth) return toWord(mix(PAGE[theme], INK[theme], depth[at] / DEEPEST));
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

const tables = new WeakMap<Lut, Uint32Array>();

/** The word of each entry of a scale over each depth of the input's ink: the deeper the attribution, the less of the input is seen. */
function overlayWords({ lut, signed }: ColorScale, theme: Theme): Uint32Array {
  const known = tables.get(lut); // a scale's table is a theme's own
  if (known) return known;
  const [page, ink] = [PAGE[theme], INK[theme]];
  const zero = signed ? ZERO : 0;
  const words = new Uint32Array(256 * DEPTHS);
  for (let entry = 0; entry < 256; entry++) {
    const own = colorAt(lut, entry);
    const strength = Math.min(1, Math.abs(entry - zero) / (255 - zero));
    for (let depth = 0; depth <= DEEPEST; depth++) {
      const under = mix(page, ink, (FAINT * (1 - strength) * depth) / DEEPEST);
      const [red, green, blue] = own.map((channel, i) => clampByte(channel + under[i] - page[i]));
      words[entry * DEPTHS + depth] = toWord([red, green, blue]);
    }
  }
  tables.set(lut, words);
  return words;
}

const clampByte = (value: number): number => Math.min(255, Math.max(0, value));

/**
 * Attribution cells over the input. A cell of the full limit shows the scale's exact colour, a cell of zero the
 * faint input; what is not finite is hatched. Without an input the cells lie on the page.
 *
 * @param pixels  what is drawn into, all of it; of the width and height in `options`
 */
export function overlayPixels(
  cells: Cells,
  input: ImageInput | undefined,
  options: OverlayOptions,
  pixels = makePixels(options.width, options.height),
): Pixels {
  const { width, height, scale, limit, theme } = options;
  const words = overlayWords(scale, theme);
  const depth = input && inkDepth(input);
  const across = axisOf(width, cells.width, input?.width ?? 1);
  const down = axisOf(height, cells.height, input?.height ?? 1);
  const target = new Uint32Array(pixels.data.buffer);
  let hatched = true;
  for (let y = 0; y < height; y++) {
    const line = y * width;
    if (!down.starts[y] && !hatched) {
      target.copyWithin(line, line - width, line);
      continue;
    }
    hatched = false;
    const row = down.cells[y] * cells.width;
    const inputRow = depth && input ? down.input[y] * input.width : 0;
    let word = CLEAR;
    for (let x = 0; x < width; x++) {
      if (across.starts[x]) {
        const value = cells.data[row + across.cells[x]];
        const ink = depth ? depth[inputRow + across.input[x]] : 0;
        word = Number.isFinite(value) ? words[scale.index(value, limit) * DEPTHS + ink] : HATCHED;
        hatched ||= word === HATCHED;
      }
      target[line + x] = word === HATCHED ? toWord(hatch(x, y, theme)) : word;
    }
  }
  return pixels;
}

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
