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

/** One colour over a stretch of a row, [from, to). */
export function fillSpan(pixels: Pixels, from: number, to: number, y: number, [red, green, blue]: Rgb): void {
  const words = new Uint32Array(pixels.data.buffer);
  const [word] = new Uint32Array(new Uint8ClampedArray([red, green, blue, 255]).buffer);
  words.fill(word, y * pixels.width + from, y * pixels.width + to);
}

const HATCH: Record<Theme, { stripe: Rgb; ground: Rgb }> = {
  light: { stripe: parseHex("#c8ced8"), ground: parseHex("#f1f3f6") },
  dark: { stripe: parseHex("#454e5d"), ground: parseHex("#222730") },
};

/** Diagonal hatching, the colour of "not a number": it never looks like zero. */
export const hatch = (x: number, y: number, theme: Theme): Rgb =>
  (x + y) % 4 === 0 ? HATCH[theme].stripe : HATCH[theme].ground;

/** The epoch cursor: a solid vertical line, over heat maps with a halo of the page's colour. */
export function drawCursor(pen: Pen, x: number, top: number, bottom: number, palette: Palette, halo = false): void {
  if (halo) strokeVertical(pen, x, top, bottom, palette.bg, 1.25 + 3);
  strokeVertical(pen, x, top, bottom, palette.cursor, 1.25);
}

/** The reference: a dashed vertical line. */
export function drawReference(pen: Pen, x: number, top: number, bottom: number, palette: Palette, halo = false): void {
  if (halo) strokeVertical(pen, x, top, bottom, palette.bg, 3);
  pen.setLineDash([3, 3]);
  strokeVertical(pen, x, top, bottom, palette.ink2, 1);
  pen.setLineDash([]);
}

function strokeVertical(pen: Pen, x: number, top: number, bottom: number, color: string, width: number): void {
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.beginPath();
  pen.moveTo(x, top);
  pen.lineTo(x, bottom);
  pen.stroke();
}

/** Two to about `count` round numbers (1, 2 or 5 times a power of ten) between low and high. */
export function roundTicks(low: number, high: number, count = 4): number[] {
  if (!(high > low)) return Number.isFinite(low) ? [low] : [];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= raw * (1 - 1e-9)) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toFixed(decimals)));
}
