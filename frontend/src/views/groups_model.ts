/** Figures of the probe's groups at one step: what differs beyond noise, and what features are called there. */

import type { ByGroup, Estimates, FiguresOfSamples, Manifest } from "../api";
import { namesOfInputs } from "./feature_names";
import { featuresOfWatch } from "./features_regions";

/** A figure at one step. */
export interface Estimate {
  value: number;
  standardError: number;
}

export const estimateAt = ({ value, standardError }: Estimates, at: number): Estimate => ({
  value: value[at] ?? Number.NaN,
  standardError: standardError[at] ?? Number.NaN,
});

/**
 * Standard error of a group's figure less that of all samples, of which the group is a part p: the group's own part is in both.
 *
 * The mean of all is p g + (1 − p) r with the rest's r, so that g less it is (1 − p)(g − r), whose variance is var(all) + (1 − 2p) var(g);
 * errors of shares are those of ratios, for which this may come out too small: it is never less than (1 − p)² var(g).
 */
export const differenceError = (group: number, all: number, part: number): number =>
  Math.sqrt(Math.max(((1 - part) * group) ** 2, all * all + (1 - 2 * part) * group * group));

/** Whether a group's figure lies further from that of all samples than its noise: 2 standard errors of the difference. False where one is not known. */
export const differs = (group: Estimate, all: Estimate, part: number): boolean =>
  Math.abs(group.value - all.value) > 2 * differenceError(group.standardError, all.standardError, part);

/** Whether there is a rest to hold a group against: as many samples as a group needs for figures of its own. */
export const hasRest = (group: FiguresOfSamples, { all, fewest }: ByGroup): boolean =>
  all.samples - group.samples >= fewest;

/** Whether a group's shares lie further from those of all others than two draws of samples would. */
export const gapBeyondChance = ({ shareGap }: FiguresOfSamples, at: number): boolean =>
  shareGap.value[at] - 2 * shareGap.standardError[at] > shareGap.byChance[at];

export interface GroupFeature {
  name: string;
  /** Name of the watch that it lies in and that the training declared protected; "" for none. */
  protected: string;
}

/** What the answer's regions are called, and which of them are protected. */
export function groupFeatures({ regions }: ByGroup, { inputs, watches }: Manifest): GroupFeature[] {
  const named = namesOfInputs(
    inputs.map((described) => ({ input: described.name, described, shape: described.regions })),
  );
  const guarded = watches
    .filter((watch) => watch.protected)
    .map((watch) => {
      const parts = inputs
        .filter(({ name }) => name === watch.input)
        .map(({ name, regions: shape }) => ({ input: name, shape, offset: 0 }));
      return { name: watch.name, input: watch.input, within: featuresOfWatch(watch, { parts }, inputs) };
    });
  return regions.map(({ input, region }) => ({
    name: named[inputs.findIndex(({ name }) => name === input)]?.[region] ?? `${input} ${region}`,
    protected: guarded.find((watch) => watch.input === input && watch.within.has(region))?.name ?? "",
  }));
}

/** The largest share with twice its error of a feature in any group, at one step: what its bars share as an axis. */
export const shareLimit = (answers: readonly FiguresOfSamples[], feature: number): number => {
  let most = 0;
  for (const { shares } of answers) {
    const { value = [], standardError = [] } = shares[feature] ?? {};
    value.forEach((share, at) => {
      const end = share + 2 * (standardError[at] || 0);
      if (Number.isFinite(end) && end > most) most = end;
    });
  }
  return most;
};
