/** How far methods rank the features alike at one step, each by its last answer until then, and where they do not. */

import { indexAt } from "../charts/curve_data";
import { type FeatureTable, featureColumn, rankCorrelation, sameFeatures } from "./features_model";

export interface MethodAgreement {
  tables: readonly FeatureTable[];
  /** Index of each table's last step that is not after the cursor's; −1 before its first. */
  columns: readonly number[];
  /** Spearman’s ρ of every two, [methods, methods]; NaN where one has no answer yet. */
  rho: readonly (readonly number[])[];
}

/** @param tables those of other features than the first are left out */
export function agreementAt(tables: readonly FeatureTable[], step: number): MethodAgreement {
  const alike = tables.filter((table) => sameFeatures(table, tables[0]));
  const columns = alike.map(({ steps }) => indexAt(steps, step));
  const rho = alike.map((a, i) =>
    alike.map((b, k) =>
      columns[i] < 0 || columns[k] < 0 ? Number.NaN : rankCorrelation(a, columns[i], b, columns[k]),
    ),
  );
  return { tables: alike, columns, rho };
}

/** What |ρ| of two random orders stays under, in 95 % of them. */
export const chanceRho = (features: number): number => (features > 2 ? 1.96 / Math.sqrt(features - 1) : Number.NaN);

export interface Disagreement {
  /** Indices of the methods. */
  a: number;
  b: number;
  rho: number;
  /** Index of the feature that they rank most differently, among those that are strong by one of them. */
  feature: number;
  rankA: number;
  rankB: number;
}

/** Strong: among the first three, or the first tenth where that is more. */
const strongPlaces = (features: number): number => Math.max(3, Math.ceil(features / 10));

/** The two methods that agree least; undefined with fewer than two, or where no ρ is known. */
export function leastAlike({ tables, columns, rho }: MethodAgreement): Disagreement | undefined {
  let worst: [number, number] | undefined;
  for (let a = 0; a < rho.length; a++) {
    for (let b = a + 1; b < rho.length; b++) {
      if (Number.isFinite(rho[a][b]) && !(worst && rho[a][b] >= rho[worst[0]][worst[1]])) worst = [a, b];
    }
  }
  if (!worst) return undefined;
  const [a, b] = worst;
  const [left, right] = worst.map((i) => featureColumn(tables[i], tables[i].rank, columns[i]));
  const places = strongPlaces(left.length);
  let feature = -1;
  left.forEach((rank, i) => {
    const apart = Math.abs(rank - right[i]);
    if (Math.min(rank, right[i]) > places) return;
    if (feature < 0 || apart > Math.abs(left[feature] - right[feature])) feature = i;
  });
  return { a, b, rho: rho[a][b], feature, rankA: left[feature], rankB: right[feature] };
}
