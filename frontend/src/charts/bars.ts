/** Signed bars: a row of fixed order on a card, one bar with its reference tick in a table, a share with its error. */

import { type ColorScale, colorAt, css } from "./color";
import type { Palette, Pen } from "./marks";

/** The part of the scale that bars take: the ends of the arms are for cells, thin bars read best a step inside. */
const BAR_INDEX = 0.75;
export const barColor = (value: number, { lut, index }: ColorScale): string =>
  css(colorAt(lut, index(Math.sign(value) * BAR_INDEX, 1)));

/** What a bar is drawn on. */
interface Surface {
  readonly height: number;
  readonly palette: Palette;
}

export interface BarsOptions {
  readonly width: number;
  readonly height: number;
  /** The |value| of a full bar: of half the room, or of all where values have no sign. */
  readonly limit: number;
  readonly scale: ColorScale;
  readonly palette: Palette;
}

/** Bars in the features' own order around a middle line, or standing on the lower edge where they have no sign; what is not finite is a grey stub across it. */
export function drawSparkbars(pen: Pen, values: ArrayLike<number>, options: BarsOptions): void {
  const { width, height, limit, scale, palette } = options;
  pen.clearRect(0, 0, width, height);
  const middle = scale.signed ? Math.round(height / 2) : height - 1;
  const pitch = width / Math.max(1, values.length);
  const bar = Math.max(1, Math.floor(pitch) - 1);
  pen.fillStyle = palette.line;
  pen.fillRect(0, middle, width, 1);
  for (let i = 0; i < values.length; i++) {
    const x = Math.round(i * pitch);
    if (!Number.isFinite(values[i])) {
      pen.fillStyle = palette.line2;
      pen.fillRect(x, Math.min(middle - 1, height - 3), bar, 3);
      continue;
    }
    const share = limit > 0 ? Math.min(1, Math.abs(values[i]) / limit) : 0;
    const length = Math.round(share * (middle - 1));
    if (length === 0) continue;
    pen.fillStyle = barColor(values[i], scale);
    pen.fillRect(x, values[i] > 0 ? middle - length : middle + 1, bar, length);
  }
}

/** One bar from the middle of its row, or from its left where values have no sign, and the reference as a tick. */
export function drawSignedBar(pen: Pen, value: number, reference: number, options: BarsOptions): void {
  const { width, height, limit, scale, palette } = options;
  pen.clearRect(0, 0, width, height);
  const middle = scale.signed ? Math.round(width / 2) : 0;
  const arm = scale.signed ? (width - 4) / 2 : width - 4;
  const toX = (v: number) => middle + Math.round(Math.min(1, Math.max(-1, limit > 0 ? v / limit : 0)) * arm);
  pen.fillStyle = palette.line;
  pen.fillRect(middle, 0, 1, height);
  if (!Number.isFinite(value)) {
    pen.fillStyle = palette.line2;
    pen.fillRect(Math.max(0, middle - 8), Math.round(height / 2) - 1, 17, 3);
  } else {
    const end = toX(value);
    pen.fillStyle = barColor(value, scale);
    pen.fillRect(Math.min(middle, end), 6, Math.abs(end - middle), height - 12);
  }
  if (Number.isFinite(reference)) {
    pen.fillStyle = palette.ink;
    pen.fillRect(toX(reference) - 1, 4, 2, height - 8);
  }
}

export interface ShareBarOptions {
  readonly width: number;
  readonly height: number;
  /** The share at the right edge. */
  readonly limit: number;
  readonly color: string;
  readonly palette: Palette;
  /** The share over other samples, pointed at from below. */
  readonly beside?: number;
}

/** A share from the left edge with ± 2 SE as a whisker and the reference dashed. NaN draws nothing. */
export function drawShareBar(
  pen: Pen,
  share: number,
  standardError: number,
  reference: number,
  options: ShareBarOptions,
): void {
  const { width, height, limit, color, palette, beside = Number.NaN } = options;
  pen.clearRect(0, 0, width, height);
  const toX = (v: number) => Math.round(Math.min(1, Math.max(0, limit > 0 ? v / limit : 0)) * (width - 2));
  if (!Number.isNaN(share)) {
    pen.fillStyle = color;
    pen.fillRect(0, 6, toX(share), height - 12);
    if (standardError > 0) drawWhisker(pen, toX(share - 2 * standardError), toX(share + 2 * standardError), options);
  }
  if (!Number.isNaN(reference)) drawReference(pen, toX(reference), options);
  if (!Number.isNaN(beside)) drawPointer(pen, toX(beside), height, palette);
}

/** What an error takes, from one place to another, never nothing. */
export function drawWhisker(pen: Pen, from: number, to: number, { height, palette }: Surface): void {
  pen.fillStyle = palette.ink;
  pen.fillRect(from, Math.round(height / 2), Math.max(1, to - from), 1);
}

/** A dashed line across a bar at a place. */
export function drawReference(pen: Pen, x: number, { height, palette }: Surface): void {
  pen.strokeStyle = palette.ink2;
  pen.lineWidth = 1.25;
  pen.setLineDash([2, 2]);
  pen.beginPath();
  pen.moveTo(x + 0.5, 4);
  pen.lineTo(x + 0.5, height - 4);
  pen.stroke();
  pen.setLineDash([]);
}

/** A hollow triangle on the lower edge that points up at a place. */
export function drawPointer(pen: Pen, x: number, height: number, palette: Palette): void {
  const at = Math.max(POINTER, x);
  pen.beginPath();
  pen.moveTo(at, height - 9);
  pen.lineTo(at - POINTER, height - 2);
  pen.lineTo(at + POINTER, height - 2);
  pen.closePath();
  pen.fillStyle = palette.bg;
  pen.fill();
  pen.strokeStyle = palette.ink;
  pen.lineWidth = 1.25;
  pen.stroke();
}

const POINTER = 4;

export interface SortedBar {
  readonly index: number;
  readonly value: number;
  readonly reference: number;
}

/**
 * The `count` entries with the largest |value| or |reference|, largest first, and the sum of the others.
 * Entries that are not finite come last.
 */
export function strongest(
  values: ArrayLike<number>,
  reference: ArrayLike<number> | undefined,
  count: number,
): { bars: SortedBar[]; others: { count: number; value: number; reference: number } } {
  const strength = (v: number) => (Number.isFinite(v) ? Math.abs(v) : -1);
  const all = Array.from({ length: values.length }, (_, index) => ({
    index,
    value: values[index],
    reference: reference ? reference[index] : Number.NaN,
  })).sort(
    (a, b) =>
      Math.max(strength(b.value), strength(b.reference)) - Math.max(strength(a.value), strength(a.reference)) ||
      a.index - b.index,
  );
  const rest = all.slice(count);
  const sum = (pick: (bar: SortedBar) => number) =>
    rest.reduce((total, bar) => total + (Number.isFinite(pick(bar)) ? pick(bar) : 0), 0);
  return {
    bars: all.slice(0, count),
    others: { count: rest.length, value: sum((bar) => bar.value), reference: sum((bar) => bar.reference) },
  };
}
