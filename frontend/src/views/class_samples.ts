/** The probe's samples by class: by their labels, or by what the model says of them. */

import type { Manifest, Predictions } from "../api";
import { className, isRegression } from "./samples_model";

export interface SampleClass {
  /** Of the output. */
  index: number;
  name: string;
  /** Indices of the samples, ascending. */
  samples: readonly number[];
}

/** Classes that have samples, in the order of the output; none of a regression, and none without targets. */
export function classesByLabel(manifest: Manifest): SampleClass[] {
  return isRegression(manifest) ? [] : gathered(manifest, manifest.probe.targets);
}

/** The same by the likeliest class; a sample of which the model says no number has none. */
export function classesByPrediction(manifest: Manifest, predictions: Predictions | undefined): SampleClass[] {
  const { class: classes, probability } = predictions ?? {};
  if (!classes || !probability || isRegression(manifest)) return [];
  const most = classes.shape[1] ?? 1;
  const likeliest = Array.from({ length: classes.shape[0] }, (_, i) =>
    Number.isFinite(probability.data[i * most]) ? classes.data[i * most] : -1,
  );
  return gathered(manifest, likeliest);
}

function gathered(manifest: Manifest, classes: readonly number[]): SampleClass[] {
  const found = new Map<number, number[]>();
  classes.forEach((index, sample) => {
    if (!Number.isInteger(index) || index < 0) return;
    const held = found.get(index);
    if (held) held.push(sample);
    else found.set(index, [sample]);
  });
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([index, samples]) => ({ index, name: className(manifest, index), samples }));
}

/** At most so many classes, those with most samples, in the order of the output. @param sought what their names are to contain */
export function classesToShow(classes: readonly SampleClass[], most: number, sought = ""): SampleClass[] {
  const wanted = sought.trim().toLowerCase();
  const found = classes.filter(({ name }) => name.toLowerCase().includes(wanted));
  if (found.length <= most) return found;
  const frequent = [...found].sort((a, b) => b.samples.length - a.samples.length || a.index - b.index);
  return frequent.slice(0, most).sort((a, b) => a.index - b.index);
}
