/** The keyboard: one table for what keys do and for the list that tells so. */
import { alarmSteps } from "../alarms";
import { showAll, zoomAtCursor } from "../curve_settings";
import { setReference } from "../references";
import { cursorSteps, moveEpoch, setEpoch, store } from "../state";
import { views } from "../views";
import { changeSpeed, togglePlaying } from "./playing";

/** What keys ask of the shell itself. */
export interface Actions {
  toggleHelp(open?: boolean): void;
  find(): void;
}

interface Key {
  /** As the list writes it. */
  shown: string;
  does: string;
  keys: readonly string[];
  run(actions: Actions, event: KeyboardEvent): unknown;
}

const jump = (steps: readonly number[]): void => {
  if (steps.length) setEpoch(steps[0], { push: true });
};

const TABLE: readonly Key[] = [
  {
    shown: "← →",
    does: "one step back or on; with Shift ten",
    keys: ["ArrowLeft", "ArrowRight"],
    run: (_, event) => arrow(event),
  },
  { shown: "Home End", does: "the start, the last step", keys: ["Home", "End"], run: (_, event) => end(event) },
  { shown: "Space", does: "play and stop", keys: [" "], run: (_, event) => event.repeat || togglePlaying() },
  {
    shown: "< >",
    does: "play slower, faster",
    keys: ["<", ">"],
    run: (_, { key }) => changeSpeed(key === ">" ? 1 : -1),
  },
  { shown: "[ ]", does: "the alarm before or after", keys: ["[", "]"], run: (_, event) => alarm(event) },
  {
    shown: "R",
    does: "measure drift against this epoch",
    keys: ["r", "R"],
    run: () => setReference(store.state.epoch ?? 0),
  },
  {
    shown: "+ \u2212 0",
    does: "show fewer epochs around this one in all curves, more, all",
    keys: ["+", "=", "-", "0"],
    run: (_, event) => zoom(event),
  },
  { shown: "/", does: "find", keys: ["/"], run: (actions) => actions.find() },
  { shown: "?", does: "this list", keys: ["?"], run: (actions) => actions.toggleHelp() },
  { shown: "Esc", does: "close", keys: ["Escape"], run: (actions) => actions.toggleHelp(false) },
];

/** What is not a key, but belongs into the list. */
const GESTURES = [
  { shown: "Click", does: "on a chart or the bars below: go to that epoch; drag to move through them" },
  {
    shown: "Shift-click",
    does: "there: measure drift against that epoch; \u201cDrift against\u201d offers the best epoch, other runs and more",
  },
  {
    shown: "Alt-drag",
    does: "on a curve, or drag along its epochs: show these epochs in all curves; double-click shows all again",
  },
  { shown: "Ctrl-wheel", does: "on a curve, or Alt: the same around the pointer" },
  {
    shown: "↑ ↓",
    does: "in the list of runs: the run above or below; Space draws it or no longer, Enter shows its details",
  },
];

const VIEW_KEYS = [{ shown: "J K", does: "next and previous sample, feature or layer" }];

/** Everything the list of keys tells. */
export const keyList = (): readonly { shown: string; does: string }[] => [
  ...views.map((view) => ({ shown: view.key, does: `${view.title}: ${view.help}` })),
  ...TABLE,
  ...VIEW_KEYS,
  ...GESTURES,
];

function arrow(event: KeyboardEvent): void {
  moveEpoch((event.key === "ArrowRight" ? 1 : -1) * (event.shiftKey ? 10 : 1));
}

const CLOSER = 0.6;

function zoom({ key }: KeyboardEvent): void {
  if (key === "0") showAll();
  else zoomAtCursor(key === "-" ? 1 / CLOSER : CLOSER);
}

function end(event: KeyboardEvent): void {
  const steps = cursorSteps(store.state);
  if (steps.length) setEpoch(event.key === "Home" ? steps[0] : steps[steps.length - 1], { push: true });
}

function alarm(event: KeyboardEvent): void {
  const at = store.state.epoch ?? 0;
  const steps = alarmSteps();
  jump(event.key === "]" ? steps.filter((step) => step > at) : steps.filter((step) => step < at).reverse());
}

/** What closes the list of keys. */
const OF_DIALOGS = ["Escape", "?"];

/** Where a key means something of its own: text, pickers, open dialogs, and Space on whatever it presses. */
function isTaken(event: KeyboardEvent): boolean {
  const [target, ...around] = event.composedPath();
  if (!(target instanceof Element)) return false;
  if ([target, ...around].some((element) => element instanceof HTMLDialogElement))
    return !OF_DIALOGS.includes(event.key);
  if (target.closest("textarea, select, [contenteditable], input:not([type=checkbox])")) return true;
  return [" ", "Enter"].includes(event.key) && target.closest("button, a, input, summary, [role=checkbox]") !== null;
}

export function onKey(event: KeyboardEvent, actions: Actions): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
  const view = views.find(({ key }) => key === event.key);
  const entry = TABLE.find(({ keys }) => keys.includes(event.key));
  if (!view && !entry) return;
  if (event.key !== "Escape") event.preventDefault();
  if (view) store.set({ view: view.id }, { push: true });
  else entry?.run(actions, event);
}
