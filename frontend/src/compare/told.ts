/** Where there is nothing to say of a pair: why, and what to do. */

import { shortHash } from "../format";
import { drawnReference, isPlace, type Place, referenceRun } from "../references";
import { comparable, cursorSteps, nearest, type RunEntry, runsOf, type State } from "../state";
import { stepName } from "../steps";

export interface Told {
  title: string;
  text: string;
  /** A step at which there is something to say. */
  step?: number;
  /** Whether no choice of epochs would help. */
  warn?: boolean;
}

/** @param place what A is held against; undefined is the answer where A and B differ */
export function whyNothing(state: State, run: RunEntry, place: Place | null): Told | undefined {
  const other = referenceRun(state);
  if (other && !comparable(other, run))
    return {
      title: `${other.label} explained other samples`,
      text: `Its probe is ${shortHash(other.probe)}, that of ${run.label} ${shortHash(run.probe)}: figures of different samples cannot be held against each other. Choose another run as B, or train both with the same probe.`,
      warn: true,
    };
  if (other && !place)
    return {
      title: "No explanation at this epoch",
      text: `${other.label} has none within half an epoch of ${stepName(run, state.epoch ?? 0)}: move the cursor to an epoch that both runs explained.`,
      step: nearest(
        cursorSteps(state).filter((step) => drawnReference({ ...state, epoch: step })),
        state.epoch ?? 0,
      ),
    };
  if (cursorSteps(state).length === 1 && !other)
    return {
      title: "One explanation so far",
      text: `Nothing can differ yet. The next explained epoch can be compared with this one${runsOf(state).length > 1 ? ", or choose another run as B" : ""}.`,
    };
  if (!place)
    return {
      title: "No reference",
      text: "There is no step before this one: move the cursor, or choose another reference.",
    };
  if (isPlace(place, run, state.epoch ?? Number.NaN))
    return {
      title: "A and B are the same explanation",
      text: "Move the cursor, Shift-click another epoch in the picture, or choose another run as B.",
    };
  return undefined;
}
