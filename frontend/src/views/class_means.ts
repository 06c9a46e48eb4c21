/** What an input's cells contribute on average over the samples of a class. */

import type { SampleArray } from "../api";
import type { Numbers } from "../safetensors";
import type { SampleClass } from "./class_samples";
import { allOf } from "./samples_model";

/** Cells as the array has them, flattened. */
export interface ClassMean {
  mean: Float32Array;
  /** Of the mean over samples; NaN of fewer than two. */
  standardError: Float32Array;
  /** How many samples it is over. */
  count: number;
  /** How many have values that are not finite: those are left out. */
  leftOut: number;
}

/** One a class, in the order given; NaN of a class none of whose samples is finite. The same as before for the same array and classes. */
export const classMeans = heldBy((array: SampleArray, classes: readonly SampleClass[]): ClassMean[] => {
  const [values, cells] = [allOf(array), array.data.length / Math.max(1, array.shape[0])];
  return classes.map(({ samples }) => meanOver(values, cells, samples));
});

function meanOver(values: Numbers, cells: number, samples: readonly number[]): ClassMean {
  const [sum, squares] = [new Float64Array(cells), new Float64Array(cells)];
  let count = 0;
  for (const sample of samples) {
    const own = values.subarray(sample * cells, (sample + 1) * cells);
    if (!allFinite(own)) continue;
    count += 1;
    for (let cell = 0; cell < cells; cell++) {
      sum[cell] += own[cell];
      squares[cell] += own[cell] * own[cell];
    }
  }
  return {
    mean: Float32Array.from(sum, (total) => total / count),
    standardError: Float32Array.from(squares, (total, cell) => standardError(sum[cell], total, count)),
    count,
    leftOut: samples.length - count,
  };
}

/** Of a mean, from the sums of its values and of their squares; NaN of fewer than two. */
export const standardError = (sum: number, squares: number, count: number): number =>
  count > 1 ? Math.sqrt(Math.max(0, squares - (sum * sum) / count) / (count - 1) / count) : Number.NaN;

export function allFinite(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** The result for an object is kept as long as the object is, and made anew for other arguments. */
export function heldBy<K extends object, A extends readonly unknown[], T>(make: (key: K, ...rest: A) => T) {
  const known = new WeakMap<K, { rest: A; result: T }>();
  return (key: K, ...rest: A): T => {
    const held = known.get(key);
    if (held?.rest.every((argument, i) => argument === rest[i])) return held.result;
    const result = make(key, ...rest);
    known.set(key, { rest, result });
    return result;
  };
}

/** The cells that weigh most in any of the classes, by |mean|, the heaviest first. */
export function strongestCells(means: readonly ClassMean[], most: number): number[] {
  const peaks = new Float64Array(means[0]?.mean.length ?? 0);
  for (const { mean } of means) {
    for (let cell = 0; cell < peaks.length; cell++) {
      const size = Math.abs(mean[cell]);
      if (size > peaks[cell]) peaks[cell] = size;
    }
  }
  return Array.from(peaks, (_, cell) => cell)
    .sort((a, b) => peaks[b] - peaks[a] || a - b)
    .slice(0, most);
}
