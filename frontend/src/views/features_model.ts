/** Features by epoch: shares, ranks and signed means of one method over all inputs, sorted and searched. */

import type { Manifest, Series } from "../api";
import { namesOfInputs } from "./feature_names";

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
  const sets = others.map((list) => new Set(list));
  const steps = (first ?? []).filter((step) => sets.every((list) => list.has(step)));
  const regions = manifest.methods.find(({ name }) => name === method)?.regions;
  const named = namesOfInputs(
    parts.map(({ input, shape }) => ({
      input,
      described: manifest.inputs.find(({ name }) => name === input),
      shape,
      clusters: regions?.find((each) => each.input === input)?.clusters?.map(({ name }) => name),
    })),
  );
  const names: string[] = [];
  const inputs: string[] = [];
  const places: FeatureTable["parts"] = [];
  parts.forEach(({ input, shape, series }, part) => {
    places.push({ input, shape, offset: names.length });
    for (let i = 0; i < series.shape[1]; i++) {
      names.push(named[part][i] ?? String(i));
      inputs.push(input);
    }
  });
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
  const columns = parts.map(({ series }) => new Map(series.steps.map((step, i) => [step, i])));
  const shares = new Float64Array(names.length);
  steps.forEach((step, column) => {
    const rows = parts.map(({ series }, part) => series.at(columns[part].get(step) ?? 0));
    let [whole, feature] = [0, 0];
    rows.forEach((values, part) => {
      for (let i = 0; i < parts[part].series.shape[1]; i++) whole += positive(values[i]);
    });
    // One that is not finite leaves no whole for the others to have a share of.
    const total = Number.isFinite(whole) && whole > 0 ? whole : Number.NaN;
    rows.forEach((values, part) => {
      const count = parts[part].series.shape[1];
      for (let i = 0; i < count; i++, feature++) {
        const at = feature * steps.length + column;
        shares[feature] = positive(values[i]) / total;
        table.share[at] = shares[feature];
        table.standardError[at] = values[count + i] / total;
        table.signedMean[at] = values[2 * count + i];
      }
    });
    if (Number.isNaN(total)) return;
    rankColumn(shares).forEach((rank, i) => {
      table.rank[i * steps.length + column] = rank;
    });
  });
  return table;
}

/** Ranks of finite shares, 1 the largest; equals share the mean of theirs. */
function rankColumn(shares: Float64Array): Float64Array {
  const sorted = shares.slice().sort();
  /** How many are less than a value, or not more. */
  const below = (value: number, equal: boolean): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < value || (equal && sorted[middle] === value)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return shares.map((share) => {
    const last = below(share, true);
    return sorted.length - last + (last - below(share, false) + 1) / 2;
  });
}

/** Values of one feature at all steps. */
export const featureRow = (table: FeatureTable, matrix: Float32Array, feature: number): Float32Array =>
  matrix.subarray(feature * table.steps.length, (feature + 1) * table.steps.length);

/** Values of all features at one step, by its index; NaN where the index is −1. */
export const featureColumn = (table: FeatureTable, matrix: Float32Array, column: number): number[] =>
  table.names.map((_, feature) => (column < 0 ? Number.NaN : matrix[feature * table.steps.length + column]));

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

/** Larger magnitudes than any other of a matrix; 0 without any that is finite. */
export function maximum(values: Float32Array): number {
  let most = 0;
  for (const value of values) if (Math.abs(value) > most && Number.isFinite(value)) most = Math.abs(value);
  return most;
}

/** The largest share with twice its standard error, of the features at each step. */
export function highest(table: FeatureTable): Float32Array {
  const { share, standardError, steps } = table;
  const result = new Float32Array(steps.length);
  for (let i = 0; i < share.length; i++) {
    const value = share[i] + 2 * (standardError[i] || 0);
    if (value > result[i % steps.length] && Number.isFinite(value)) result[i % steps.length] = value;
  }
  return result;
}

/** Spearman's ρ of two methods' shares at a step of each, by its index: Pearson's correlation of the ranks. NaN with fewer than three features, or where all tie. */
export function rankCorrelation(a: FeatureTable, i: number, b: FeatureTable, k: number): number {
  const count = a.names.length;
  if (count < 3) return Number.NaN;
  const middle = (count + 1) / 2;
  let [ab, aa, bb] = [0, 0, 0];
  for (let feature = 0; feature < count; feature++) {
    const [p, q] = [a.rank[feature * a.steps.length + i] - middle, b.rank[feature * b.steps.length + k] - middle];
    ab += p * q;
    aa += p * p;
    bb += q * q;
  }
  return ab / Math.sqrt(aa * bb);
}
