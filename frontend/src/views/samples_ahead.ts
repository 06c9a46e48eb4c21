/** Frames fetched before they are asked for, so that moving the cursor draws from memory. */
import { getAttribution, getPredictions } from "../api";
import { atOrBefore, type RunEntry, store } from "../state";
import { findTag, stepsOf } from "../tags";

const AT_ONCE = 3;
const NEIGHBOURS = [1, -1, 2, -2];
/** What is fetched without being near: steps over the whole run, as many as these bytes hold. */
const SPREAD = { steps: 24, bytes: 16_000_000 };
/** How far playing looks ahead. */
const PLAYED = 12;

/**
 * Steps worth having beside the one at `step`, the most urgent first: those that playing comes to, or the neighbours
 * and then some over the whole run, so that a first drag finds something near wherever it passes.
 *
 * @param bytes of a frame
 */
export function stepsAhead(steps: readonly number[], step: number, bytes: number, playing: boolean): number[] {
  const at = steps.indexOf(step);
  if (playing) return steps.slice(at + 1, at + 1 + PLAYED);
  const near = NEIGHBOURS.map((by) => steps[at + by]).filter((found) => found !== undefined);
  const count = Math.min(SPREAD.steps, steps.length, Math.floor(SPREAD.bytes / Math.max(1, bytes)));
  const far = Array.from(
    { length: count },
    (_, i) => steps[Math.round((i * (steps.length - 1)) / Math.max(1, count - 1))],
  );
  return [...new Set([...near, ...far])].filter((found) => found !== step);
}

/** The tag of a run's predictions and the step of it that is known at `step`. */
export function predictionAt(run: RunEntry, step: number): [tag: string, step: number] | undefined {
  const tag = findTag(run, "predictions");
  const known = atOrBefore(stepsOf(run, tag), step);
  return tag && known !== undefined ? [tag, known] : undefined;
}

/**
 * A queue of steps to fetch, few at once; what is wanted anew takes the place of what is still waiting.
 *
 * @param done  called when all of them are there
 */
export function fetchAhead(done: () => void): (run: RunEntry, tag: string, steps: readonly number[]) => void {
  let waiting: (() => Promise<unknown>)[] = [];
  let underWay = 0;
  const next = (): void => {
    while (underWay < AT_ONCE && waiting.length > 0 && store.state.visible) {
      underWay += 1;
      const fetch = waiting.shift();
      // Nobody waits for them: what cannot be read is told where it is looked at.
      void fetch?.()
        .catch(() => undefined)
        .finally(() => {
          underWay -= 1;
          if (underWay === 0 && waiting.length === 0) done();
          next();
        });
    }
  };
  return (run, tag, steps) => {
    waiting = steps.map((step) => () => {
      const prediction = predictionAt(run, step);
      return Promise.all([getAttribution(run.run, tag, step), prediction && getPredictions(run.run, ...prediction)]);
    });
    next();
  };
}
