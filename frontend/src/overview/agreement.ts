/** Whether a method and permutation importance rank the features alike: Spearman's ρ a step. */
import type { Series } from "../api";

/** Ranks from 1; equal values share the mean of theirs. */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const result = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]] === values[order[from]]) to += 1;
    for (let i = from; i <= to; i++) result[order[i]] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return result;
}

/** Pearson's correlation of the ranks, −1 … 1; NaN where one side has fewer than three values, does not vary or is not finite. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length || a.length < 3 || ![...a, ...b].every(Number.isFinite)) return Number.NaN;
  const [p, q] = [ranks(a), ranks(b)];
  const middle = (p.length + 1) / 2;
  let [pq, pp, qq] = [0, 0, 0];
  for (let i = 0; i < p.length; i++) {
    pq += (p[i] - middle) * (q[i] - middle);
    pp += (p[i] - middle) ** 2;
    qq += (q[i] - middle) ** 2;
  }
  return pq / Math.sqrt(pp * qq);
}

/** Sums of a grid over a coarser one that divides it; undefined where it does not. */
export function coarsened(
  values: ArrayLike<number>,
  shape: readonly number[],
  to: readonly number[],
): number[] | undefined {
  if (shape.length !== to.length || shape.some((length, i) => length % to[i] !== 0)) return undefined;
  const sums = new Array<number>(to.reduce((a, b) => a * b, 1)).fill(0);
  const [columns, coarse] = [shape.at(-1) ?? 1, to.at(-1) ?? 1];
  const [down, across] = [shape.length === 2 ? shape[0] / to[0] : 1, columns / coarse];
  for (let i = 0; i < values.length; i++) {
    const row = Math.floor(Math.floor(i / columns) / down);
    sums[row * coarse + Math.floor((i % columns) / across)] += values[i];
  }
  return sums;
}

export interface Ranked {
  series: Series;
  /** Of the importance at one step. */
  shape: readonly number[];
}

/** ρ at the steps that both have. Importance is the first row of a step's [3, F]. */
export function agreement(method: Ranked, permutation: Ranked): { steps: number[]; values: number[] } {
  const importance = ({ series }: Ranked, at: number) => series.at(at).subarray(0, series.shape[1]);
  const result: { steps: number[]; values: number[] } = { steps: [], values: [] };
  permutation.series.steps.forEach((step, i) => {
    const at = method.series.steps.indexOf(step);
    const fine = at < 0 ? undefined : coarsened(importance(method, at), method.shape, permutation.shape);
    if (!fine) return;
    result.steps.push(step);
    result.values.push(spearman(fine, Array.from(importance(permutation, i))));
  });
  return result;
}
