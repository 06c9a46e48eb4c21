/**
 * The tab's state: the store, what follows from what is in it, and how it is changed.
 *
 * Elements read `store.state` and ask to be told with `new Watch(this)`; they change it by `set` or, for the cursor and
 * the focus, by the functions below, which keep to what exists; runs.ts has those for the runs, references.ts for the reference.
 */
import type { Manifest, ManifestMethod, Run } from "./api";
import { memo } from "./memo";
import { chosenRuns, focusRun, type RunEntry, runsOf } from "./runs";
import { nearest, placed, placeOf, stepNear } from "./steps";
import { type State, store } from "./store";
import { findTag, stepsOf, tagsOf } from "./tags";

export { comparable, focusRun, type RunEntry, runsOf, shownRuns, toggleRun } from "./runs";
export { nearest } from "./steps";
export { type State, Store, store, Watch } from "./store";

// ---------------------------------------------------------------------------- what follows

export const focusManifest = (state: State): Manifest | undefined => state.manifests[focusRun(state)?.run ?? ""];

/** Names of a run's methods with attributions of single samples, in the order of its manifest where that has been read. */
export const methodsOf = (state: State, run: Run): string[] => inOrder(run, state.manifests[run.run]);

function inOrder(run: Run, manifest: Manifest | undefined): string[] {
  const order = manifest?.methods.map(({ name }) => name) ?? [];
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return tagsOf(run, "attribution")
    .map(([, name]) => name)
    .sort((a, b) => place(a) - place(b));
}

const FIRST_CHOICE = "integrated_gradients";

/** Whether a method says how features weigh, but explains no single sample. */
export const explainsFeaturesOnly = (run: Run, method: string): boolean =>
  findTag(run, "attribution", method) === undefined && tagsOf(run, "importance").some(([, name]) => name === method);

/** Whether any of the runs knows a method: a link may name one that none does. */
export const isKnown = (method: string, runs: readonly Run[]): boolean =>
  runs.some((run) => findTag(run, "attribution", method) !== undefined || explainsFeaturesOnly(run, method));

/**
 * The method whose attributions all runs are shown by: the chosen one, whether the focus run has it or not. Without a choice, or after one
 * that explains features only or that no run knows, integrated gradients where the focus run has them, else the first method that it has.
 */
export const shownMethod = (state: State): string | undefined =>
  pickMethod(state.method, runsOf(state), focusRun(state), focusManifest(state));

const pickMethod = memo(
  (method: string, runs: readonly Run[], run: Run | undefined, manifest: Manifest | undefined): string | undefined => {
    if (isKnown(method, runs) && !(run && explainsFeaturesOnly(run, method))) return method;
    const names = run ? inOrder(run, manifest) : [];
    return names.find((name) => name === FIRST_CHOICE) ?? names[0];
  },
);

/** The shown method where the run has it; undefined where it lacks it. */
export function methodOf(state: State, run: Run): string | undefined {
  const method = shownMethod(state);
  return method !== undefined && findTag(run, "attribution", method) ? method : undefined;
}

export function attributionTag(state: State, run: Run): string | undefined {
  const method = methodOf(state, run);
  return method === undefined ? undefined : findTag(run, "attribution", method);
}

/** The focus run and its manifest; null until that has been read. */
export function described(state: State): { run: RunEntry; manifest: Manifest } | null {
  const [run, manifest] = [focusRun(state), focusManifest(state)];
  return run && manifest ? { run, manifest } : null;
}

/** The focus run and the tag of the shown method's attributions; null where it lacks them. */
export function explained(state: State): { run: RunEntry; tag: string } | null {
  const run = focusRun(state);
  const tag = run && attributionTag(state, run);
  return run && tag ? { run, tag } : null;
}

/** What the focus run's manifest says of the shown method. */
export function focusMethod(state: State): ManifestMethod | undefined {
  const name = shownMethod(state);
  return focusManifest(state)?.methods.find((method) => method.name === name);
}

const stops = new WeakMap<Run, Map<string | undefined, readonly number[]>>();

