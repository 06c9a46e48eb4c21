/** A curve small enough for a line of text. */

import type { Pen } from "./marks";

export interface SparklineOptions {
  readonly width: number;
  readonly height: number;
  readonly color: string;
}

/** Pixels around the curve, so that a mark at its end is whole. */
export const SPARKLINE_EDGE = 3;

/** Where each value lies within its box, from the top left: 0 … 1. A constant, and a single value, lie in the middle. */
export function sparklinePoint(values: readonly number[]): (index: number) => [x: number, y: number] {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return (i) => [
    values.length < 2 ? 0.5 : i / (values.length - 1),
    high > low ? (high - values[i]) / (high - low) : 0.5,
  ];
}

/** NaN breaks the line; a value between two of them has a dot. */
export function drawSparkline(pen: Pen, values: readonly number[], options: SparklineOptions): void {
  const { width, height, color } = options;
  pen.clearRect(0, 0, width, height);
  const point = sparklinePoint(values);
  const place = (i: number): [number, number] => {
    const [x, y] = point(i);
    return [SPARKLINE_EDGE + x * (width - 2 * SPARKLINE_EDGE), SPARKLINE_EDGE + y * (height - 2 * SPARKLINE_EDGE)];
  };

  pen.strokeStyle = color;
  pen.lineWidth = 1.25;
  pen.lineJoin = "round";
  pen.beginPath();
  let drawing = false;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) drawing = false;
    else if (drawing) pen.lineTo(...place(i));
    else {
      pen.moveTo(...place(i));
      drawing = true;
    }
  }
  pen.stroke();
  pen.fillStyle = color;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]) || Number.isFinite(values[i - 1]) || Number.isFinite(values[i + 1])) continue;
    pen.beginPath();
    pen.arc(...place(i), 1.25, 0, 2 * Math.PI);
    pen.fill();
  }
}
