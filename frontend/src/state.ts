/**
 * The tab's state: the store, what follows from what is in it, and how it is changed.
 *
 * Elements read `store.state` and ask to be told with `new Watch(this)`; they change it by `set`
 * or, for the cursor and the runs, by the functions below, which keep to what exists; references.ts has those for the reference.
 */
import type { Groups, Manifest, ManifestMethod, Run } from "./api";
import { placed, placeOf, stepNear } from "./steps";
import { type State, store } from "./store";
import { findTag, stepsOf, tagsOf } from "./tags";

export { type State, Store, store, Watch } from "./store";

// ---------------------------------------------------------------------------- what follows

export interface RunEntry extends Run {
  /** The group's name as the server has it. */
  group: string;
  /** The group's name as it is shown. */
  label: string;
  /** Place in TensorBoard's order: which colour it has. */
  index: number;
}

/** The last part of the log directory, for a group without a name. */
export const logdirName = (logdir: string): string =>
  logdir
    .replace(/[\\/]+$/, "")
    .split(/[\\/]/)
    .at(-1) || logdir;

const entries = new WeakMap<Groups, RunEntry[]>();

/** All runs in TensorBoard's order; the same objects until `/groups` answers something new, so they can be keys. */
export function runsOf(state: State): readonly RunEntry[] {
  if (!state.groups) return [];
  const known = entries.get(state.groups) ?? listRuns(state.groups);
  entries.set(state.groups, known);
  return known;
}

function listRuns({ groups, logdir }: Groups): RunEntry[] {
  const runs = groups.flatMap((group) =>
    group.runs.map((run) => {
      const name = group.name || logdirName(logdir);
      const own = run.run.slice(group.name && run.run.startsWith(group.name) ? group.name.length + 1 : 0);
      return { ...run, group: group.name, label: group.runs.length > 1 ? `${name} · ${own}` : name };
    }),
  );
  return runs.map((run, index) => ({ ...run, index }));
}

export function focusRun(state: State): RunEntry | undefined {
  const runs = runsOf(state);
  return runs.find(({ run }) => run === state.focus) ?? runs[0];
}

export const focusManifest = (state: State): Manifest | undefined => state.manifests[focusRun(state)?.run ?? ""];

/** Whether two runs explained the same samples, so that their figures can be held against each other. */
export const comparable = (a: Run, b: Run): boolean => a.probe === b.probe;

/** As many as there are colours; more are drawn when they are chosen. */
const DRAWN_UNASKED = 7;

/** Runs whose curves are drawn: the focus run, and those chosen or, without a choice, the first that compare with it. */
export function shownRuns(state: State): RunEntry[] {
  const focus = focusRun(state);
  if (!focus) return [];
  const { shown } = state;
  const others = runsOf(state).filter(({ run }) => run !== focus.run);
  const drawn = shown
    ? others.filter(({ run }) => shown.has(run))
    : others.filter((run) => comparable(run, focus)).slice(0, DRAWN_UNASKED - 1);
  return [focus, ...drawn].sort((a, b) => a.index - b.index);
}

/** Names of a run's methods with attributions of single samples, in the order of its manifest where that has been read. */
export function methodsOf(state: State, run: Run): string[] {
  const order = state.manifests[run.run]?.methods.map(({ name }) => name) ?? [];
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return tagsOf(run, "attribution")
    .map(([, name]) => name)
    .sort((a, b) => place(a) - place(b));
}

const FIRST_CHOICE = "integrated_gradients";

/** Whether a method says how features weigh, but explains no single sample. */
export const explainsFeaturesOnly = (run: Run, method: string): boolean =>
  findTag(run, "attribution", method) === undefined && tagsOf(run, "importance").some(([, name]) => name === method);

/**
 * The method whose attributions all runs are shown by: the chosen one, whether a run has it or not. Without a choice, or after one that
 * explains features only, integrated gradients where the focus run has them, else the first method that it has.
 */
export function shownMethod(state: State): string | undefined {
  const run = focusRun(state);
  if (state.method && !(run && explainsFeaturesOnly(run, state.method))) return state.method;
  const names = run ? methodsOf(state, run) : [];
  return names.find((name) => name === FIRST_CHOICE) ?? names[0];
}

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

/** Steps that the cursor stops at in a run: those of the shown method, or of all it has but metrics. */
export function stepsOfRun(state: State, run: Run): readonly number[] {
  const tag = attributionTag(state, run);
  if (tag) return placed(run, stepsOf(run, tag));
  const kinds = ["attribution", "importance", "health", "activation", "gradient", "weight"];
  const steps = kinds.flatMap((kind) => tagsOf(run, kind).flatMap(([found]) => stepsOf(run, found)));
  return placed(
    run,
    [...new Set(steps)].sort((a, b) => a - b),
  );
}

export function cursorSteps(state: State): readonly number[] {
  const run = focusRun(state);
  return run ? stepsOfRun(state, run) : [];
}

/** The element of `steps` nearest to `step`; undefined where there are none. */
export function nearest(steps: readonly number[], step: number): number | undefined {
  let best: number | undefined;
  for (const s of steps) if (best === undefined || Math.abs(s - step) < Math.abs(best - step)) best = s;
  return best;
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

/** Draw a run's curves, or no longer; the focus run's always are. */
export function toggleRun(run: string): void {
  const { state } = store;
  if (run === focusRun(state)?.run) return;
  const shown = new Set(shownRuns(state).map((entry) => entry.run));
  if (!shown.delete(run)) shown.add(run);
  store.set({ shown }, { push: true });
}

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

/** Make details those of this run, which is then drawn too. The cursor and the reference stay at their epochs. */
export function setFocus(run: string): void {
  const { state } = store;
  const before = focusRun(state);
  if (run === before?.run) return;
  const shown = new Set([...shownRuns(state).map((entry) => entry.run), run]);
  const now = { ...state, focus: run, shown };
  const moved = (step: number) => cursorStepNear(now, placeOf(before, step)) ?? step;
  const { against } = state;
  const epoch = state.epoch === null ? null : moved(state.epoch);
  store.set(
    {
      focus: run,
      shown,
      epoch,
      resting: epoch, // nothing is to be asked of the other run's step
      against: ownReference(against, before?.run, run, moved),
    },
    { push: true },
  );
}

/** Put the cursor at the step of the focus run nearest to `step`. */
export function setEpoch(step: number, how?: { push: boolean }): void {
  const epoch = nearest(cursorSteps(store.state), step);
  if (epoch !== undefined) store.set({ epoch, playing: false }, how);
}

/** Put the cursor at the step nearest to a place on the axis of epochs. */
export function setPlace(place: number, how?: { push: boolean }): void {
  const step = cursorStepNear(store.state, place);
  if (step !== undefined) setEpoch(step, how);
}

/** Move the cursor by so many steps of the focus run, stopping at its ends. */
export function moveEpoch(by: number): void {
  const steps = cursorSteps(store.state);
  const at = steps.indexOf(store.state.epoch ?? Number.NaN);
  if (!steps.length) return;
  store.set({ epoch: steps[Math.min(Math.max(at + by, 0), steps.length - 1)], playing: false });
}
