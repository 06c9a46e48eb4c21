/**
 * The log's runs: what they are called, which colour is theirs, which are drawn, and which one details are of.
 *
 * As in TensorBoard a run is drawn if it is chosen and passes the filter. The focus run is drawn always: details are of it.
 */
import type { Groups, Run } from "./api";
import { memo } from "./memo";
import { type State, store } from "./store";

export interface RunEntry extends Run {
  /** The group's name as the server has it. */
  group: string;
  /** The group's name as it is shown. */
  label: string;
  /** Which colour it has: its place in TensorBoard's order when it was first seen. */
  index: number;
}

/** The last part of the log directory, for a group without a name. */
export const logdirName = (logdir: string): string =>
  logdir
    .replace(/[\\/]+$/, "")
    .split(/[\\/]/)
    .at(-1) || logdir;

/** All runs in TensorBoard's order; the same objects until `/groups` answers something new, so they can be keys. */
export const runsOf = (state: State): readonly RunEntry[] => listRuns(state.groups, state.seen);

const listRuns = memo((groups: Groups | null, seen: readonly string[]): readonly RunEntry[] => {
  if (!groups) return [];
  const places = new Map(seen.map((run, place) => [run, place]));
  const runs = groups.groups.flatMap((group) =>
    group.runs.map((run) => {
      const name = group.name || logdirName(groups.logdir);
      const own = run.run.slice(group.name && run.run.startsWith(group.name) ? group.name.length + 1 : 0);
      return { ...run, group: group.name, label: group.runs.length > 1 ? `${name} · ${own}` : name };
    }),
  );
  return runs.map((run, place) => ({ ...run, index: places.get(run.run) ?? place }));
});

/** All runs seen so far, new ones last: those that were there keep their colours. */
export function withNewRuns(seen: readonly string[], groups: Groups): readonly string[] {
  const names = groups.groups.flatMap(({ runs }) => runs.map(({ run }) => run));
  const added = names.filter((name) => !seen.includes(name));
  return added.length ? [...seen, ...added] : seen;
}

const findFocus = memo((runs: readonly RunEntry[], focus: string) => runs.find(({ run }) => run === focus) ?? runs[0]);

export const focusRun = (state: State): RunEntry | undefined => findFocus(runsOf(state), state.focus);

/** Whether two runs explained the same samples, so that their figures can be held against each other. */
export const comparable = (a: Run, b: Run): boolean => a.probe === b.probe;

// ---------------------------------------------------------------------------- the filter

/** What is wrong with a filter; "" for one that is a regular expression. */
export function filterFault(filter: string): string {
  try {
    new RegExp(filter);
    return "";
  } catch (error) {
    return (error as Error).message.replace(/^Invalid regular expression: (\/.*\/i?: )?/, "");
  }
}

/** Runs that pass the filter, a regular expression in any case over TensorBoard's names and those shown here; one that is none lets nothing pass. */
export const passingRuns = (state: State): readonly RunEntry[] => passing(runsOf(state), state.runFilter);

const passing = memo((runs: readonly RunEntry[], filter: string): readonly RunEntry[] => {
  if (!filter) return runs;
  if (filterFault(filter)) return [];
  const pattern = new RegExp(filter, "i");
  return runs.filter(({ run, label }) => pattern.test(run) || pattern.test(label));
});

// ---------------------------------------------------------------------------- what is drawn

/** As many as there are colours; more are drawn when they are chosen. */
const DRAWN_UNASKED = 7;

/** Runs whose curves are drawn: the focus run, and of those that pass the filter the chosen or, without a choice, the first that compare with it. */
export const shownRuns = (state: State): readonly RunEntry[] =>
  drawn(runsOf(state), passingRuns(state), focusRun(state), state.shown);

const drawn = memo(
  (
    runs: readonly RunEntry[],
    passing: readonly RunEntry[],
    focus: RunEntry | undefined,
    shown: ReadonlySet<string> | null,
  ): readonly RunEntry[] => {
    if (!focus) return [];
    const others = passing.filter(({ run }) => run !== focus.run);
    const some = shown
      ? others.filter(({ run }) => shown.has(run))
      : others.filter((run) => comparable(run, focus)).slice(0, DRAWN_UNASKED - 1);
    const all = new Set([focus, ...some]);
    return runs.filter((run) => all.has(run));
  },
);

/** Names of the runs that are chosen, whether they pass the filter or not. */
export const chosenRuns = (state: State): Set<string> => new Set(state.shown ?? shownRuns(state).map(({ run }) => run));

/** Draw a run's curves, or no longer; the focus run's always are. */
export function toggleRun(run: string): void {
  const { state } = store;
  if (run === focusRun(state)?.run) return;
  const shown = chosenRuns(state);
  if (!shown.delete(run)) shown.add(run);
  store.set({ shown }, { push: true });
}

/** Draw all runs that pass the filter, or none of them. */
export function chooseAll(on: boolean): void {
  const { state } = store;
  const shown = chosenRuns(state);
  for (const { run } of passingRuns(state)) {
    if (on) shown.add(run);
    else shown.delete(run);
  }
  store.set({ shown }, { push: true });
}
