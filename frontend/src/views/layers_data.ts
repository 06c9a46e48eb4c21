/** A layer's histograms at all steps, brought to one grid a kind. */
import { getSeries, type Series } from "../api";
import { fromRow, type Grid, type Histogram, merge } from "../charts/histogram";
import type { RunEntry } from "../state";
import { findTag } from "../tags";

export const KINDS = ["activation", "gradient", "weight"] as const;
export type Kind = (typeof KINDS)[number];

/** A kind's histograms at all steps on one grid. */
export interface Spread {
  steps: number[];
  /** As they were logged. */
  histograms: readonly Histogram[];
  grid: Grid;
}

export type Spreads = Partial<Record<Kind, Spread | Error>>;

function spreadOf(series: Series): Spread {
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

/** A layer of a run: its histograms and its health. */
export interface LoadedLayer {
  run: RunEntry;
  spreads: Spreads;
  /** Undefined where it was not logged, or cannot be read. */
  health: Series | undefined;
}

/** The layer of that name, as far as the run has logged it. */
export async function loadLayer(run: RunEntry, layer: string, signal: AbortSignal): Promise<LoadedLayer> {
  const tag = findTag(run, "health", layer);
  const [spreads, health] = await Promise.all([
    loadSpreads(run, layer, signal),
    tag ? getSeries(run.run, tag, signal).catch(() => undefined) : undefined,
  ]);
  return { run, spreads, health };
}

/** A kind that cannot be read keeps its error to itself; one that was not logged is absent. */
export async function loadSpreads(run: RunEntry, layer: string, signal: AbortSignal): Promise<Spreads> {
  const spreads: Spreads = {};
  await Promise.all(
    KINDS.map(async (kind) => {
      const tag = findTag(run, kind, layer);
      if (!tag) return;
      try {
        spreads[kind] = spreadOf(await getSeries(run.run, tag, signal));
      } catch (error) {
        if (signal.aborted) throw error;
        spreads[kind] = error as Error;
      }
    }),
  );
  return spreads;
}
