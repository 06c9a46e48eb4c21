/** In which order features stand, and which of them. */

import type { Manifest } from "../api";
import { store } from "../state";
import { type FeatureTable, featureColumn, featureRow } from "./features_model";
import { momentsOf } from "./features_moment";
import { featuresOfWatch } from "./features_regions";
import { gapAt } from "./training_gap";

export const SORTS = [
  { id: "share", title: "share" },
  { id: "change", title: "change of share" },
  { id: "rank", title: "ranks gained" },
  { id: "training", title: "training gap" },
  { id: "seen", title: "first seen" },
  { id: "name", title: "name" },
] as const;

export type FeatureSort = (typeof SORTS)[number]["id"];

/** How rows are ordered, and at which step: none where the address says none. */
export interface ChosenSort {
  sort: FeatureSort;
  step: number | null;
}

/** "change@31" → by change, as it was at step 31. What is no order of features is by share. */
export function parseSort(text: string): ChosenSort {
  const [id, step] = text.split("@", 2);
  const known = SORTS.find((sort) => sort.id === id);
  return { sort: known?.id ?? "share", step: known && /^-?\d{1,9}$/.test(step ?? "") ? Number(step) : null };
}

export const formatSort = (sort: FeatureSort, step: number | null): string =>
  step === null ? sort : `${sort}@${step}`;

/** Orders that are the same at every step. */
export const isTimeless = (sort: FeatureSort): boolean => sort === "name" || sort === "seen";

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

/** The order at a step. What the reference is, is the state's: `_against` and `_best` say when it changes. */
export function orderOf(
  table: FeatureTable,
  sort: FeatureSort,
  step: number | null,
  others: readonly FeatureTable[],
  training: FeatureTable | undefined,
  _against: string,
  _best: unknown,
): number[] {
  const { now, before } = momentsOf({ ...store.state, epoch: step }, table, others);
  const gaps =
    sort === "training" && training
      ? table.names.map((_, feature) => gapAt(table, training, feature, table.steps[now]).gap)
      : [];
  return sortFeatures(table, sort, now, before.column, before.table, gaps);
}

/** Those of an order that were asked for: by their names, by the declared cells that they lie in. */
export function foundOf(
  table: FeatureTable,
  order: readonly number[],
  sought: string,
  region: string,
  manifest: Manifest | undefined,
): readonly number[] {
  const named = searchFeatures(table, order, sought);
  const watch = manifest?.watches.find(({ name }) => name === region);
  if (!watch) return named;
  const within = featuresOfWatch(watch, table, manifest?.inputs ?? []);
  return named.filter((feature) => within.has(feature));
}
