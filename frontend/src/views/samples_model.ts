/** The probe's samples as rows: what each is, what the model said and says, how far its explanation moved; sorted, filtered. */

import type { Attribution, Comparison, Manifest, Predictions, SampleArray } from "../api";
import { minus, thousands } from "../format";
import type { Numbers } from "../safetensors";

/** What the model makes of a sample at one step. */
export interface Verdict {
  /** Text of the likeliest class, or of the regression's output. */
  says: string;
  /** Index of the likeliest class; −1 for regression. */
  class: number;
  /** Probability of the likeliest class; NaN for regression. */
  confidence: number;
  /** NaN where the model has no compiled loss. */
  loss: number;
  /** Whether it is another class than the label. */
  wrong: boolean;
}

export interface SampleRow {
  index: number;
  name: string;
  /** Text of the label; "" without targets. */
  label: string;
  /** Class of the label; −1 without one. */
  target: number;
  now: Verdict | undefined;
  reference: Verdict | undefined;
  /** Step of the predictions, where the drawn one has none. */
  saidAt: number | undefined;
  /** Whether the likeliest class differs between reference and now. */
  flipped: boolean;
  /** 1 − cosine to the reference; NaN where it is not known. */
  drift: number;
  /** NaN where the method has none. */
  completenessError: number;
  /** R² of its local model; NaN where the method fits none. */
  fit: number;
}

export interface SampleFilter {
  /** Class of the label; null for any. */
  class: number | null;
  flipped: boolean;
  wrong: boolean;
  /** At most so many of each class; null for all. */
  perClass: number | null;
  /** Samples that stand first, whether they pass or not. */
  pinned?: readonly number[];
}

export const SORTS = [
  { id: "drift", title: "drift" },
  { id: "loss", title: "loss" },
  { id: "confidence", title: "least confident" },
  { id: "completeness", title: "completeness error" },
  { id: "fit", title: "worst local fit" },
  { id: "index", title: "as in the probe" },
] as const;

export type SampleSort = (typeof SORTS)[number]["id"];

export const isSampleSort = (text: string): text is SampleSort => SORTS.some(({ id }) => id === text);

const samples = new WeakMap<SampleArray, WeakRef<Numbers>[]>();

/**
 * Sample `index` of an array [N, …], in its own unit. It is the same object for as long as anybody holds it, so that a picture of it is known
 * to be the same; of half floats nothing else is ever read than the samples that are looked at.
 */
export function sampleOf(array: SampleArray, index: number): Numbers {
  const held = samples.get(array) ?? [];
  samples.set(array, held);
  const known = held[index]?.deref();
  if (known) return known;
  const stride = sampleSize(array);
  const sample = read(array, array.data.subarray(index * stride, (index + 1) * stride));
  held[index] = new WeakRef(sample);
  return sample;
}

/** All numbers of an array in their own unit: of half floats a copy, which is not kept. */
export const allOf = (array: SampleArray): Numbers => read(array, array.data);

/** Numbers a sample. */
const sampleSize = ({ shape }: SampleArray): number => shape.slice(1).reduce((product, length) => product * length, 1);

function read({ dtype, scale = 1 }: SampleArray, raw: Numbers): Numbers {
  if (dtype !== "F16" && scale === 1) return raw;
  const numbers = new Float32Array(raw);
  if (scale !== 1) for (let i = 0; i < numbers.length; i++) numbers[i] *= scale;
  return numbers;
}

/** The first number of each sample: the likeliest class, its probability. */
const firstOf = (array: SampleArray, index: number): number => array.data[index * sampleSize(array)];

export const isRegression = (manifest: Manifest): boolean => manifest.outputs[0]?.task === "regression";

export function className(manifest: Manifest, index: number): string {
  return manifest.outputs[0]?.class_names[index] || String(index);
}

const NOTHING_FINITE = { says: "not finite", class: -1, confidence: Number.NaN };

/** A regression's output or target: three figures that count, and all digits before the point. */
function amount(value: number): string {
  if (!Number.isFinite(value)) return "not finite";
  return Math.abs(value) >= 1000 ? thousands(Math.round(value)) : minus(Number(value.toPrecision(3)));
}

export function verdict(manifest: Manifest, predictions: Predictions | undefined, index: number): Verdict | undefined {
  if (!predictions) return undefined;
  const target = manifest.probe.targets[index];
  const loss = predictions.loss?.data[index] ?? Number.NaN;
  if (predictions.class && predictions.probability) {
    const likeliest = firstOf(predictions.class, index);
    const confidence = firstOf(predictions.probability, index);
    if (!Number.isFinite(confidence)) return { ...NOTHING_FINITE, loss, wrong: target !== undefined };
    const multilabel = manifest.outputs[0]?.task === "multilabel";
    return {
      says: className(manifest, likeliest),
      class: likeliest,
      confidence,
      loss,
      wrong: multilabel
        ? (predictions.targetProbability?.data[index] ?? 1) < 0.5
        : target !== undefined && likeliest !== target,
    };
  }
  if (!predictions.output) return undefined;
  const output = sampleOf(predictions.output, index);
  return { says: Array.from(output, amount).join(", "), class: -1, confidence: Number.NaN, loss, wrong: false };
}

