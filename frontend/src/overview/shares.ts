/** Shares of the attribution by feature: what each holds at a step, with its sampling error. */
import type { Comparison, Manifest, Series } from "../api";
import { type Table, tableOf } from "../downloads";
import { namesOfInputs } from "../views/feature_names";

export interface ShareSeries {
  /** Input the series is of. */
  input: string;
  /** Of the importance at one step. */
  shape: readonly number[];
  series: Series;
}

export interface Share {
  input: string;
  /** Place in the input's importance. */
  index: number;
  name: string;
  share: number;
  standardError: number;
}

/** Every feature's share of Σ|attribution| over all inputs, at a step that all series have; undefined elsewhere, and where they are not finite or all zero. */
export function sharesAt(parts: readonly ShareSeries[], manifest: Manifest, step: number): Share[] | undefined {
  const rows = parts.map(({ series }) => {
    const at = series.steps.indexOf(step);
    return at < 0 ? undefined : series.at(at);
  });
  if (!rows.length || rows.some((row) => !row)) return undefined;
  const features = parts.map(({ series }) => series.shape[1]);
  let total = 0;
  rows.forEach((row, part) => {
    for (let i = 0; i < features[part]; i++) total += Math.abs(row?.[i] ?? 0);
  });
  if (!(total > 0 && Number.isFinite(total))) return undefined;
  const names = namesOf(parts, manifest);
  return parts.flatMap(({ input }, part) =>
    Array.from({ length: features[part] }, (_, i) => ({
      input,
      index: i,
      name: names[part][i] ?? String(i),
      share: Math.abs(rows[part]?.[i] ?? Number.NaN) / total,
      standardError: (rows[part]?.[features[part] + i] ?? Number.NaN) / total,
    })),
  );
}

/** Made once a series: shares are asked for at every move of the cursor. */
const named = new WeakMap<readonly ShareSeries[], string[][]>();

function namesOf(parts: readonly ShareSeries[], { inputs }: Manifest): string[][] {
  const described = (input: string) => inputs.find(({ name }) => name === input);
  const names =
    named.get(parts) ?? namesOfInputs(parts.map(({ input, shape }) => ({ input, described: described(input), shape })));
  named.set(parts, names);
  return names;
}

/** The mean over several steps; of the errors too, since the samples are the same. Undefined where a step has no shares. */
export function meanShares(all: readonly (readonly Share[] | undefined)[]): Share[] | undefined {
  const found = all.filter((shares) => shares !== undefined);
  if (!found.length || found.length < all.length) return undefined;
  const mean = (pick: (share: Share) => number, i: number) =>
    found.reduce((sum, shares) => sum + pick(shares[i]), 0) / found.length;
  return found[0].map((share, i) => ({
    ...share,
    share: mean((one) => one.share, i),
    standardError: mean((one) => one.standardError, i),
  }));
}

export interface RankedShare extends Share {
  /** NaN without a reference. */
  reference: number;
  change: number;
  /** Whether the change is beyond twice its standard error. */
  beyondNoise: boolean;
}

/** Standard errors of the shares' changes by input, paired over the samples that both sides explain. */
export type ChangeErrors = Readonly<Record<string, readonly number[]>>;

export const changeErrors = ({ inputs }: Comparison): ChangeErrors =>
  Object.fromEntries(Object.entries(inputs).map(([input, { changeStandardError }]) => [input, changeStandardError]));

/**
 * The largest shares first, with what each held at the reference.
 *
 * @param paired  undefined until it is known: then errors are added up as if both sides had other samples, and fewer changes are beyond noise
 */
export function ranked(
  now: readonly Share[],
  reference: readonly Share[] | undefined,
  paired: ChangeErrors = {},
): RankedShare[] {
  const counts = new Map<string, number>();
  for (const { input } of now) counts.set(input, (counts.get(input) ?? 0) + 1);
  // Of the same features: a method may have regions of its own.
  const errorsOf = (input: string) => (paired[input]?.length === counts.get(input) ? paired[input] : undefined);
  return now
    .map((share, i) => {
      const before = reference?.[i];
      const change = share.share - (before?.share ?? Number.NaN);
      const unpaired = Math.hypot(share.standardError, before?.standardError ?? 0);
      const noise = 2 * (errorsOf(share.input)?.[share.index] ?? unpaired);
      return { ...share, reference: before?.share ?? Number.NaN, change, beyondNoise: Math.abs(change) > noise };
    })
    .sort((a, b) => b.share - a.share);
}

/** Shares and their errors are parts of 1, not percent. */
export const shareTable = (shares: readonly RankedShare[]): Table =>
  tableOf(shares, {
    input: ({ input }) => input,
    feature: ({ name }) => name,
    share: ({ share }) => share,
    standard_error: ({ standardError }) => standardError,
    share_at_reference: ({ reference }) => reference,
  });
