/**
 * What explanations are held against: the words of `against=`, and the one explanation that is drawn for them.
 *
 * Most references are one step of the focus run. The mean of some steps is for figures only: where a picture is drawn,
 * the step before stands for it. Another run's explanation is that of the same epoch, or of one of its steps.
 */
import type { Against, Run } from "./api";
import { cursorStepNear, cursorSteps, focusRun, nearest, type RunEntry, runsOf, stepsOfRun } from "./state";
import { placeOf, shortStep, stepName, stepNear } from "./steps";
import { type State, store } from "./store";
import { tagsOf } from "./tags";

export type Reference =
  | { kind: "start" | "previous" | "last" }
  | { kind: "trailing"; count: number }
  | { kind: "step"; step: number }
  | { kind: "best"; metric: string }
  /** `step` null: the run's step at the same epoch. */
  | { kind: "run"; run: string; step: number | null };

const STEP = /^-?\d{1,9}$/;
/** Steps of two runs that lie further apart, in epochs, are not held against each other. */
const SAME_EPOCH = 0.5;
export const TRAILING = "trailing:5";

/** @param isRun  names may hold an @: what follows the last one is a step only if no run has the full name */
function parseRun(argument: string, isRun: (name: string) => boolean): Reference {
  const at = argument.lastIndexOf("@");
  const step = argument.slice(at + 1);
  return at < 0 || !STEP.test(step) || isRun(argument)
    ? { kind: "run", run: argument, step: null }
    : { kind: "run", run: argument.slice(0, at), step: Number(step) };
}

/** What `against=` says; undefined for what it cannot say. */
export function parseReference(
  against: Against,
  isRun: (name: string) => boolean = () => false,
): Reference | undefined {
  const colon = against.indexOf(":");
  if (colon < 0) {
    return against === "start" || against === "previous" || against === "last" ? { kind: against } : undefined;
  }
  const [form, argument] = [against.slice(0, colon), against.slice(colon + 1)];
  if (!argument) return undefined;
  if (form === "step") return STEP.test(argument) ? { kind: "step", step: Number(argument) } : undefined;
  if (form === "trailing") {
    return /^([1-9]|[1-4]\d|50)$/.test(argument) ? { kind: "trailing", count: Number(argument) } : undefined;
  }
  if (form === "best") return { kind: "best", metric: argument };
  return form === "run" ? parseRun(argument, isRun) : undefined;
}

export const referenceOf = (state: State): Reference =>
  parseReference(state.against, (name) => runsOf(state).some(({ run }) => run === name)) ?? { kind: "start" };

// ------------------------------------------------------------------------------ what is drawn

/** The step of the focus run that is, or stands for, the reference at the cursor; null for none, and for another run's. */
export function referenceStep(state: State): number | null {
  const steps = cursorSteps(state);
  if (!steps.length) return null;
  const { epoch } = state;
  const reference = referenceOf(state);
  switch (reference.kind) {
    case "start":
      return steps[0];
    case "last":
      return steps[steps.length - 1];
    case "step":
      return nearest(steps, reference.step) ?? null;
    case "best": {
      const { best } = state;
      const known = best?.against === state.against && best.run === focusRun(state)?.run;
      return known ? (nearest(steps, best.step) ?? null) : null;
    }
    case "previous":
    case "trailing":
      return epoch === null ? null : (steps.findLast((s) => s < epoch) ?? null);
    case "run":
      return null;
  }
}

/** The step of the focus run that is marked as the reference; null where the reference is not one step of it. */
export const markedStep = (state: State): number | null =>
  referenceOf(state).kind === "trailing" ? null : referenceStep(state);

/** An explanation: a step of a run. */
export interface Place {
  run: RunEntry;
  step: number;
}

/** The run that explanations are held against where it is not the focus run itself. */
export function referenceRun(state: State): RunEntry | undefined {
  const reference = referenceOf(state);
  return reference.kind === "run" ? runsOf(state).find(({ run }) => run === reference.run) : undefined;
}

