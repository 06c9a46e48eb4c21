/** What an address, or the choice before, names and the log does not have: what is said of it, and what is shown instead. */
import { distinctTitle } from "../methods";
import { focusManifest, focusRun, isKnown, runsOf, type State, shownMethod } from "../state";
import { stepName } from "../steps";
import { views } from "../views";

export interface Amiss {
  text: string;
  /** What the state becomes once that is accepted. */
  instead: Partial<State>;
}

/** The chosen view; an address may name one that does not exist. */
export const openView = (state: State) => views.find(({ id }) => id === state.view) ?? views[0];

const NAMED = 3;
const few = (names: readonly string[]): string =>
  names.slice(0, NAMED).join(", ") + (names.length > NAMED ? ` and ${names.length - NAMED} more` : "");

/** All of it, once the log is known. */
export function whatIsAmiss(state: State): Amiss[] {
  if (!state.groups) return [];
  const [runs, run] = [runsOf(state), focusRun(state)];
  const view = openView(state);
  const said: Amiss[] = [];
  const say = (text: string, instead: Partial<State>): void => void said.push({ text, instead });
  if (view.id !== state.view)
    say(`There is no view \u201c${state.view}\u201d; this is ${view.title}.`, { view: view.id });
  if (!run) return said;
  const isHere = (name: string): boolean => runs.some((one) => one.run === name);
  if (state.focus && !isHere(state.focus)) {
    say(`Run ${state.focus} is not in this log directory; details are of ${run.label}.`, { focus: run.run });
  }
  const lost = [...(state.shown ?? [])].filter((name) => !isHere(name) && name !== state.focus);
  if (lost.length) {
    const shown = new Set([...(state.shown ?? [])].filter(isHere));
    say(`Chosen, but not in this log directory: ${few(lost)}.`, { shown });
  }
  if (state.method && !isKnown(state.method, runs)) {
    const now = shownMethod(state);
    const title = now && distinctTitle(now, focusManifest(state)?.methods ?? []);
    say(`No run here is explained by ${state.method}${title ? `; this is ${title}` : ""}.`, { method: "" });
  }
  if (state.asked !== null && state.epoch !== null) {
    const [asked, now] = [state.asked, state.epoch].map((step) => stepName(run, step));
    const later = state.asked > state.epoch ? ". The cursor goes there once it has been read" : "";
    say(`${run.label} has no explanation of ${asked}; this is ${now}, the nearest${later}.`, { asked: null });
  }
  const size = focusManifest(state)?.probe.size;
  if (state.sample !== null && size !== undefined && !(state.sample >= 0 && state.sample < size)) {
    say(`There is no sample #${state.sample}; the probe has #0 to #${size - 1}.`, { sample: null });
  }
  return said;
}
