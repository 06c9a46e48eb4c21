/**
 * Colour scales as 256-entry tables: signed attribution (blue against, orange for, zero = the page's colour)
 * and sequential shares, interpolated between their stops in OKLab.
 *
 * OKLab: Björn Ottosson, https://bottosson.github.io/posts/oklab/
 */

import { select } from "./select";

export type Theme = "light" | "dark";
export type Rgb = readonly [red: number, green: number, blue: number];

/** 256 colours, three bytes each. */
export type Lut = Uint8ClampedArray;

const SIGNED: Record<Theme, readonly string[]> = {
  light: ["#123f8a", "#3f74bd", "#86ade0", "#cfdff3", "#ffffff", "#fadcc8", "#eda876", "#cc6a28", "#8c3605"],
  dark: ["#9ccbff", "#5b97e6", "#315f9f", "#233a5c", "#16191f", "#4d3220", "#9a5a26", "#e08a42", "#ffc490"],
};
const SEQUENTIAL: Record<Theme, readonly string[]> = {
  light: ["#f5f8fa", "#d3e5ec", "#9ccadb", "#59a6c6", "#2a7dac", "#1c5488", "#182c5a"],
  dark: ["#16191f", "#1c3250", "#1f5380", "#2b7ba6", "#55a8c4", "#9dd3da", "#effaf3"],
};

/** The middle of a signed table; entry 0 repeats entry 1, so that both arms are 127 long and zero is exact. */
export const ZERO = 128;

export function parseHex(hex: string): Rgb {
  const bits = Number.parseInt(hex.slice(1), 16);
  return [(bits >> 16) & 255, (bits >> 8) & 255, bits & 255];
}

export const css = ([red, green, blue]: Rgb): string => `rgb(${red}, ${green}, ${blue})`;

const toLinear = (byte: number): number => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
};
const toByte = (linear: number): number =>
  Math.round(255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055));

export function toOklab(rgb: Rgb): [number, number, number] {
  const [r, g, b] = rgb.map(toLinear);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

export function fromOklab([lightness, a, b]: readonly number[]): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  const [red, green, blue] = linear.map((value) => toByte(Math.min(1, Math.max(0, value))));
  return [red, green, blue];
}

/** A table whose entry i is the colour at `position(i)`, from 0 at the first stop to 1 at the last. */
function table(stops: readonly string[], position: (index: number) => number): Lut {
  const labs = stops.map((stop) => toOklab(parseHex(stop)));
  const lut = new Uint8ClampedArray(256 * 3);
  for (let i = 0; i < 256; i++) {
    const at = position(i) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(at));
    const mixed = labs[low].map((value, axis) => value + (at - low) * (labs[low + 1][axis] - value));
    lut.set(fromOklab(mixed), 3 * i);
  }
  return lut;
}

const perTheme = <T>(make: (theme: Theme) => T): Record<Theme, T> => ({ light: make("light"), dark: make("dark") });

/** Signed tables: entry 1 is −1, entry 128 zero, entry 255 +1. */
export const signedLut = perTheme((theme) => table(SIGNED[theme], (i) => 0.5 + (Math.max(1, i) - ZERO) / 254));
/** Sequential tables: entry 0 is zero, entry 255 the limit. */
export const sequentialLut = perTheme((theme) => table(SEQUENTIAL[theme], (i) => i / 255));

/** How values become colours: a table, and the entry in it of a finite value where the scale ends at `limit`. */
export interface ColorScale {
  readonly lut: Lut;
  readonly index: (value: number, limit: number) => number;
  /** Whether zero is its middle, not its end. */
  readonly signed: boolean;
}

/** The scale of attributions with a sign, or of those that count from zero. */
export const scaleOf = (signed: boolean, theme: Theme): ColorScale =>
  signed
    ? { lut: signedLut[theme], index: signedIndex, signed }
    : { lut: sequentialLut[theme], index: sequentialIndex, signed };

/** The entry of a value in a signed table that reaches from −limit to limit. The value must not be NaN. */
export function signedIndex(value: number, limit: number): number {
  const share = limit > 0 ? Math.min(1, Math.abs(value) / limit) : 0;
  return ZERO + Math.sign(value) * Math.round(127 * share);
}

/** The entry of a value in a sequential table that reaches from 0 to limit. The value must not be NaN. */
export const sequentialIndex = (value: number, limit: number): number =>
  limit > 0 ? Math.round(255 * Math.min(1, Math.max(0, value / limit))) : 0;

export const colorAt = (lut: Lut, index: number): Rgb => [lut[3 * index], lut[3 * index + 1], lut[3 * index + 2]];

/** WCAG 2.2 relative luminance, 0 … 1. */
export function luminance(rgb: Rgb): number {
  const [red, green, blue] = rgb.map(toLinear);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG 2.2 contrast ratio, 1 … 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

/** Black rather than the theme's ink: with it one of the two always reaches 4.5 : 1. */
const DARK_INK: Rgb = [0, 0, 0];
const LIGHT_INK: Rgb = [255, 255, 255];

/** The text colour, black or white, that stands out more on a cell of this colour. */
export const inkOn = (background: Rgb): Rgb =>
  contrast(background, DARK_INK) >= contrast(background, LIGHT_INK) ? DARK_INK : LIGHT_INK;

/** The |value| that `percentile` per cent of all non-zero finite values do not pass; 0 where there are none. */
export function magnitudeAt(arrays: readonly ArrayLike<number>[], percentile: number): number {
  const magnitudes = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let count = 0;
  for (const values of arrays) {
    for (let i = 0; i < values.length; i++) {
      const magnitude = Math.abs(values[i]);
      if (magnitude > 0 && magnitude < Number.POSITIVE_INFINITY) magnitudes[count++] = magnitude;
    }
  }
  return count ? select(magnitudes.subarray(0, count), Math.ceil((percentile / 100) * count) - 1) : 0;
}
