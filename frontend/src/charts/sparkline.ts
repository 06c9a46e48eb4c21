/** A curve small enough for a line of text, with a dot at the cursor. */

import type { Palette, Pen } from "./marks";

export interface SparklineOptions {
  readonly width: number;
  readonly height: number;
  readonly color: string;
  readonly palette: Palette;
  /** Index of the value at the cursor; −1 for none. */
  readonly cursor: number;
}

/** NaN breaks the line; a single value is a dot; a constant lies in the middle. */
export function drawSparkline(pen: Pen, values: ArrayLike<number>, options: SparklineOptions): void {
  const { width, height, color, palette, cursor } = options;
  pen.clearRect(0, 0, width, height);
  const finite = Array.from(values).filter(Number.isFinite);
  if (finite.length === 0) return;
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  const toX = (i: number) => 3 + (values.length < 2 ? 0.5 : i / (values.length - 1)) * (width - 6);
  const toY = (v: number) => (high > low ? height - 3 - ((v - low) / (high - low)) * (height - 6) : height / 2);

  pen.strokeStyle = color;
  pen.lineWidth = 1.25;
  pen.lineJoin = "round";
  pen.beginPath();
  let drawing = false;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) drawing = false;
    else if (drawing) pen.lineTo(toX(i), toY(values[i]));
    else {
      pen.moveTo(toX(i), toY(values[i]));
      drawing = true;
    }
  }
  pen.stroke();
  if (!Number.isFinite(values[cursor])) return;
  pen.fillStyle = finite.length > 1 ? palette.cursor : color;
  pen.beginPath();
  pen.arc(toX(cursor), toY(values[cursor]), 2.25, 0, 2 * Math.PI);
  pen.fill();
}
