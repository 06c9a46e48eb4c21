/** A mean with its sign and its error: a bar from zero, ± 2 SE as a whisker, and the reference dashed. */

import { barColor } from "./bars";
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
  { width, height, low, high, scale, palette }: EstimateOptions,
): void {
  const span = high - low || 1;
  const toX = (value: number) => 1 + Math.round(Math.min(1, Math.max(0, (value - low) / span)) * (width - 3));
  const zero = toX(0);
  pen.fillStyle = palette.line;
  pen.fillRect(zero, 0, 1, height);
  if (Number.isFinite(mean)) {
    pen.fillStyle = barColor(mean, scale);
    pen.fillRect(Math.min(zero, toX(mean)), 6, Math.abs(toX(mean) - zero), height - 12);
    if (standardError > 0) {
      pen.fillStyle = palette.ink;
      const from = toX(mean - 2 * standardError);
      pen.fillRect(from, Math.round(height / 2), Math.max(1, toX(mean + 2 * standardError) - from), 1);
    }
  }
  if (!Number.isFinite(reference)) return;
  pen.strokeStyle = palette.ink2;
  pen.lineWidth = 1.25;
  pen.setLineDash([2, 2]);
  pen.beginPath();
  pen.moveTo(toX(reference) + 0.5, 4);
  pen.lineTo(toX(reference) + 0.5, height - 4);
  pen.stroke();
  pen.setLineDash([]);
}
