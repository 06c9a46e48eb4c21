/**
 * TensorBoard's smoothing: an exponential moving average of what was measured so far, divided by the sum of its weights so that it
 * does not start near zero. With weight w, the n-th of the finite values is replaced by Σ wᵏ xₙ₋ₖ / Σ wᵏ, k from 0 to n − 1.
 */
import type { Line } from "./curve_data";

export const MOST_SMOOTHING = 0.999;

/** ".60", ".999" */
export const weightText = (weight: number): string =>
  String(Number(weight.toFixed(3)))
    .slice(1)
    .padEnd(3, "0");

/** @param weight 0 (as it is) to 0.999; what is not finite stays so, and the average goes on after it */
export function smooth(values: readonly number[], weight: number): number[] {
  let sum = 0;
  let weights = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    sum = weight * sum + value;
    weights = weight * weights + 1;
    return sum / weights;
  });
}

/** Lines smoothed, each but those aside with its own values faint behind it. A line with a band, and one to be held against, stay as measured. */
export function smoothLines(lines: readonly Line[], weight: number): readonly Line[] {
  if (weight <= 0) return lines;
  return lines.flatMap((line) =>
    line.band || line.dashed
      ? [line]
      : [
          ...(line.aside ? [] : [{ ...line, name: undefined, faint: true, aside: true }]),
          { ...line, values: smooth(line.values, weight), measured: line.values },
        ],
  );
}
