/** Where epochs lie on a horizontal axis on which each measured step is a column, and which column a point hits. */

export interface EpochRange {
  readonly first: number;
  readonly last: number;
}

/** The range of epochs that columns of these steps fill: half an epoch beyond the first and the last. */
export const columnRange = (steps: readonly number[]): EpochRange => ({
  first: (steps[0] ?? 0) - 0.5,
  last: (steps.at(-1) ?? 0) + 0.5,
});

export const epochToX = (epoch: number, range: EpochRange, width: number): number =>
  ((epoch - range.first) / (range.last - range.first)) * width;

export const xToEpoch = (x: number, range: EpochRange, width: number): number =>
  range.first + (x / width) * (range.last - range.first);

/**
 * Left edges of the steps' columns and the right edge of the last, in whole pixels: S + 1 numbers.
 * A column reaches half-way to its neighbours, so thinned steps leave no gaps; where steps are denser than
 * pixels some columns are empty.
 */
export function columnEdges(steps: readonly number[], range: EpochRange, width: number): number[] {
  if (steps.length === 0) return [0];
  const between = steps.slice(1).map((step, i) => (steps[i] + step) / 2);
  const clamp = (x: number) => Math.min(width, Math.max(0, Math.round(x)));
  return [steps[0] - 0.5, ...between, steps[steps.length - 1] + 0.5].map((epoch) =>
    clamp(epochToX(epoch, range, width)),
  );
}

/** Index of the step nearest to an epoch, the earlier of two; −1 without steps. Steps ascend. */
export function nearestIndex(steps: readonly number[], epoch: number): number {
  let low = 0;
  let high = steps.length - 1;
  if (high < 0) return -1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle + 1] - epoch < epoch - steps[middle]) low = middle + 1;
    else high = middle;
  }
  return low;
}
