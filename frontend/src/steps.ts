/**
 * A run's steps on the axis of epochs, and what they are called.
 *
 * Steps are epochs or, where epochs are long, iterations of the optimizer. All axes are of epochs, so that runs of both
 * kinds share them; a *place* is a position on that axis.
 */
import type { Run } from "./api";
import { minus, thousands } from "./format";

const places = new WeakMap<Run, Map<number, number>>();

function placesOf(run: Run): Map<number, number> {
  const known = places.get(run);
  if (known) return known;
  const made = new Map(run.step_lists.flatMap((steps, i) => steps.map((s, k) => [s, Number(run.epoch_lists[i]?.[k])])));
  places.set(run, made);
  return made;
}

const countsIterations = (run: Run | undefined): run is Run => run?.step_unit === "iteration";

/** Where a step lies on the axis of epochs; NaN for an iteration that no clock has placed. */
export const placeOf = (run: Run | undefined, step: number): number =>
  countsIterations(run) ? (placesOf(run).get(step) ?? Number.NaN) : step;

export const placesAt = (run: Run | undefined, steps: readonly number[]): number[] =>
  steps.map((step) => placeOf(run, step));

/** Those of a run's steps that have a place: within a first epoch of unknown length, iterations have none yet. */
export const placed = (run: Run, steps: readonly number[]): readonly number[] =>
  countsIterations(run) ? steps.filter((step) => Number.isFinite(placeOf(run, step))) : steps;

/** The element of `steps`, which ascend, nearest to `step`; of two the lower; undefined where there are none. */
export function nearest(steps: readonly number[], step: number): number | undefined {
  let [low, high] = [0, steps.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] < step) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [steps[low - 1], steps[low]];
  return before !== undefined && step - before <= Math.abs(after - step) ? before : after;
}

/** The one of a run's `steps` that lies nearest to a place; undefined where there are none. */
export function stepNear(run: Run | undefined, steps: readonly number[], place: number): number | undefined {
  if (!countsIterations(run)) return nearest(steps, place);
  let best: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const step of steps) {
    const apart = Math.abs(placeOf(run, step) - place);
    if (apart < least) [best, least] = [step, apart];
  }
  return best;
}

/** The step before a run's first batch: its first of all. */
const startOf = (run: Run): number => Math.min(...run.step_lists.flatMap((steps) => steps.slice(0, 1)));

/** A place as it is written: "12", "2.35". */
export const placeText = (place: number): string => (Number.isFinite(place) ? minus(Number(place.toFixed(2))) : "–");

const epochText = (run: Run | undefined, step: number): string =>
  countsIterations(run) ? placeText(placeOf(run, step)) : minus(step);

/** "start" for the step before the first batch, else "epoch 12" or "epoch 2.35". */
export const stepName = (run: Run | undefined, step: number): string =>
  run && step === startOf(run) ? "start" : `epoch ${epochText(run, step)}`;

/** The same with the iteration, where there is room: "epoch 2.35 · batch 1175". */
export const longStepName = (run: Run | undefined, step: number): string =>
  countsIterations(run) && step !== startOf(run)
    ? `${stepName(run, step)} · batch ${thousands(step)}`
    : stepName(run, step);

/** The same where "epoch" is clear or has no room: "start", "12", "2.35". */
export const shortStep = (run: Run | undefined, step: number): string =>
  run && step === startOf(run) ? "start" : epochText(run, step);

/** "batch 1175"; "" where steps are epochs. */
export const batchText = (run: Run | undefined, step: number): string =>
  countsIterations(run) ? `batch ${thousands(step)}` : "";
