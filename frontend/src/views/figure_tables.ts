/** What Features and Layers show as tables: a row a feature, or a bin, and epoch. */
import type { ManifestLayer } from "../api";
import { nearestIndex } from "../charts/epoch_axis";
import type { Grid } from "../charts/histogram";
import { type Table, tableOf } from "../downloads";
import type { FeatureTable } from "./features_model";
import { HEALTH } from "./layers_model";

/** Each feature at each step: its place in the matrices of the table. */
const cellsOf = ({ steps }: FeatureTable, features: readonly number[], places: readonly number[]) =>
  features.flatMap((feature) =>
    steps.map((_, column) => ({ feature, epoch: places[column], at: feature * steps.length + column })),
  );

/** @param places of the table's steps, on the axis of epochs */
export const sharesTable = (table: FeatureTable, features: readonly number[], places: readonly number[]): Table =>
  tableOf(cellsOf(table, features, places), {
    input: ({ feature }) => table.inputs[feature],
    feature: ({ feature }) => table.names[feature],
    epoch: ({ epoch }) => epoch,
    share: ({ at }) => table.share[at],
    standard_error: ({ at }) => table.standardError[at],
    signed_mean: ({ at }) => table.signedMean[at],
    rank: ({ at }) => table.rank[at],
  });

/** Shares by each method, at its measured step nearest to one. */
export function methodsTable(
  methods: readonly FeatureTable[],
  features: readonly number[],
  step: number | null,
): Table {
  const cells = methods.flatMap((table) => {
    const column = nearestIndex(table.steps, step ?? 0);
    return features.map((feature) => ({ table, feature, column, at: feature * table.steps.length + column }));
  });
  return tableOf(cells, {
    method: ({ table }) => table.method,
    feature: ({ table, feature }) => table.names[feature],
    step: ({ table, column }) => table.steps[column],
    share: ({ table, at }) => table.share[at],
    standard_error: ({ table, at }) => table.standardError[at],
  });
}

export const ranksTable = (table: FeatureTable, features: readonly number[], places: readonly number[]): Table =>
  tableOf(cellsOf(table, features, places), {
    feature: ({ feature }) => table.names[feature],
    epoch: ({ epoch }) => epoch,
    rank: ({ at }) => table.rank[at],
  });

/** Histograms on one grid: how many values lie in [lower, upper) at each place on the axis of epochs. */
export const histogramTable = ({ lower, width, counts }: Grid, places: readonly number[]): Table =>
  tableOf(
    counts.flatMap((bins, i) => Array.from(bins, (count, bin) => ({ epoch: places[i], bin, count }))),
    {
      epoch: ({ epoch }) => epoch,
      lower: ({ bin }) => lower + bin * width,
      upper: ({ bin }) => lower + (bin + 1) * width,
      count: ({ count }) => count,
    },
  );

/** A histogram now and, where there is one, at the reference. */
export function momentsTable(grid: Omit<Grid, "counts">, now: Float64Array, before: Float64Array | undefined): Table {
  return tableOf(
    Array.from(now, (count, bin) => ({ bin, count })),
    {
      lower: ({ bin }) => grid.lower + bin * grid.width,
      upper: ({ bin }) => grid.lower + (bin + 1) * grid.width,
      count: ({ count }) => count,
      count_at_reference: ({ bin }) => before?.[bin] ?? null,
    },
  );
}

/** The layers of a model and their health at one step. @param health the figures of a layer in the order of `HEALTH`; [] where there are none */
export const layersTable = (layers: readonly ManifestLayer[], health: (layer: string) => readonly number[]): Table =>
  tableOf(layers, {
    layer: ({ name }) => name,
    class: ({ class_name }) => class_name,
    output_shape: ({ output_shape }) => output_shape.join(" × "),
    activation: ({ activation }) => activation,
    parameters: ({ parameters }) => Number(parameters),
    reads_from: ({ inbound }) => inbound.join(" "),
    ...Object.fromEntries(
      HEALTH.map((figure, i) => [figure, ({ name }: ManifestLayer) => health(name)[i] ?? null] as const),
    ),
  });
