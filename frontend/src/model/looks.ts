/** How the probe's samples look in a scatter: the colour and mark of their label, and whether the model says something else. */
import type { Manifest, Predictions } from "../api";
import { colorAt, css, sequentialIndex, sequentialLut, type Theme } from "../charts/color";
import { isRegression, verdict } from "../views/samples_model";
import { classColour } from "./class_marks";

export interface Looks {
  /** Class of each sample's label; −1 without one, and of a regression. */
  classes: readonly number[];
  colours: readonly string[];
  /** Whether the model says another class; all false where it is not known. */
  wrong: readonly boolean[];
  /** What a regression's colours stand for, from and to; undefined of classes. */
  values: readonly [number, number] | undefined;
}

/** Classes that the probe has samples of. */
export const classesIn = ({ classes }: Looks): number[] =>
  [...new Set(classes)].filter((each) => each >= 0).sort((a, b) => a - b);

/** The least and the greatest finite number; 0 and 1 where there is none. */
export function rangeOf(lists: readonly ArrayLike<number>[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      if (!Number.isFinite(list[i])) continue;
      if (list[i] < low) low = list[i];
      if (list[i] > high) high = list[i];
    }
  }
  return low <= high ? [low, high] : [0, 1];
}

/** Faint values are kept apart from the page: the scale is used from here on. */
const FAINTEST = 0.15;

/** A colour of the sequential scale between two values, never as faint as the page. */
export function valueColour(value: number, [low, high]: readonly [number, number], theme: Theme): string {
  const part = high > low ? (value - low) / (high - low) : 0.5;
  return css(colorAt(sequentialLut[theme], sequentialIndex(FAINTEST + (1 - FAINTEST) * part, 1)));
}

/** @param scale  what colours of a regression stand for; from the least to the greatest label unless given */
export function looksOf(
  manifest: Manifest,
  samples: number,
  predictions: Predictions | undefined,
  theme: Theme,
  scale?: readonly [number, number],
): Looks {
  const { targets } = manifest.probe;
  const all = Array.from({ length: samples }, (_, sample) => sample);
  if (isRegression(manifest)) {
    const outputs = predictions?.output;
    const units = outputs?.shape[1] ?? 1;
    const values = all.map((sample) => targets[sample] ?? outputs?.data[sample * units] ?? Number.NaN);
    const range = scale ?? rangeOf([values]);
    const colour = (value: number) =>
      Number.isFinite(value) ? valueColour(value, range, theme) : classColour(-1, theme);
    return { classes: all.map(() => -1), colours: values.map(colour), wrong: all.map(() => false), values: range };
  }
  const classes = all.map((sample) => targets[sample] ?? -1);
  return {
    classes,
    colours: classes.map((each) => classColour(each, theme)),
    wrong: all.map((sample) => verdict(manifest, predictions, sample)?.wrong ?? false),
    values: undefined,
  };
}
