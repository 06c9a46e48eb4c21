/** Attention on one sample, at the cursor and at the reference, as it is drawn and taken along. */
import type { Manifest } from "../api";
import { magnitudeAt } from "../charts/color";
import { type Table, tableOf } from "../downloads";
import { sampleName } from "../elements/sample_strip";
import type { LoggedSample } from "../elements/sample_thumb";
import { distance } from "../format";
import type { Attention } from "../layer_frames";
import {
  differenceOf,
  type Grid,
  gridOf,
  type Head,
  headCount,
  headTitle,
  inputOf,
  lookedAt,
  type Places,
  placesOf,
  type SmallMap,
  shownGrid,
} from "./layers_attention_model";
import type { Moment } from "./layers_moments";
import { allOf } from "./samples_model";

/** The percentile of the attention at which scales end. */
const CLIP_PERCENTILE = 99;

/** A sample in a frame, or in two. */
export interface Seen {
  now: Attention;
  reference: Attention | undefined;
  /** Which of the probe. */
  sample: number;
  queries: Places;
  keys: Places;
}

const indexIn = (attention: Attention | undefined, sample: number): number => attention?.samples.indexOf(sample) ?? -1;

/** Whether two frames hold the same positions. */
const fits = (a: Attention, b: Attention): boolean =>
  String(a.weights.shape.slice(2)) === String(b.weights.shape.slice(2));

export function seenOf(
  now: Attention,
  reference: Attention | undefined,
  manifest: Manifest,
  sample: number,
  logged: LoggedSample | undefined,
): Seen {
  const [, , queries, keys] = now.weights.shape;
  const input = inputOf(manifest, now.input);
  const comparable = reference && fits(now, reference) && indexIn(reference, sample) >= 0;
  return {
    now,
    reference: comparable ? reference : undefined,
    sample,
    queries: placesOf(now.queries, queries, input, logged),
    keys: placesOf(now.keys, keys, input, logged),
  };
}

/** The sample's grid at a moment; undefined without a reference, and where that lacks the head. */
export function gridAt({ now, reference, sample }: Seen, head: Head, moment: Moment): Grid | undefined {
  const of = (attention: Attention | undefined): Grid | undefined =>
    attention && !(typeof head === "number" && head >= headCount(attention))
      ? gridOf(attention, indexIn(attention, sample), head)
      : undefined;
  if (moment !== "change") return of(moment === "now" ? now : reference);
  const [own, before] = [of(now), of(reference)];
  return own && before && { ...own, weights: differenceOf(own.weights, before.weights) };
}

/** How much attention each key receives from a query, or on average from all that are drawn. */
export function lookAt(seen: Seen, head: Head, query: number | null, moment: Moment): Float32Array | undefined {
  const grid = gridAt(seen, head, moment);
  return grid && lookedAt(grid, query, seen.queries.shown);
}

/** Where a scale of attention ends, and what that is. */
export interface End {
  limit: number;
  name: string;
}

/** How many keys a query looks at, at most: those that are masked have no weight at all. */
function usedKeys({ weights }: Attention): number {
  const keys = weights.shape[3];
  let most = 1;
  for (let row = 0; row < weights.data.length && most < keys; row += keys) {
    let used = 0;
    for (let key = 0; key < keys; key++) if (weights.data[row + key] !== 0) used += 1;
    most = Math.max(most, used);
  }
  return most;
}

/** At a percentile; not before twice what even attention is, so that heads that look everywhere alike are never as dark as those that do not. */
function endOf(values: readonly ArrayLike<number>[], now: Attention): End {
  const limit = magnitudeAt(values, CLIP_PERCENTILE);
  const least = 2 / usedKeys(now);
  return limit >= least
    ? { limit, name: `${CLIP_PERCENTILE}th percentile` }
    : { limit: Math.min(1, least), name: "twice even attention" };
}

/** The scale of what is looked at: over all samples of the frames, so that none has a scale of its own. */
export function lookEnd({ now, reference, queries }: Seen, head: Head, query: number | null): End {
  const values = [now, reference].flatMap((attention) =>
    attention ? attention.samples.map((_, at) => lookedAt(gridOf(attention, at, head), query, queries.shown)) : [],
  );
  return endOf(values, now);
}

/** The scale of all heads' maps. */
export const weightEnd = ({ now, reference }: Seen): End =>
  endOf(
    [now, reference].flatMap((attention) => (attention ? [allOf(attention.weights)] : [])),
    now,
  );

/** ".31, 99th percentile": at the end of the scale. */
export const endText = ({ limit, name }: End): string => `${distance(limit)}, ${name}`;

/** A map a head. */
export function mapsOf(seen: Seen, moment: Moment): SmallMap[] {
  return Array.from({ length: headCount(seen.now) }, (_, head) => head).flatMap((head) => {
    const grid = gridAt(seen, head, moment);
    if (!grid) return [];
    const [rows, columns] = [seen.queries.shown.length, seen.keys.shown.length];
    return [{ head, values: shownGrid(grid, seen.queries, seen.keys), rows, columns }];
  });
}

/** A row a head, query and key of the sample. */
export function attentionTable(seen: Seen, heads: readonly Head[], manifest: Manifest): Table {
  const cells = heads.flatMap((head) => {
    const [now, before] = [gridAt(seen, head, "now"), gridAt(seen, head, "reference")];
    return seen.queries.shown.flatMap((query) =>
      seen.keys.shown.map((key) => ({ head, query, key, now, before, at: query * (now?.keys ?? 0) + key })),
    );
  });
  return tableOf(cells, {
    sample: () => sampleName(manifest, seen.sample),
    head: ({ head }) => headTitle(head),
    query: ({ query }) => query,
    query_name: ({ query }) => seen.queries.names[query],
    key: ({ key }) => key,
    key_name: ({ key }) => seen.keys.names[key],
    attention: ({ now, at }) => now?.weights[at] ?? null,
    attention_at_reference: ({ before, at }) => before?.weights[at] ?? null,
  });
}
