/** How curves are shown: which part of the epochs, on which scale, how smooth. All charts of curves share the part and the smoothing. */
import type { Scale } from "./charts/curve_data";
import { MOST_SMOOTHING } from "./charts/smoothing";
import { cursorPlace, cursorSteps, focusRun, type State, store } from "./state";
import { placesAt } from "./steps";

/** First and last place on the axis of epochs. */
export type Range = readonly [first: number, last: number];

/** At most so far in: charts that show less than this of an epoch have nothing left to show. */
const LEAST_SPAN = 0.01;

/** What is left of a chart's range within the zoom; all of it where the two do not meet. */
export function shownRange(range: Range, zoom: Range | null): Range {
  const first = Math.max(range[0], zoom?.[0] ?? range[0]);
  const last = Math.min(range[1], zoom?.[1] ?? range[1]);
  return last > first ? [first, last] : range;
}

/** Show the epochs between two places, in whole epochs where there are several; all of them where nothing would be left out. */
export function zoomTo(a: number, b: number, whole: Range): void {
  const ends: Range = [Math.max(Math.min(a, b), whole[0]), Math.min(Math.max(a, b), whole[1])];
  const span = ends[1] - ends[0];
  if (!(span > LEAST_SPAN)) return;
  const [first, last] = span >= 2 ? [Math.round(ends[0]), Math.round(ends[1])] : ends;
  const all = first <= whole[0] && last >= whole[1];
  store.set({ zoom: all ? null : [first, last] }, { push: true });
}

/** Show a part `factor` as long, with what lies at `place` where it was. */
export function zoomAt(place: number, factor: number, whole: Range): void {
  const [first, last] = shownRange(whole, store.state.zoom);
  const at = Math.min(Math.max(place, first), last);
  zoomTo(at - (at - first) * factor, at + (last - at) * factor, whole);
}

export const showAll = (): void => store.set({ zoom: null }, { push: true });

/** All places of the focus run: what the keys zoom within. */
export function wholeRange(state: State): Range {
  const places = placesAt(focusRun(state), cursorSteps(state));
  return [places[0] ?? 0, places.at(-1) ?? 1];
}

/** Zoom in or out around the cursor. */
export function zoomAtCursor(factor: number): void {
  const { state } = store;
  const whole = wholeRange(state);
  zoomAt(cursorPlace(state, state.epoch) ?? whole[1], factor, whole);
}

export const setSmoothing = (weight: number): void =>
  store.set({ smoothing: Math.min(Math.max(weight, 0), MOST_SMOOTHING) });

// ---------------------------------------------------------------------------- the scale of a chart, by its title

const chosenScales = (scales: string): string[] => scales.split(",").filter(Boolean);
const keyOf = (title: string): string => title.replaceAll(",", "");

/**
 * The scale of a chart as it was chosen, else as the chart has it. A logarithm has no zero to start from.
 *
 * @param scales the charts with a chosen scale, as the state has them
 */
export function shownScale(title: string, scale: Scale, scales: string): Scale {
  const chosen = chosenScales(scales);
  if (chosen.includes(`log:${keyOf(title)}`)) return { log: true };
  return chosen.includes(`linear:${keyOf(title)}`) ? { ...scale, log: false } : scale;
}

export function chooseScale(title: string, scale: Scale, log: boolean): void {
  const key = keyOf(title);
  const others = chosenScales(store.state.scales).filter(
    (chosen) => chosen !== `log:${key}` && chosen !== `linear:${key}`,
  );
  const own = log === (scale.log ?? false) ? [] : [`${log ? "log" : "linear"}:${key}`];
  store.set({ scales: [...others, ...own].join(",") }, { push: true });
}
