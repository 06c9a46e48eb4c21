/** Where epochs lie on a horizontal axis on which each measured step is a column, and which column a point hits. */

export interface EpochRange {
  readonly first: number;
  readonly last: number;
}

/** What lies between two ordinary neighbours of these places, ascending: their median distance, at most an epoch. */
export function spacing(epochs: readonly number[]): number {
  const gaps = epochs
    .slice(1)
    .map((epoch, i) => epoch - epochs[i])
    .filter((gap) => gap > 0)
    .sort((a, b) => a - b);
  return Math.min(1, gaps[gaps.length >> 1] ?? 1);
}

/** The range of epochs that columns at these places fill: half a column beyond the first and the last. */
export const columnRange = (epochs: readonly number[]): EpochRange => ({
  first: (epochs[0] ?? 0) - spacing(epochs) / 2,
  last: (epochs.at(-1) ?? 0) + spacing(epochs) / 2,
});

export const epochToX = (epoch: number, range: EpochRange, width: number): number =>
  ((epoch - range.first) / (range.last - range.first)) * width;

export const xToEpoch = (x: number, range: EpochRange, width: number): number =>
  range.first + (x / width) * (range.last - range.first);

/**
 * Left edges of the columns at these places and the right edge of the last, in whole pixels: S + 1 numbers.
 * A column reaches half-way to its neighbours, so thinned steps leave no gaps; where steps are denser than
 * pixels some columns are empty.
 */
export function columnEdges(epochs: readonly number[], range: EpochRange, width: number): number[] {
  if (epochs.length === 0) return [0];
  const between = epochs.slice(1).map((epoch, i) => (epochs[i] + epoch) / 2);
  const half = spacing(epochs) / 2;
  const clamp = (x: number) => Math.min(width, Math.max(0, Math.round(x)));
  return [epochs[0] - half, ...between, epochs[epochs.length - 1] + half].map((epoch) =>
    clamp(epochToX(epoch, range, width)),
  );
}

/** Index of the one of these numbers, ascending, that is nearest to another, the earlier of two; −1 without any. */
export function nearestIndex(numbers: readonly number[], wanted: number): number {
  let low = 0;
  let high = numbers.length - 1;
  if (high < 0) return -1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle + 1] - wanted < wanted - numbers[middle]) low = middle + 1;
    else high = middle;
  }
  return low;
}