export interface SampleSources {
  manifest: Manifest;
  now?: Predictions;
  saidAt?: number;
  reference?: Predictions;
  attribution?: Attribution;
  comparison?: Comparison;
}

/** What is known of one sample of the probe. */
export function sampleRow(sources: SampleSources, index: number): SampleRow {
  const { manifest, now, reference, attribution, comparison } = sources;
  const { sample_names, targets } = manifest.probe;
  const regression = isRegression(manifest);
  const current = verdict(manifest, now, index);
  const before = verdict(manifest, reference, index);
  const target = targets[index];
  return {
    index,
    name: sample_names[index] || `#${index}`,
    label: target === undefined ? "" : regression ? amount(target) : className(manifest, target),
    target: target === undefined || regression ? -1 : target,
    now: current,
    reference: before,
    saidAt: current && sources.saidAt,
    flipped: current !== undefined && before !== undefined && current.class !== before.class,
    drift: comparison?.drift[index] ?? Number.NaN,
    completenessError: attribution?.completenessError?.data[index] ?? Number.NaN,
    fit: attribution?.fit?.data[index] ?? Number.NaN,
  };
}

/** One row a sample of the probe, in the probe's order. */
export const sampleRows = (sources: SampleSources): SampleRow[] =>
  Array.from({ length: sources.manifest.probe.size }, (_, index) => sampleRow(sources, index));

/** Larger keys come first; rows without the figure come last. */
const SORT_KEYS: Record<SampleSort, (row: SampleRow) => number> = {
  drift: (row) => row.drift,
  loss: (row) => row.now?.loss ?? Number.NaN,
  confidence: (row) => -(row.now?.confidence ?? Number.NaN),
  completeness: (row) => row.completenessError,
  fit: (row) => -row.fit,
  index: (row) => -row.index,
};

export function sortRows(rows: readonly SampleRow[], sort: SampleSort): SampleRow[] {
  const key = (row: SampleRow) => {
    const value = SORT_KEYS[sort](row);
    return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
  };
  return [...rows].sort((a, b) => {
    const [first, second] = [key(a), key(b)];
    return first === second ? a.index - b.index : second - first;
  });
}

/** The rows that pass; `perClass` keeps the first of each class, so it is applied to sorted rows. */
export function filterRows(rows: readonly SampleRow[], filter: SampleFilter): SampleRow[] {
  const taken = new Map<number, number>();
  return rows.filter((row) => {
    if (filter.class !== null && row.target !== filter.class) return false;
    if (filter.flipped && !row.flipped) return false;
    if (filter.wrong && !row.now?.wrong) return false;
    if (filter.perClass === null) return true;
    const count = (taken.get(row.target) ?? 0) + 1;
    taken.set(row.target, count);
    return count <= filter.perClass;
  });
}

/** How many of each class stand in a list with room for so many: several where there are few classes. */
export const shownPerClass = (rows: readonly SampleRow[], room: number): number =>
  Math.ceil(room / Math.max(1, new Set(rows.map(({ target }) => target)).size));

const TOKENS_BEFORE = 3;

/** Where a text that is longer than its line begins there: a few tokens before the one whose attribution changed most. */
export function firstToken(values: ArrayLike<number>, before: ArrayLike<number>): number {
  let most = 0;
  for (let i = 1; i < values.length; i++) {
    if (Math.abs(values[i] - before[i]) > Math.abs(values[most] - before[most])) most = i;
  }
  return Math.max(0, most - TOKENS_BEFORE);
}

/** The rows that stand, the pinned ones before those that pass. */
export function withPinned(
  all: readonly SampleRow[],
  passing: readonly SampleRow[],
  { pinned = [] }: SampleFilter,
): SampleRow[] {
  const first = pinned.map((index) => all.find((row) => row.index === index)).filter((row) => row !== undefined);
  return [...first, ...passing.filter(({ index }) => !pinned.includes(index))];
}

/** Whether a row answers what was typed: its name, label, prediction or text contains it. */
export const rowMatches = (row: SampleRow, query: string, text = ""): boolean => {
  const wanted = query.trim().toLowerCase();
  return [row.name, row.label, row.now?.says ?? "", text].some((part) => part.toLowerCase().includes(wanted));
};

/** The sum of a sample's attribution over all inputs. */
export function attributionSum(attribution: Attribution, index: number): number {
  let sum = 0;
  for (const array of Object.values(attribution.values)) for (const value of sampleOf(array, index)) sum += value;
  return sum;
}

/** 1 − cosine between a sample's attributions in two frames, over all inputs; NaN where one of them is all zero. */
export function sampleDrift(a: Attribution, b: Attribution, index: number): number {
  let dot = 0;
  let left = 0;
  let right = 0;
  for (const [input, array] of Object.entries(a.values)) {
    const other = b.values[input];
    if (!other) return Number.NaN;
    const [x, y] = [sampleOf(array, index), sampleOf(other, index)];
    for (let i = 0; i < x.length; i++) {
      dot += x[i] * y[i];
      left += x[i] * x[i];
      right += y[i] * y[i];
    }
  }
  return left > 0 && right > 0 ? 1 - dot / Math.sqrt(left * right) : Number.NaN;
}
