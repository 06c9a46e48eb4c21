/**
 * What is chosen, in the address: `#explain&p.explain.view=samples&p.explain.epoch=31`. Others' parts of it stay as they are.
 *
 * Dragging replaces the entry of the history, a click pushes one, so that Back works.
 */
import { MOST_SMOOTHING } from "./charts/smoothing";
import { outerWindow } from "./host";
import { parseReference } from "./references";
import { cursorSteps, type State, type Store, standAt, store } from "./state";

const PREFIX = "p.explain.";

/** Fields of the state that are plain text in the address, by their names there. */
const TEXTS = {
  view: "view",
  focus: "focus",
  method: "method",
  feature: "feature",
  layer: "layer",
  histogram: "histogram",
  picture: "picture",
  sort: "sort",
  filter: "filter",
  runfilter: "runFilter",
  more: "more",
  scales: "scales",
} as const satisfies Record<string, keyof State>;

/** All that the address follows. */
const CHOSEN: readonly (keyof State)[] = [
  ...Object.values(TEXTS),
  "epoch",
  "asked",
  "sample",
  "against",
  "shown",
  "smoothing",
  "zoom",
];

const DEFAULT_VIEW = "overview";
/** The address follows once nothing has changed for so many ms: never within a drag, and at most four times a second. */
const SETTLED = 250;

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const whole = (text: string | undefined): number | null => (text && /^-?\d{1,9}$/.test(text) ? Number(text) : null);

/** The weight of the smoothing; what is no weight smooths nothing. */
function weight(text = ""): number {
  const value = /^0?\.\d+$/.test(text) ? Number(text) : 0;
  return Math.min(value, MOST_SMOOTHING);
}

const PLACE = "-?\\d{1,9}(?:\\.\\d+)?";

/** "3..12" → [3, 12]; null for what is no range. */
function range(text = ""): readonly [number, number] | null {
  const found = new RegExp(`^(${PLACE})\\.\\.(${PLACE})$`).exec(text);
  const [first, last] = found ? [Number(found[1]), Number(found[2])] : [0, 0];
  return first < last ? [first, last] : null;
}

/** What an address chooses; what it leaves out, or spells wrong, is as in a fresh tab. */
export function readAddress(hash: string): Partial<State> {
  const found: Record<string, string> = {};
  for (const part of hash.replace(/^#/, "").split("&")) {
    const [key, ...rest] = part.split("=");
    if (key.startsWith(PREFIX)) found[key.slice(PREFIX.length)] = decode(rest.join("="));
  }
  const texts = Object.entries(TEXTS).map(([name, field]) => [field, found[name] ?? ""]);
  const { ref = "start", runs } = found;
  return {
    ...(Object.fromEntries(texts) as Partial<State>),
    view: found.view || DEFAULT_VIEW,
    epoch: whole(found.epoch),
    sample: whole(found.sample),
    smoothing: weight(found.smooth),
    zoom: range(found.zoom),
    against: whole(ref) === null ? (parseReference(ref) ? ref : "start") : `step:${ref}`,
    shown: runs === undefined ? null : new Set(runs.split(",").filter(Boolean).map(decode)),
  };
}

/** The address with our part of it replaced by what is chosen. */
export function writeAddress(hash: string, state: State): string {
  const parts = hash
    .replace(/^#/, "")
    .split("&")
    .filter((part) => part && !part.startsWith(PREFIX));
  const put = (name: string, value: string): void => {
    if (value) parts.push(`${PREFIX}${name}=${encodeURIComponent(value)}`);
  };
  for (const [name, field] of Object.entries(TEXTS)) {
    if (!(name === "view" && state.view === DEFAULT_VIEW)) put(name, state[field]);
  }
  if (state.epoch !== null) put("epoch", String(state.epoch));
  if (state.sample !== null) put("sample", String(state.sample));
  if (state.smoothing > 0) put("smooth", String(state.smoothing));
  if (state.zoom) put("zoom", state.zoom.map((place) => String(Number(place.toFixed(4)))).join(".."));
  if (state.against !== "start") put("ref", state.against.replace(/^step:/, ""));
  if (state.shown)
    parts.push(`${PREFIX}runs=${encodeURIComponent([...state.shown].map(encodeURIComponent).join(","))}`);
  return `#${parts.join("&")}`;
}

/** The epoch that the address names: none at the end, where the cursor follows new data; the one that was asked for, should it yet come. */
const namedEpoch = (state: State): number | null =>
  state.asked ?? (state.epoch === cursorSteps(state).at(-1) ? null : state.epoch);

/** Whether an address is another tab's; TensorBoard starts it with the tab's name. */
function isForeign(hash: string): boolean {
  const [tab] = hash.replace(/^#/, "").split("&");
  return tab !== "" && tab !== "explain" && !tab.startsWith(PREFIX);
}

/** Read the address once, then keep it and the store in step. */
export function keepAddress(target: Store = store): void {
  const { history, location } = outerWindow();
  target.set(readAddress(location.hash));
  let timer = 0;
  const write = (state: State, push: boolean): void => {
    clearTimeout(timer);
    timer = 0;
    if (!state.visible || isForeign(location.hash)) return;
    const hash = writeAddress(location.hash, { ...state, epoch: namedEpoch(state) });
    if (hash === location.hash) return;
    if (push) history.pushState(history.state, "", hash);
    else history.replaceState(history.state, "", hash);
  };
  target.subscribe((now, before, push) => {
    const shownAgain = now.visible && !before.visible; // TensorBoard names the tab alone when it opens it
    if (!shownAgain && !CHOSEN.some((key) => now[key] !== before[key])) return;
    if (push) {
      if (timer) write(before, false); // Back leads to what was shown, not to what was written of it so far
      write(now, true);
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(() => write(target.state, false), SETTLED) as unknown as number;
  });
  outerWindow().addEventListener("popstate", () => {
    if (!target.state.visible || isForeign(location.hash)) return;
    const chosen = readAddress(location.hash);
    target.set({ ...chosen, ...standAt({ ...target.state, ...chosen }, chosen.epoch ?? null), playing: false });
  });
}

/** The whole address of what is shown, the epoch included. */
export const linkTo = (state: State): string => {
  const { location } = outerWindow();
  return location.href.split("#")[0] + writeAddress(location.hash, state);
};
