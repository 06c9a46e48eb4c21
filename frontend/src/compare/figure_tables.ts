/** What Compare shows as tables: a row a pair of epochs, or a feature. */
import { type Table, tableOf } from "../downloads";
import { placesAt } from "../steps";
import type { FigureRow } from "./figure_noise";
import type { Side } from "./matrix";
import type { ComparedFeature } from "./scatter_model";
import type { SeedRow } from "./seed_null";

/** @param values [rows, columns] mean cosines */
export function similarityTable(columns: Side, rows: Side, values: Float32Array): Table {
  const [across, down] = [placesAt(columns.run, columns.steps), placesAt(rows.run, rows.steps)];
  const pairs = down.flatMap((other, row) =>
    across.map((epoch, column) => ({ epoch, other, cosine: values[row * across.length + column] })),
  );
  return tableOf(pairs, {
    run: () => columns.run.run,
    epoch: ({ epoch }) => epoch,
    other_run: () => rows.run.run,
    other_epoch: ({ other }) => other,
    cosine: ({ cosine }) => cosine,
  });
}

export const changesTable = (features: readonly ComparedFeature[]): Table =>
  tableOf(features, {
    input: ({ input }) => input,
    feature: ({ name }) => name,
    share_a: ({ here }) => here,
    standard_error_a: ({ hereError }) => hereError,
    share_b: ({ there }) => there,
    standard_error_b: ({ thereError }) => thereError,
    change: ({ change }) => change,
    standard_error_of_change: ({ changeError }) => changeError,
  });

export const seedTable = (rows: readonly SeedRow[]): Table =>
  tableOf(rows, {
    feature: ({ feature }) => feature.name,
    share_a: ({ feature }) => feature.here,
    sibling_median: ({ center }) => center,
    sibling_spread: ({ spread }) => spread,
    z: ({ z }) => z,
  });

export const figuresTable = (rows: readonly FigureRow[]): Table =>
  tableOf(rows, {
    figure: ({ figure }) => figure.title,
    a: ({ here }) => here.value,
    standard_error_a: ({ here }) => here.error,
    b: ({ there }) => there.value,
    standard_error_b: ({ there }) => there.error,
    difference: ({ difference }) => difference,
    noise: ({ noise }) => noise,
    noise_of: ({ kind }) => kind ?? null,
  });