/** Steps that the cursor stops at in a run: those of the shown method, or of all it has but metrics. The same array each time. */
export function stepsOfRun(state: State, run: Run): readonly number[] {
  const tag = attributionTag(state, run);
  const known = stops.get(run) ?? new Map();
  stops.set(run, known);
  const steps = known.get(tag) ?? placed(run, tag ? stepsOf(run, tag) : allSteps(run));
  known.set(tag, steps);
  return steps;
}

const EXPLAINED = [
  "attribution",
  "importance",
  "health",
  "activation",
  "gradient",
  "weight",
  "embedding",
  "boundary",
  "surrogate",
];

function allSteps(run: Run): number[] {
  const steps = EXPLAINED.flatMap((kind) => tagsOf(run, kind).flatMap(([found]) => stepsOf(run, found)));
  return [...new Set(steps)].sort((a, b) => a - b);
}

export function cursorSteps(state: State): readonly number[] {
  const run = focusRun(state);
  return run ? stepsOfRun(state, run) : [];
}

/** The last of `steps` that is not after `step`: what was known then. */
export const atOrBefore = (steps: readonly number[], step: number): number | undefined =>
  steps.findLast((s) => s <= step);

/** Where a step of the focus run lies on the axis of epochs; null for none. */
export const cursorPlace = (state: State, step: number | null): number | null =>
  step === null ? null : placeOf(focusRun(state), step);

/** The step at which the cursor stops nearest to a place on the axis of epochs. */
export const cursorStepNear = (state: State, place: number): number | undefined =>
  stepNear(focusRun(state), cursorSteps(state), place);

// ---------------------------------------------------------------------------- what is done

/** The reference as the new focus run has it: a step stays at its epoch, and a run that was held against the new one is what that is held against. */
function ownReference(
  against: string,
  before: string | undefined,
  now: string,
  moved: (step: number) => number,
): string {
  if (against.startsWith("step:")) return `step:${moved(Number(against.slice(5)))}`;
  return before !== undefined && against === `run:${now}` ? `run:${before}` : against;
}

/**
 * Make details those of this run, which is then drawn too. The cursor and the reference stay at their epochs.
 *
 * @param shown runs that are drawn beside it: those that are, if left out
 */
export function setFocus(run: string, shown: ReadonlySet<string> = chosenRuns(store.state)): void {
  const { state } = store;
  const before = focusRun(state);
  const now = { ...state, focus: run, shown: new Set([...shown, run]) };
  const moved = (step: number) => cursorStepNear(now, placeOf(before, step)) ?? step;
  const { against } = state;
  const epoch = state.epoch === null ? null : moved(state.epoch);
  const changed = run !== before?.run && {
    epoch,
    asked: null,
    resting: epoch, // nothing is to be asked of the other run's step
    against: ownReference(against, before?.run, run, moved),
  };
  store.set({ focus: run, shown: now.shown, ...changed }, { push: true });
}

/** Draw this run alone. */
export const showOnly = (run: string): void => setFocus(run, new Set());

/**
 * Where the cursor stands that is wanted at a step: at the nearest there is; `asked` keeps the step until it comes, or the cursor is moved.
 *
 * @param wanted null: the last step
 */
export function standAt(state: State, wanted: number | null): Pick<State, "epoch" | "asked"> {
  const steps = cursorSteps(state);
  const epoch = (wanted === null ? steps.at(-1) : nearest(steps, wanted)) ?? wanted;
  return { epoch, asked: epoch === wanted ? null : wanted };
}

/** Put the cursor at the step of the focus run nearest to `step`. */
export function setEpoch(step: number, how?: { push: boolean }): void {
  const epoch = nearest(cursorSteps(store.state), step);
  if (epoch !== undefined) store.set({ epoch, asked: null, playing: false }, how);
}

/** Put the cursor at the step nearest to a place on the axis of epochs. */
export function setPlace(place: number, how?: { push: boolean }): void {
  const step = cursorStepNear(store.state, place);
  if (step !== undefined) setEpoch(step, how);
}

/** Move the cursor by so many steps of the focus run, stopping at its ends. */
export function moveEpoch(by: number): void {
  const steps = cursorSteps(store.state);
  if (!steps.length) return;
  const at = steps.indexOf(store.state.epoch ?? Number.NaN);
  setEpoch(steps[Math.min(Math.max(at + by, 0), steps.length - 1)]);
}