/** The explanation that is drawn as the reference: the focus run's, or the other run's. Null where there is none. */
export function drawnReference(state: State): Place | null {
  const [run, reference] = [focusRun(state), referenceOf(state)];
  if (!run) return null;
  if (reference.kind !== "run") {
    const step = referenceStep(state);
    return step === null ? null : { run, step };
  }
  const other = referenceRun(state);
  if (!other || state.epoch === null) return null;
  const place = reference.step === null ? placeOf(run, state.epoch) : placeOf(other, reference.step);
  const step = stepNear(other, stepsOfRun(state, other), place);
  return step === undefined || Math.abs(placeOf(other, step) - place) > SAME_EPOCH ? null : { run: other, step };
}

/** Whether that is what is drawn at a step of a run: nothing to compare. */
export const isPlace = (place: Place | null, run: Run, step: number): boolean =>
  place?.run.run === run.run && place.step === step;

// ------------------------------------------------------------------------------- what is asked

/** `against=` for one explanation, asked of `run`. */
export const againstPlace = ({ run: other, step }: Place, run: Run): Against =>
  other.run === run.run ? `step:${step}` : `run:${other.run}@${step}`;

/** `against=` for a run: a step of the focus run may be missing in another, or count something else: the nearest on the axis of epochs is meant. */
export function againstFor(state: State, run: RunEntry): Against {
  const reference = referenceOf(state);
  if (reference.kind !== "step") return state.against;
  const place = placeOf(focusRun(state), reference.step);
  return `step:${stepNear(run, stepsOfRun(state, run), place) ?? 0}`;
}

/** Names of a run's metrics, by which a step of it can be the best one. */
export const bestBy = (run: Run): string[] =>
  tagsOf(run, "metric")
    .map(([, name]) => name)
    .filter((name) => !/^(lr|learning_rate)$|^explain_/.test(name));

// -------------------------------------------------------------------------------- what it is called

/** Below or beside an explanation drawn in a picture of `run`: "epoch 19", "cnn-wide, epoch 31". */
export const placeName = ({ run: other, step }: Place, run: Run): string =>
  other.run === run.run ? stepName(other, step) : `${other.label}, ${stepName(other, step)}`;

/** The same where there is little room: "19", "cnn-wide 31". */
export const shortPlace = ({ run: other, step }: Place, run: Run): string =>
  other.run === run.run ? shortStep(other, step) : `${other.label} ${shortStep(other, step)}`;

/** What is to be said where one explanation stands for a mean; "" elsewhere. */
export function standsFor(state: State): string {
  const reference = referenceOf(state);
  return reference.kind === "trailing"
    ? `drift is from the mean of the ${reference.count} steps before; drawn is the step before`
    : "";
}

/** What is to be said where one step is drawn for a mean, and no figure of the mean stands beside; "" elsewhere. */
export function notDrawn(state: State): string {
  return referenceOf(state).kind === "trailing" ? "the step before stands for the mean" : "";
}

/** "the start", "epoch 19", "the mean of the 5 steps before", "cnn-wide at epoch 31"; "" for none. */
export function referenceName(state: State): string {
  const reference = referenceOf(state);
  if (reference.kind === "trailing") return `the mean of the ${reference.count} steps before`;
  const drawn = drawnReference(state);
  if (!drawn) return "";
  const name = stepName(drawn.run, drawn.step).replace(/^start$/, "the start");
  if (reference.kind === "run") return `${drawn.run.label} at ${name}`;
  return reference.kind === "best" ? `${name}, the best ${reference.metric}` : name;
}

/** After a figure's unit: "since start", "since 19", "since the step before", "from 5 before", "from cnn-wide". */
export function sinceText(state: State): string {
  const reference = referenceOf(state);
  if (reference.kind === "previous") return "since the step before";
  if (reference.kind === "trailing") return `from ${reference.count} before`;
  if (reference.kind === "run") {
    const other = referenceRun(state);
    return `from ${other?.label ?? reference.run}${other && reference.step !== null ? ` at ${shortStep(other, reference.step)}` : ""}`;
  }
  const step = referenceStep(state);
  return step === null ? "" : `since ${shortStep(focusRun(state), step)}`;
}

// ---------------------------------------------------------------------------------- what is done

/** Measure drift against the step of the focus run nearest to `step`. */
export function setReference(step: number): void {
  const reference = nearest(cursorSteps(store.state), step);
  if (reference !== undefined) store.set({ against: `step:${reference}` }, { push: true });
}

/** Measure drift against the step nearest to a place on the axis of epochs. */
export function setReferencePlace(place: number): void {
  const step = cursorStepNear(store.state, place);
  if (step !== undefined) setReference(step);
}
