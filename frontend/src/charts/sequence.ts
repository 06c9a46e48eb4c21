/** A sequence: the curves of its channels over what each step in time contributed. */

import { type ColorScale, colorAt, css } from "./color";
import type { Palette, Pen } from "./marks";

export interface Sequence {
  /** Attribution [steps, channels], or one value a step. */
  readonly values: ArrayLike<number>;
  readonly steps: number;
  /** What the sample looks like, [steps, channels]; undefined where inputs are not logged. */
  readonly signal: ArrayLike<number> | undefined;
  readonly channels: number;
}

export interface SequenceOptions {
  readonly width: number;
  readonly height: number;
  /** The |value| at the end of the scale. */
  readonly limit: number;
  readonly scale: ColorScale;
  readonly palette: Palette;
  /** A lane for each channel; else all curves in one, over the sums of their attributions. */
  readonly lanes: boolean;
}

/** CSS pixels between two lanes. */
const GAP = 2;

export function drawSequence(pen: Pen, sequence: Sequence, options: SequenceOptions): void {
  const { width, height, lanes } = options;
  const { channels } = sequence;
  pen.clearRect(0, 0, width, height);
  const count = lanes ? channels : 1;
  const each = (height - GAP * (count - 1)) / count;
  for (let lane = 0; lane < count; lane++) {
    const top = lane * (each + GAP);
    shade(pen, sequence, lanes ? lane : undefined, top, each, options);
    for (let channel = 0; channel < channels; channel++) {
      if (!lanes || channel === lane) strokeCurve(pen, sequence, channel, top, each, options);
    }
  }
}

/** What a step contributed: by one channel, or by all of them where values are not told apart, or `channel` is not given. */
function contribution({ values, steps, channels }: Sequence, step: number, channel: number | undefined): number {
  const perStep = values.length / steps;
  if (channel !== undefined && perStep === channels) return values[step * perStep + channel];
  let sum = 0;
  for (let i = 0; i < perStep; i++) sum += values[step * perStep + i];
  return sum;
}

function shade(
  pen: Pen,
  sequence: Sequence,
  channel: number | undefined,
  top: number,
  height: number,
  { width, limit, scale, palette }: SequenceOptions,
): void {
  const pitch = width / sequence.steps;
  for (let step = 0; step < sequence.steps; step++) {
    const value = contribution(sequence, step, channel);
    const left = Math.round(step * pitch);
    const right = Math.max(left + 1, Math.round((step + 1) * pitch));
    const broken = !Number.isFinite(value);
    pen.fillStyle = broken ? palette.line2 : css(colorAt(scale.lut, scale.index(value, limit)));
    // What is not finite is a stripe along the middle: nothing that a value looks like.
    if (broken) pen.fillRect(left, top + height / 2 - 1, right - left, 3);
    else pen.fillRect(left, top, right - left, height);
  }
}

function strokeCurve(
  pen: Pen,
  { signal, steps, channels }: Sequence,
  channel: number,
  top: number,
  height: number,
  { width, palette }: SequenceOptions,
): void {
  if (!signal) return;
  const at = (step: number): number => signal[step * channels + channel];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let step = 0; step < steps; step++) {
    if (!Number.isFinite(at(step))) continue;
    low = Math.min(low, at(step));
    high = Math.max(high, at(step));
  }
  const toY = (value: number): number =>
    top + (high > low ? height - 3 - ((value - low) / (high - low)) * (height - 6) : height / 2);
  pen.strokeStyle = palette.ink;
  pen.lineWidth = 1;
  pen.lineJoin = "round";
  pen.beginPath();
  let drawing = false;
  for (let step = 0; step < steps; step++) {
    const value = at(step);
    const x = ((step + 0.5) * width) / steps;
    if (!Number.isFinite(value)) drawing = false;
    else if (drawing) pen.lineTo(x, toY(value));
    else {
      pen.moveTo(x, toY(value));
      drawing = true;
    }
  }
  pen.stroke();
}
