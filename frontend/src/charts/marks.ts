/** Marks that several charts draw: the epoch cursor, the reference line, and the pattern of values that are not numbers. */

import { parseHex, type Rgb, type Theme } from "./color";

/** Colours of a canvas, taken from the theme's tokens. */
export interface Palette {
  readonly theme: Theme;
  readonly bg: string;
  readonly sunk: string;
  readonly line: string;
  readonly line2: string;
  readonly ink: string;
  readonly ink2: string;
  readonly ink3: string;
  readonly accent: string;
  readonly alarm: string;
  readonly cursor: string;
}

/** What the charts ask of a canvas; a recording stand-in is enough to test them. */
export type Pen = Pick<
  CanvasRenderingContext2D,
  | "beginPath"
  | "bezierCurveTo"
  | "clearRect"
  | "closePath"
  | "fill"
  | "fillRect"
  | "fillStyle"
  | "fillText"
  | "font"
  | "globalAlpha"
  | "lineJoin"
  | "lineTo"
  | "lineWidth"
  | "moveTo"
  | "rect"
  | "restore"
  | "save"
  | "setLineDash"
  | "stroke"
  | "strokeRect"
  | "strokeStyle"
  | "textAlign"
  | "textBaseline"
  | "arc"
  | "clip"
  | "translate"
>;

/** RGBA bytes of a picture, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

export const makePixels = (width: number, height: number): Pixels => ({
  width,
  height,
  data: new Uint8ClampedArray(4 * width * height),
});

export function setPixel(pixels: Pixels, x: number, y: number, [red, green, blue]: Rgb): void {
  const at = 4 * (y * pixels.width + x);
  pixels.data[at] = red;
  pixels.data[at + 1] = green;
  pixels.data[at + 2] = blue;
  pixels.data[at + 3] = 255;
}

/** A colour as one 32-bit word of RGBA bytes: every machine with a browser is little-endian. */
export const toWord = ([red, green, blue]: Rgb): number => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;

/** Words that stand for no colour: the page shows through, or the value is not a number. */
export const CLEAR = 0;
export const HATCHED = -1;

const HATCH: Record<Theme, { stripe: Rgb; ground: Rgb }> = {
  light: { stripe: parseHex("#c8ced8"), ground: parseHex("#f1f3f6") },
  dark: { stripe: parseHex("#454e5d"), ground: parseHex("#222730") },
};

/** Diagonal hatching, the colour of "not a number": it never looks like zero. */
export const hatch = (x: number, y: number, theme: Theme): Rgb =>
  (x + y) % 4 === 0 ? HATCH[theme].stripe : HATCH[theme].ground;

/**
 * Fills a picture of cells that are larger than pixels: a colour is asked for once a cell and line, the rest is copied.
 *
 * @param columns  for each pixel of a line whether a cell begins there
 * @param rows     for each line whether cells begin there
 * @param color    the word of the cell at a pixel, or `CLEAR` or `HATCHED`
 */
export function fillCells(
  pixels: Pixels,
  columns: readonly boolean[],
  rows: readonly boolean[],
  color: (x: number, y: number) => number,
  theme: Theme,
): void {
  const { width, height } = pixels;
  const words = new Uint32Array(pixels.data.buffer);
  let hatched = true;
  for (let y = 0; y < height; y++) {
    const line = y * width;
    if (!rows[y] && !hatched) {
      words.copyWithin(line, line - width, line);
      continue;
    }
    hatched = false;
    let word = CLEAR;
    for (let x = 0; x < width; x++) {
      if (x === 0 || columns[x]) word = color(x, y);
      hatched ||= word === HATCHED;
      words[line + x] = word === HATCHED ? toWord(hatch(x, y, theme)) : word;
    }
  }
}

/** Where a list begins, and where it goes on with another value. */
export const startsOf = (...lists: readonly (readonly number[])[]): boolean[] =>
  lists[0].map((_, i) => i === 0 || lists.some((list) => list[i] !== list[i - 1]));

/** @param ends x and y of both */
export function strokeLine(pen: Pen, [x1, y1, x2, y2]: readonly number[], color: string, width: number): void {
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
}

/** Two to about `count` round numbers (1, 2 or 5 times a power of ten) between low and high. */
export function roundTicks(low: number, high: number, count = 4): number[] {
  if (!(high > low)) return Number.isFinite(low) ? [low] : [];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const steps = [10, 5, 2, 1, 0.5].map((factor) => factor * power);
  const coarse = steps.findLastIndex((step) => step >= raw * (1 - 1e-9));
  // A range that ends just short of round numbers would hold but one of a coarse step.
  const ticks = multiples(steps[coarse], low, high);
  return ticks.length > 1 ? ticks : multiples(steps[coarse + 1] ?? raw, low, high);
}

/** The smallest round number that is not below one from zero on. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8].find((f) => f * power >= value * (1 - 1e-9)) ?? 10;
  return Number((factor * power).toPrecision(2));
}

function multiples(step: number, low: number, high: number): number[] {
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toFixed(decimals)));
}
