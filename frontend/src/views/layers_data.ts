/** A layer's histograms at all steps, brought to one grid a kind. */
import { getSeries, type Series } from "../api";
import { fromRow, type Grid, type Histogram, merge } from "../charts/histogram";
import type { RunEntry } from "../state";
import { findTag } from "../tags";

export const KINDS = ["activation", "gradient", "weight"] as const;
export type Kind = (typeof KINDS)[number];

export const KIND_TITLES: Record<Kind, string> = {
  activation: "Activations",
  gradient: "Gradients",
  weight: "Weights",
};

/** A kind's histograms at all steps on one grid. */
export interface Spread {
  steps: number[];
  /** As they were logged. */
  histograms: readonly Histogram[];
  grid: Grid;
}

/** By kind; what was not logged is null, what cannot be read its error, what is on its way is absent. */
export type Spreads = Partial<Record<Kind, Spread | Error | null>>;

export function spreadOf(series: Series): Spread {
  const histograms = series.steps.map((_, i) => fromRow(series.at(i)));
  return { steps: series.steps, histograms, grid: merge(histograms) };
}

/** The grids of two layers with the same bins. */
export function onOneGrid(a: Spread, b: Spread): [Grid, Grid] {
  const { counts, ...bins } = merge([...a.histograms, ...b.histograms]);
  const first = a.histograms.length;
  return [
    { ...bins, counts: counts.slice(0, first) },
    { ...bins, counts: counts.slice(first) },
  ];
}

/** A kind that cannot be read keeps its error to itself. */
export async function loadSpread(
  run: RunEntry,
  layer: string,
  kind: Kind,
  signal: AbortSignal,
): Promise<Spread | Error | null> {
  const tag = findTag(run, kind, layer);
  if (!tag) return null;
  try {
    return spreadOf(await getSeries(run.run, tag, signal));
  } catch (error) {
    if (signal.aborted) throw error;
    return error as Error;
  }
}

/** A layer's health; undefined where it was not logged. */
export async function loadHealth(run: RunEntry, layer: string, signal: AbortSignal): Promise<Series | undefined> {
  const tag = findTag(run, "health", layer);
  return tag ? getSeries(run.run, tag, signal) : undefined;
}

/** A layer of a run: its histograms and its health. */
export interface LoadedLayer {
  run: RunEntry;
  spreads: Spreads;
  /** Undefined where it was not logged, or cannot be read. */
  health: Series | undefined;
}

/** The layer of that name, as far as the run has logged it. */
export async function loadLayer(run: RunEntry, layer: string, signal: AbortSignal): Promise<LoadedLayer> {
  const [health, ...spreads] = await Promise.all([
    loadHealth(run, layer, signal).catch(() => undefined),
    ...KINDS.map((kind) => loadSpread(run, layer, kind, signal)),
  ]);
  return { run, health, spreads: Object.fromEntries(KINDS.map((kind, i) => [kind, spreads[i]])) };
}
