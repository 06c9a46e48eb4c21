/** Shares of every feature on two sides, A and B: how far apart they lie, against what noise. */

import type { Comparison, Manifest } from "../api";
import { namesOfInputs } from "../views/feature_names";

export interface ComparedFeature {
  input: string;
  /** Place in the input's shares. */
  index: number;
  name: string;
  /** Shares of the attribution and their standard errors, 0 … 1. */
  here: number;
  hereError: number;
  there: number;
  thereError: number;
  /** here − there. */
  change: number;
  /** Of the change, paired over the samples that both sides explain; NaN for one sample. */
  changeError: number;
  /** What 95 % of the differences of two seeds would stay under; NaN with fewer than two siblings. */
  seedNoise: number;
  /** Whether the change is over twice its standard error, and over what two seeds differ by where that is known. */
  beyondNoise: boolean;
}

/** Of the spread of one seed's share: two normal ones lie less than this apart 95 times of 100. */
const TWO_SEEDS = 1.96 * Math.SQRT2;

/** Every feature of every input, by the names that the Overview has for them. */
export function comparedFeatures(comparison: Comparison, manifest: Manifest): ComparedFeature[] {
  const inputs = Object.entries(comparison.inputs);
  const names = namesOfInputs(
    inputs.map(([input, { regions }]) => ({
      input,
      described: manifest.inputs.find(({ name }) => name === input),
      shape: regions,
    })),
  );
  const features = inputs.flatMap(([input, compared], k) =>
    compared.share.map((here, index): ComparedFeature => {
      const there = compared.referenceShare[index];
      const [hereError, thereError] = [compared.standardError[index], compared.referenceStandardError[index]];
      const [change, changeError] = [here - there, compared.changeStandardError[index]];
      const seedNoise = TWO_SEEDS * (compared.seedSpread?.[index] ?? Number.NaN);
      const beyondNoise = Math.abs(change) > 2 * changeError;
      const name = names[k][index] ?? String(index);
      return { input, index, name, here, hereError, there, thereError, change, changeError, seedNoise, beyondNoise };
    }),
  );
  if (!hasSeeds(features)) return features;
  // A few seeds may happen to agree in a feature: none is judged by less than is typical.
  const typical = typicalNoise(features);
  return features.map((feature) => {
    const { here, there, seedNoise } = feature;
    const apart = Math.max(seedNoise || 0, (typical * (here + there)) / 2);
    return { ...feature, beyondNoise: feature.beyondNoise && Math.abs(feature.change) > apart };
  });
}

export const hasSeeds = (features: readonly ComparedFeature[]): boolean =>
  features.some(({ seedNoise }) => Number.isFinite(seedNoise));

/** Features with a share on both sides: shares are NaN where an explanation is all zero or not finite. */
export const finite = (features: readonly ComparedFeature[]): ComparedFeature[] =>
  features.filter(({ here, there }) => Number.isFinite(here) && Number.isFinite(there));

/** The features that moved beyond noise, those that carry most of the difference first. */
export const outliers = (features: readonly ComparedFeature[]): ComparedFeature[] =>
  finite(features)
    .filter(({ beyondNoise }) => beyondNoise)
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change));

export interface LogAxis {
  low: number;
  high: number;
}

/** How many times smaller than the largest a share may be and still have a place of its own. */
const SPAN = 1000;

/** One axis for both sides: from the smallest share that is worth a place to the largest, with room at the ends; smaller shares lie on the edge. */
export function shareAxis(features: readonly ComparedFeature[]): LogAxis {
  const shares = finite(features)
    .flatMap(({ here, there }) => [here, there])
    .filter((share) => share > 0);
  const high = Math.max(...shares);
  if (shares.length === 0) return { low: 0.001, high: 1 };
  const low = Math.max(Math.min(...shares), high / SPAN);
  return { low: Math.min(low / 1.3, high / 10), high: Math.min(1.15, 1.3 * high) };
}

/** Where a share lies, 0 at the low end, 1 at the high one; what is smaller or zero lies at 0. */
export const shareToAxis = (share: number, { low, high }: LogAxis): number =>
  share <= low ? 0 : Math.min(1, Math.log(share / low) / Math.log(high / low));

/** Round shares on the axis: 1, 3 times a power of ten. */
export function shareTicks({ low, high }: LogAxis): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const factor of [1, 3]) {
      const tick = Number((factor * 10 ** power).toPrecision(1));
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

/**
 * The noise that a typical feature has, as a part of its share: the median over features of what two seeds differ by or, where nobody
 * knows that, of twice the standard error of the change. The band of the picture, which has one width. 0 without any.
 */
export function typicalNoise(features: readonly ComparedFeature[]): number {
  const seeds = hasSeeds(features);
  const parts = finite(features)
    .map(({ here, there, changeError, seedNoise }) => (seeds ? seedNoise : 2 * changeError) / ((here + there) / 2))
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  return parts[parts.length >> 1] ?? 0;
}
