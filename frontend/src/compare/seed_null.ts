/** Whether another run differs by more than a seed does: each feature's share against those of sibling runs. */

import type { Comparison } from "../api";
import { fixed, isolated, percent } from "../format";
import type { ComparedFeature } from "./scatter_model";

export interface SeedRow {
  feature: ComparedFeature;
  /** Median share of the sibling runs, and their spread (MAD · 1.4826). */
  center: number;
  spread: number;
  /** How many spreads the run's share lies from the center. */
  z: number;
}

/** Beyond so many spreads a share is worth a word: a robust z of a few siblings is coarse. */
export const NOTABLE = 5;
/** With fewer siblings there is no null. */
export const FEWEST = 2;
/** With fewer the spread itself is little more than a guess. */
export const ENOUGH = 5;

/** The rows with a z, farthest from their siblings first; none where the server had too few siblings. */
export function seedRows(comparison: Comparison, features: readonly ComparedFeature[]): SeedRow[] {
  return features
    .flatMap((feature) => {
      const { seedCenter, seedSpread, z } = comparison.inputs[feature.input];
      if (!seedCenter || !seedSpread || !z || !Number.isFinite(z[feature.index])) return [];
      const at = feature.index;
      return [{ feature, center: seedCenter[at], spread: seedSpread[at], z: z[at] }];
    })
    .sort((a, b) => Math.abs(b.z) - Math.abs(a.z));
}

/** "29", "3.4", "−12" */
export const zText = (z: number): string => fixed(z, Math.abs(z) < 10 ? 1 : 0);

const whole = (share: number): string => percent(share, { unit: false });

/** "leak carries 31.0 % here, 2.0 ± 1.0 % in 6 sibling runs: z = 29." */
export const seedSentence = ({ feature, center, spread, z }: SeedRow, siblings: number): string =>
  `${isolated(feature.name)} carries ${percent(feature.here)} here, ${whole(center)} ± ${percent(spread)} in ${siblings} sibling runs: z = ${zText(z)}.`;

/** What is to be said where there is no null, or a poor one; "" where there are siblings enough. */
export function siblingsNote(siblings: number): string {
  const one = siblings === 1 ? "is 1 sibling run" : `are ${siblings || "no"} sibling runs`;
  if (siblings < FEWEST)
    return `There ${one}: too few to tell this difference from that of two seeds. Train the same model at least twice more with other seeds, better five times.`;
  return siblings < ENOUGH
    ? `With ${siblings} siblings the spread is itself uncertain, by half and more: take z as a hint, not as a test.`
    : "";
}
