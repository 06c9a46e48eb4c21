/** A mean with its sign and its error: a bar from zero, ± 2 SE as a whisker, and the reference dashed. */

import { barColor, drawReference, drawWhisker } from "./bars";
import type { ColorScale } from "./color";
import type { Palette, Pen } from "./marks";

export interface EstimateOptions {
  readonly width: number;
  readonly height: number;
  /** Values at the ends of the axis, which holds zero: at most 0, and at least 0. */
  readonly low: number;
  readonly high: number;
  readonly scale: ColorScale;
  readonly palette: Palette;
}

/** What is not finite is not drawn. */
export function drawEstimate(
  pen: Pen,
  mean: number,
  standardError: number,
  reference: number,
  options: EstimateOptions,
): void {
  const { width, height, low, high, scale, palette } = options;
  const span = high - low || 1;
  const toX = (value: number) => 1 + Math.round(Math.min(1, Math.max(0, (value - low) / span)) * (width - 3));
  const zero = toX(0);
  pen.fillStyle = palette.line;
  pen.fillRect(zero, 0, 1, height);
  if (Number.isFinite(mean)) {
    pen.fillStyle = barColor(mean, scale);
    pen.fillRect(Math.min(zero, toX(mean)), 6, Math.abs(toX(mean) - zero), height - 12);
    if (standardError > 0) drawWhisker(pen, toX(mean - 2 * standardError), toX(mean + 2 * standardError), options);
  }
  if (Number.isFinite(reference)) drawReference(pen, toX(reference), options);
}
