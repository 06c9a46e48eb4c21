/** An embedding as figures: how wide it is over the whole run, who moved how far, where classes have their centres. */
import type { Numbers } from "../safetensors";
import type { Embedding, Embeddings } from "./frames";

/** Which axes are drawn: from left to right, and upwards. */
export type Plane = readonly [x: number, y: number];

/** The planes of three axes, or of fewer. */
export const planesOf = (axes: number): Plane[] =>
  (
    [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const
  ).filter(([, y]) => y < Math.max(2, axes));

/** One coordinate of a sample; 0 on an axis that there is not. */
export const coordinate = (
  { points, axes }: Pick<Embedding, "points" | "axes">,
  sample: number,
  axis: number,
): number => (axis < axes ? points[sample * axes + axis] : 0);

export const samplesOf = ({ points, axes }: Embedding): number => points.length / axes;

export interface Extent {
  low: number[];
  high: number[];
}

/** Between which coordinates all points of all frames lie, by axis; what is not finite is left out. */
export function extentOf(frames: readonly Embedding[]): Extent {
  const axes = Math.max(2, ...frames.map((frame) => frame.axes));
  const [low, high] = [Array(axes).fill(Number.POSITIVE_INFINITY), Array(axes).fill(Number.NEGATIVE_INFINITY)];
  for (const frame of frames) {
    for (let i = 0; i < frame.points.length; i++) {
      const [axis, value] = [i % frame.axes, frame.points[i]];
      if (!Number.isFinite(value)) continue;
      if (value < low[axis]) low[axis] = value;
      if (value > high[axis]) high[axis] = value;
    }
  }
  return {
    low: low.map((value) => (Number.isFinite(value) ? value : -1)),
    high: high.map((value) => (Number.isFinite(value) ? value : 1)),
  };
}

/** From coordinates to pixels. */
export interface Projection {
  x(value: number): number;
  y(value: number): number;
  /** By how much the shorter axis is drawn larger than the longer one. */
  stretched: { axis: number; by: number };
}

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Of a cloud that is long and flat the flat side is drawn larger, by no more than this: distances can still be compared. */
const MOST_STRETCHED = 3;

export function projectionOf({ low, high }: Extent, [across, up]: Plane, box: Box): Projection {
  const span = (axis: number) => high[axis] - low[axis];
  const [wide, tall] = [span(across) || span(up) || 1, span(up) || span(across) || 1];
  const [fitsX, fitsY] = [box.width / wide, box.height / tall];
  const least = Math.min(fitsX, fitsY);
  const most = (own: number, other: number) => least * Math.min(MOST_STRETCHED, Math.max(1, other / own));
  const [x, y] = [Math.min(fitsX, most(wide, tall)), Math.min(fitsY, most(tall, wide))];
  const middle = (axis: number) => (low[axis] + high[axis]) / 2;
  return {
    x: (value) => box.left + box.width / 2 + (value - middle(across)) * x,
    y: (value) => box.top + box.height / 2 - (value - middle(up)) * y,
    stretched: x > y ? { axis: across, by: x / y } : { axis: up, by: y / x },
  };
}

/** Root of the mean squared distance of the points from their mean; NaN where none is finite. */
export function spreadOf(embedding: Embedding): number {
  const { points, axes } = embedding;
  let squares = 0;
  for (let axis = 0; axis < axes; axis++) {
    let [sum, square, count] = [0, 0, 0];
    for (let i = axis; i < points.length; i += axes) {
      if (!Number.isFinite(points[i])) continue;
      sum += points[i];
      square += points[i] ** 2;
      count += 1;
    }
    if (!count) return Number.NaN;
    squares += Math.max(0, square / count - (sum / count) ** 2);
  }
  return Math.sqrt(squares);
}

/** How far each sample went between two embeddings, in spreads of the later one: distances on all axes. */
export function movedBy(now: Embedding, reference: Embedding | undefined): Float64Array {
  const moved = new Float64Array(samplesOf(now)).fill(Number.NaN);
  if (!reference || reference.points.length !== now.points.length) return moved;
  const spread = spreadOf(now) || Number.NaN;
  for (let sample = 0; sample < moved.length; sample++) {
    let squares = 0;
    for (let axis = 0; axis < now.axes; axis++) {
      squares += (coordinate(now, sample, axis) - coordinate(reference, sample, axis)) ** 2;
    }
    moved[sample] = Math.sqrt(squares) / spread;
  }
  return moved;
}

/** Samples by how far they went, the farthest first; those of which it is not known last, in their own order. */
export function farthestFirst(moved: Float64Array): number[] {
  const far = (sample: number): number => (Number.isFinite(moved[sample]) ? moved[sample] : -1);
  return Array.from(moved, (_, sample) => sample).sort((a, b) => far(b) - far(a) || a - b);
}

export interface Centre {
  class: number;
  count: number;
  x: number;
  y: number;
  /** Standard deviation of y. */
  spread: number;
}

/** The mean of each class's finite points on a plane, the largest class first. */
export function centresOf(embedding: Embedding, classes: readonly number[], [across, up]: Plane): Centre[] {
  const sums = new Map<number, Centre>();
  for (let sample = 0; sample < samplesOf(embedding); sample++) {
    const [x, y] = [coordinate(embedding, sample, across), coordinate(embedding, sample, up)];
    const of = classes[sample] ?? -1;
    if (of < 0 || !Number.isFinite(x + y)) continue;
    const sum = sums.get(of) ?? { class: of, count: 0, x: 0, y: 0, spread: 0 };
    sums.set(of, { class: of, count: sum.count + 1, x: sum.x + x, y: sum.y + y, spread: sum.spread + y * y });
  }
  return [...sums.values()]
    .map(({ class: of, count, x, y, spread }) => {
      const [middle, height] = [x / count, y / count];
      return { class: of, count, x: middle, y: height, spread: Math.sqrt(Math.max(0, spread / count - height ** 2)) };
    })
    .sort((a, b) => b.count - a.count || a.class - b.class);
}

/** How many samples have a coordinate that is not finite. */
export function broken({ points, axes }: { points: Numbers; axes: number }): number {
  let count = 0;
  for (let first = 0; first < points.length; first += axes) {
    if (!points.subarray(first, first + axes).every(Number.isFinite)) count += 1;
  }
  return count;
}

/** Corners of a trail: more cannot be told apart. */
const MOST_CORNERS = 40;

/** Frames from one step to another, at most so many that a trail can be followed; both ends are among them. */
export function pathBetween({ at }: Embeddings, from: number, to: number): Embedding[] {
  if (from < 0 || from === to) return [at[to]];
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  const path = at.slice(low, high + 1);
  const every = Math.ceil(path.length / MOST_CORNERS);
  const kept = path.filter((_, i) => i % every === 0 || i === path.length - 1);
  return from < to ? kept : kept.reverse();
}
