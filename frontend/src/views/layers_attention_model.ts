/** Attention as numbers to draw: a sample's heads, what its positions are called, how much attention each receives. */
import type { Manifest, ManifestInput } from "../api";
import { type Cells, cellName } from "../charts/overlay";
import { textPositions } from "../charts/tokens";
import { type LoggedSample, tokenText } from "../elements/sample_thumb";
import type { Attention, Positions } from "../layer_frames";
import { sampleOf } from "./samples_model";

/** A head's index, the mean of all heads, or attention rolled out over the layers. */
export type Head = number | "mean" | "rollout";

/** The input that a frame is of; of a model with one input that one, where the frame does not know. */
export const inputOf = ({ inputs }: Manifest, name: string): ManifestInput | undefined =>
  inputs.find((input) => input.name === name) ?? (inputs.length === 1 ? inputs[0] : undefined);

export const headName = (head: number): string => `head ${head + 1}`;

export const headTitle = (head: Head): string =>
  head === "mean" ? "mean of heads" : head === "rollout" ? "all layers, rolled out" : headName(head);

/** A head's map, [rows, columns]. */
export interface SmallMap {
  head: Head;
  values: Float32Array;
  rows: number;
  columns: number;
}

/** [queries, keys] of one sample, row by row. */
export interface Grid {
  weights: Float32Array;
  queries: number;
  keys: number;
}

export const headCount = ({ weights }: Attention): number => weights.shape[1];

/** One head of a sample, or the mean of them. @param at  the sample's place in the frame */
export function gridOf(attention: Attention, at: number, head: Head): Grid {
  const [, heads, queries, keys] = attention.weights.shape;
  if (typeof head !== "number") return { weights: meanOf(attention, at), queries, keys };
  const all = sampleOf(attention.weights, at) as Float32Array;
  const chosen = Math.min(head, heads - 1);
  return { weights: all.subarray(chosen * queries * keys, (chosen + 1) * queries * keys), queries, keys };
}

const means = new WeakMap<Attention, Float32Array[]>();

/** Asked for at each moment, and for the scale: made once a frame. */
function meanOf(attention: Attention, at: number): Float32Array {
  const known = means.get(attention) ?? [];
  means.set(attention, known);
  if (known[at]) return known[at];
  const [, heads, queries, keys] = attention.weights.shape;
  const all = sampleOf(attention.weights, at);
  const mean = new Float32Array(queries * keys);
  for (let h = 0; h < heads; h++) {
    for (let i = 0; i < mean.length; i++) mean[i] += all[h * mean.length + i] / heads;
  }
  known[at] = mean;
  return mean;
}

/** What one query looks at; of none the mean over these queries: how much attention each key receives. */
export function lookedAt(
  { weights, queries, keys }: Grid,
  query: number | null,
  among: readonly number[],
): Float32Array {
  if (query !== null && query < queries) return weights.slice(query * keys, (query + 1) * keys);
  const mean = new Float32Array(keys);
  for (const row of among) for (let key = 0; key < keys; key++) mean[key] += weights[row * keys + key] / among.length;
  return mean;
}

/** The places of an axis of attention. */
export interface Places {
  /** Of all places: a token, a patch's cell, a number. */
  names: readonly string[];
  /** Those that are drawn: of texts without the padding around them. */
  shown: readonly number[];
  /** So many stand before the patches: a class token. */
  extra: number;
}

const EXTRA = "class token";

/**
 * @param count   how many places the axis has
 * @param sample  as logged; undefined where inputs are not logged
 */
export function placesOf(
  positions: Positions,
  count: number,
  input: ManifestInput | undefined,
  sample: LoggedSample | undefined,
): Places {
  const { kind, rows, columns, pooled } = positions;
  if (kind === "patches") {
    const extra = Math.max(0, count - rows * columns);
    const name = (place: number): string => cellName(Math.floor(place / columns), place % columns);
    const names = Array.from({ length: count }, (_, i) => (i < extra ? EXTRA : name(i - extra)));
    return { names, shown: names.map((_, i) => i), extra };
  }
  const text = kind === "tokens" && input?.kind === "text" && sample ? { input, sample } : undefined;
  const name = (i: number): string => (text ? tokenText(text.input, text.sample, i) : `[${i}]`);
  const names = Array.from({ length: count }, (_, place) => {
    const first = place * pooled;
    const last = Math.min(first + pooled, text ? text.sample.data.length : Number.POSITIVE_INFINITY) - 1;
    if (last <= first) return name(first);
    return text
      ? Array.from({ length: last - first + 1 }, (_, i) => name(first + i)).join(" ")
      : `${name(first)}–${name(last)}`;
  });
  const known =
    text && new Set(textPositions(text.sample.data, text.input.vocabulary).map((i) => Math.floor(i / pooled)));
  return { names, shown: names.flatMap((_, i) => (!known || known.has(i) ? [i] : [])), extra: 0 };
}

/** The part of the attention that goes to places that are not drawn: padding. NaN counts as none. */
export function hiddenPart(values: ArrayLike<number>, { shown }: Places): number {
  const drawn = new Set(shown);
  let sum = 0;
  for (let i = 0; i < values.length; i++) if (!drawn.has(i) && Number.isFinite(values[i])) sum += values[i];
  return sum;
}

/** Attention to patches as an image's cells, [rows, columns]. */
export const patchCells = (values: Float32Array, { rows, columns }: Positions, { extra }: Places): Cells => ({
  data: values.subarray(extra, extra + rows * columns),
  height: rows,
  width: columns,
});

/** The drawn part of a grid: [shown queries, shown keys]. */
export function shownGrid({ weights, keys }: Grid, queries: Places, over: Places): Float32Array {
  const values = new Float32Array(queries.shown.length * over.shown.length);
  queries.shown.forEach((query, row) => {
    over.shown.forEach((key, column) => {
      values[row * over.shown.length + column] = weights[query * keys + key];
    });
  });
  return values;
}

export const differenceOf = (now: ArrayLike<number>, before: ArrayLike<number>): Float32Array =>
  Float32Array.from(now, (value, i) => value - (before[i] ?? Number.NaN));
