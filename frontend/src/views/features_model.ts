/** Features by epoch: shares, ranks and signed means of one method over all inputs, sorted and searched. */

import type { Manifest, Series } from "../api";
import { ranks } from "../overview/agreement";
import { featureNames } from "./feature_names";

/** One method's importance of one input: a series of [3, F]. */
export interface Part {
  input: string;
  /** Of the importance at one step; its product is F. */
  shape: readonly number[];
  series: Series;
}

/** All features of one method at all its steps. Matrices are [F, S], row by row. */
export interface FeatureTable {
  method: string;
  names: string[];
  /** Name of each feature's input. */
  inputs: string[];
  steps: readonly number[];
  /** Of Σ importance over all features, at each step; NaN where nothing has any importance. */
  share: Float32Array;
  /** Of the share. */
  standardError: Float32Array;
  /** Mean over samples with its sign, in the method's unit; NaN where the method has none. */
  signedMean: Float32Array;
  /** 1 for the largest share; NaN where shares are. */
  rank: Float32Array;
  /** The inputs' features lie one after the other: where each begins and what shape it has. */
  parts: { input: string; shape: readonly number[]; offset: number }[];
}

/** The same features in the same order: shares by one method can stand beside the other's. */
export const sameFeatures = (a: FeatureTable, b: FeatureTable): boolean =>
  a.names.length === b.names.length &&
  a.names.every((name, i) => name === b.names[i]) &&
  a.parts.every(({ shape }, i) => String(shape) === String(b.parts[i]?.shape));

/** As many as have marks of their own. */
const COMPARED = 4;

/** The tables to hold against each other: the chosen one, then permutation, which asks the loss, then others of the same features. */
export function comparedTables(tables: readonly FeatureTable[], chosen: FeatureTable): FeatureTable[] {
  const others = tables.filter((table) => table !== chosen && sameFeatures(table, chosen));
  const witness = (table: FeatureTable) => Number(!table.method.startsWith("permutation"));
  return [chosen, ...others.sort((a, b) => witness(a) - witness(b))].slice(0, COMPARED);
}

/** Importance counts from zero: a permutation that happens to lower the loss explains nothing. */
const positive = (value: number): number => Math.max(0, value);

/** The table of a method over the steps that all its inputs have. */
export function featureTable(method: string, parts: readonly Part[], manifest: Manifest): FeatureTable {
  const [first, ...others] = parts.map(({ series }) => series.steps);
  const steps = (first ?? []).filter((step) => others.every((list) => list.includes(step)));
  const names: string[] = [];
  const inputs: string[] = [];
  const places: FeatureTable["parts"] = [];
  for (const { input, shape, series } of parts) {
    places.push({ input, shape, offset: names.length });
    const described = manifest.inputs.find(({ name }) => name === input);
    const own = described ? featureNames(described, shape) : [];
    const prefix = parts.length > 1 && described?.kind !== "tabular" ? `${input} ` : "";
    for (let i = 0; i < series.shape[1]; i++) {
      names.push(prefix + (own[i] ?? i));
      inputs.push(input);
    }
  }
  const empty = () => new Float32Array(names.length * steps.length).fill(Number.NaN);
  const table = {
    method,
    names,
    inputs,
    steps,
    parts: places,
    share: empty(),
    standardError: empty(),
    signedMean: empty(),
    rank: empty(),
  };
  steps.forEach((step, column) => {
    const rows = parts.map(({ series }) => ({ values: series.at(series.steps.indexOf(step)), count: series.shape[1] }));
    const flat = (row: number) =>
      rows.flatMap(({ values, count }) => Array.from(values.subarray(row * count, (row + 1) * count)));
    const importance = flat(0).map(positive);
    // One that is not finite leaves no whole for the others to have a share of.
    const whole = importance.reduce((sum, value) => sum + value, 0);
    const total = Number.isFinite(whole) ? whole : Number.NaN;
    const [errors, means] = [flat(1), flat(2)];
    const shares = importance.map((value) => (total > 0 ? value / total : Number.NaN));
    const order = ranks(shares.map((share) => (Number.isNaN(share) ? Number.POSITIVE_INFINITY : -share)));
    shares.forEach((share, feature) => {
      const at = feature * steps.length + column;
      table.share[at] = share;
      table.standardError[at] = errors[feature] / total;
      table.signedMean[at] = means[feature];
      table.rank[at] = Number.isNaN(share) ? Number.NaN : order[feature];
    });
  });
  return table;
}

