/** What Samples draws while the cursor moves: frames in memory and their figures, until those of the step it rests at are there. */
import { type Against, type Comparison, type Inputs, peekAttribution, peekPredictions, stepsInMemory } from "../api";
import { drawnReference, isPlace, type Place, parseReference } from "../references";
import { cursorSteps, focusMethod, focusRun, nearest, type RunEntry, type State, shownMethod } from "../state";
import { predictionAt } from "./samples_ahead";
import type { Frames, LimitsOf, Picture, Scale, Subject, Verdicts } from "./samples_data";
import { type SampleRow, sampleDrift, sampleRow } from "./samples_model";

/** What is compared with; a single step has nothing to be compared with. */
export function comparedPlace(state: State): Place | null {
  const drawn = drawnReference(state);
  const alone = cursorSteps(state).length === 1 && drawn?.run.run === focusRun(state)?.run;
  return alone ? null : drawn;
}

/** The cursor's step where its frame is in memory, else the nearest whose is. */
function stepToDraw({ run, tag }: Subject, state: State): number | undefined {
  const { epoch } = state;
  if (epoch === null || peekAttribution(run.run, tag, epoch)) return epoch ?? undefined;
  return nearest(stepsInMemory(run.run, tag, cursorSteps(state)), epoch);
}

/** The reference of a step where that is in memory, else that of the step the cursor rested at. */
function reference({ tag }: Subject, state: State, step: number, frames: Frames | undefined) {
  const place = comparedPlace({ ...state, epoch: step });
  const same = place !== null && isPlace(frames?.referenceAt ?? null, place.run, place.step);
  const frame = place && !same ? peekAttribution(place.run.run, tag, place.step) : undefined;
  if (place === null || frame) return { referenceAt: place, reference: frame };
  return { referenceAt: frames?.referenceAt ?? place, reference: frames?.reference };
}

const NONE: LimitsOf = () => ({ cards: 0, cells: 0 });

/**
 * @param frames  of the step the cursor rested at, last
 * @param scale   of the colours: by those frames, so that it stays while the cursor moves
 */
export function livePicture(
  subject: Subject,
  state: State,
  frames: Frames | undefined,
  inputs: Inputs | undefined,
  scale: Scale = "all",
): Picture {
  const step = stepToDraw(subject, state) ?? frames?.step;
  const live = step === undefined ? undefined : peekAttribution(subject.run.run, subject.tag, step);
  const nowStep = (live ? step : frames?.step) ?? state.epoch ?? 0;
  const method = focusMethod(state);
  return {
    ...subject,
    steps: cursorSteps(state),
    method: shownMethod(state) ?? "",
    signed: method?.signed ?? true,
    unit: method?.unit ?? "",
    inputs,
    now: live ?? frames?.now,
    nowStep,
    ...reference(subject, state, nowStep, frames),
    limits: frames?.limits[scale] ?? NONE,
  };
}

/** The same object as before while all its parts are: what is given to elements, which draw anew when they are given another. */
export function steady<T extends object>(): (next: T) => T {
  let last: T | undefined;
  return (next) => {
    const keys = Object.keys(next) as (keyof T)[];
    if (!last || keys.some((key) => next[key] !== last?.[key])) last = next;
    return last;
  };
}

/** The row of each sample at the drawn step; figures that are not in memory are those of the step the cursor rested at. */
export function liveRows(
  picture: Picture,
  against: Against,
  verdicts: Verdicts | undefined,
  comparison: Comparison | undefined,
): (index: number) => SampleRow {
  const { manifest, now, referenceAt, reference: before } = picture;
  const said = predictionAt(picture.run, picture.nowStep)?.[1];
  const predicted = (run: RunEntry, step: number) => {
    const known = predictionAt(run, step);
    return known && peekPredictions(run.run, ...known);
  };
  const sources = {
    manifest,
    now: predicted(picture.run, picture.nowStep) ?? verdicts?.now,
    saidAt: said === picture.nowStep ? undefined : said,
    reference: (referenceAt && predicted(referenceAt.run, referenceAt.step)) ?? verdicts?.reference,
    attribution: now,
    comparison: comparison?.step === picture.nowStep ? comparison : undefined,
  };
  // Drift from a mean of steps is the server's alone.
  const own = !sources.comparison && now && before && parseReference(against)?.kind !== "trailing";
  const made = (index: number): SampleRow => {
    const row = sampleRow(sources, index);
    return own ? { ...row, drift: sampleDrift(now, before, index) } : row;
  };
  const rows: SampleRow[] = [];
  return (index) => {
    rows[index] ??= made(index);
    return rows[index];
  };
}
