/** A layer's histograms at all steps, brought to one grid a kind. */
import { getSeries, type Series } from "../api";
import { fromRow, type Grid, merge } from "../charts/histogram";
import type { RunEntry } from "../state";
import { findTag } from "../tags";

export const KINDS = ["activation", "gradient", "weight"] as const;
export type Kind = (typeof KINDS)[number];

/** A kind's histograms at all steps on one grid. */
export interface Spread {
  steps: number[];
  grid: Grid;
}

export type Spreads = Partial<Record<Kind, Spread | Error>>;

const spreadOf = (series: Series): Spread => ({
  steps: series.steps,
  grid: merge(series.steps.map((_, i) => fromRow(series.at(i)))),
});

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