/** Values of one feature at all steps. */
export const featureRow = (table: FeatureTable, matrix: Float32Array, feature: number): Float32Array =>
  matrix.subarray(feature * table.steps.length, (feature + 1) * table.steps.length);

/** Values of all features at one step, by its index; NaN where the index is −1. */
export const featureColumn = (table: FeatureTable, matrix: Float32Array, column: number): number[] =>
  table.names.map((_, feature) => (column < 0 ? Number.NaN : matrix[feature * table.steps.length + column]));

export const SORTS = [
  { id: "share", title: "share" },
  { id: "change", title: "change of share" },
  { id: "rank", title: "ranks gained" },
  { id: "training", title: "training gap" },
  { id: "seen", title: "first seen" },
  { id: "name", title: "name" },
] as const;

export type FeatureSort = (typeof SORTS)[number]["id"];

export const isFeatureSort = (text: string): text is FeatureSort => SORTS.some(({ id }) => id === text);

/** Index of the first step at which a feature holds more than an equal share; the number of steps if it never does. */
function firstSeen(table: FeatureTable, feature: number): number {
  const found = featureRow(table, table.share, feature).findIndex((share) => share > 1 / table.names.length);
  return found < 0 ? table.steps.length : found;
}

/**
 * Indices of the features in order, at step `now` against step `reference` of the table `old` (indices into the steps; −1 for none).
 *
 * @param gaps  by feature: how much more it has over training samples; none where nobody looked
 */
export function sortFeatures(
  table: FeatureTable,
  sort: FeatureSort,
  now: number,
  reference: number,
  old: FeatureTable = table,
  gaps: readonly number[] = [],
): number[] {
  const share = featureColumn(table, table.share, now);
  const before = featureColumn(old, old.share, reference);
  const rank = featureColumn(table, table.rank, now);
  const rankBefore = featureColumn(old, old.rank, reference);
  const indices = table.names.map((_, feature) => feature);
  const keys: Record<Exclude<FeatureSort, "name">, (feature: number) => number> = {
    share: (i) => share[i],
    change: (i) => Math.abs(share[i] - before[i]),
    rank: (i) => rankBefore[i] - rank[i],
    training: (i) => Math.abs(gaps[i] ?? Number.NaN),
    seen: (i) => -firstSeen(table, i),
  };
  if (sort === "name") return indices.sort((a, b) => table.names[a].localeCompare(table.names[b]) || a - b);
  const key = (feature: number) => {
    const value = keys[sort](feature);
    return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
  };
  const descending = (a: number, b: number) => (a === b ? 0 : b - a);
  return indices.sort((a, b) => descending(key(a), key(b)) || descending(share[a] || 0, share[b] || 0) || a - b);
}

/** Those whose name contains what was typed, case left aside. */
export const searchFeatures = (table: FeatureTable, order: readonly number[], query: string): number[] => {
  const wanted = query.trim().toLowerCase();
  return order.filter((feature) => table.names[feature].toLowerCase().includes(wanted));
};

/** Sum of the shares of those left out, at one step. */
export const remainder = (table: FeatureTable, shown: readonly number[], column: number): number => {
  const share = featureColumn(table, table.share, column);
  const held = new Set(shown);
  return share.reduce((sum, value, feature) => sum + (held.has(feature) ? 0 : value || 0), 0);
};

/** Matrix of a few rows of [F, S], in their order: what a heat map draws. */
export function rowsOf(table: FeatureTable, matrix: Float32Array, features: readonly number[]): Float32Array {
  const result = new Float32Array(features.length * table.steps.length);
  features.forEach((feature, row) => {
    result.set(featureRow(table, matrix, feature), row * table.steps.length);
  });
  return result;
}

/** Ranks as a colour: 1 for the first, 0 for the last. */
export const rankShade = (ranksOf: Float32Array, count: number): Float32Array =>
  ranksOf.map((rank) => (count > 1 ? 1 - (rank - 1) / (count - 1) : 1));

/** Steps that the chart of ranks draws. */
const RANK_STEPS = 13;

/** Columns of a few evenly spaced steps, with those of the cursor, the reference and the last. */
export function rankColumns(steps: readonly number[], now: number, before: number): number[] {
  const every = Math.max(1, Math.ceil((steps.length - 1) / (RANK_STEPS - 1)));
  const even = steps.map((_, i) => i).filter((i) => i % every === 0);
  return [...new Set([...even, now, before, steps.length - 1])].filter((i) => i >= 0).sort((a, b) => a - b);
}
