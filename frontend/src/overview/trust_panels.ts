/** How far to trust this: charts of what was checked. None is added to another. */

import type { Drift, ManifestWatch, Series } from "../api";
import type { Limit, Line } from "../charts/curve_data";
import type { Panel } from "../elements/curve_panel";
import { capital, distance, percent } from "../format";
import type { SumError } from "../methods";
import type { Answers } from "./answers";
import {
  anyFinite,
  around,
  bandLines,
  bare,
  columnOf,
  driftLines,
  focusLine,
  panelOf,
  percentTick,
  plainTick,
  round,
  type Shared,
} from "./panel_parts";

/** A completeness error above this asks for more nodes. */
export const COMPLETENESS_LIMIT = 0.05;
/** An R² of a local model below this asks for another explanation than a straight line. */
export const FIT_LIMIT = 0.5;

/** p95 of every run and, dotted, the focus run's p50. Undefined for a method whose frames have no such error. */
export function completenessPanel(drift: Answers<Drift>, error: SumError, shared: Shared): Panel | undefined {
  const worst = driftLines(drift, shared, (value) => value.completenessP95);
  if (!anyFinite(worst)) return undefined;
  const middle = driftLines(drift, shared, (value) => value.completenessP50).filter(({ focus }) => focus);
  const measured = [...worst, ...middle].flatMap(({ values }) => values.filter(Number.isFinite));
  const log = measured.every((error) => error > 0);
  const named = (line: Line, name: string): Line => (line.focus && anyFinite(middle) ? { ...line, name } : line);
  return panelOf(shared, {
    about: "completeness",
    title: `${capital(error || "completeness")} error`,
    unit: `p95, % of Σ|values|${log ? ", log" : ""}`,
    lines: [
      ...worst.map((line) => named(line, "p95")),
      ...middle.map((line) => ({ ...named(line, "p50"), dotted: true })),
    ],
    limits: [{ value: COMPLETENESS_LIMIT, label: `limit ${round(COMPLETENESS_LIMIT)}` }],
    scale: log ? { log } : { low: 0 },
    tick: percentTick,
    figure: bare,
  });
}

/** A figure and its standard error, [2] a step, with ± 2 SE around the focus run's. */
const errorLines = (answers: Answers<Series>, shared: Shared, low?: number): Line[] =>
  bandLines(answers, shared, (series) => {
    const values = columnOf(series);
    const errors = columnOf(series, 1).map((error) => 2 * error);
    return { steps: series.steps, values, band: around(values, errors, low) };
  });

export function deletionPanel(gap: Answers<Series>, shared: Shared): Panel | undefined {
  const lines = errorLines(gap, shared);
  if (!anyFinite(lines)) return undefined;
  return panelOf(shared, {
    about: "deletion",
    title: "Deletion gap",
    unit: "beyond random order, ± 2 SE",
    lines,
    limits: [{ value: 0, label: "random order" }],
    tick: plainTick,
    figure: distance,
  });
}

/** The median sample's, with the quartile below it around the focus run's. */
export function localFitPanel(fit: Answers<Series>, shared: Shared): Panel | undefined {
  const lines = bandLines(fit, shared, (series) => {
    const values = columnOf(series);
    return { steps: series.steps, values, band: { lower: columnOf(series, 1), upper: values } };
  });
  if (!anyFinite(lines)) return undefined;
  return panelOf(shared, {
    about: "localFit",
    title: "Fit of local models",
    unit: "R², median and lower quartile",
    lines,
    limits: [{ value: FIT_LIMIT, label: `limit ${distance(FIT_LIMIT)}` }],
    scale: { high: 1 },
    tick: plainTick,
    figure: distance,
  });
}

/** What the agreement is of: a figure a step. */
export interface Figures {
  steps: readonly number[];
  values: readonly number[];
}

/** Undefined where the two know too few features of one kind to be ranked. */
export function agreementPanel(rho: Answers<Figures>, shared: Shared): Panel | undefined {
  const lines = bandLines(rho, shared, (value) => value);
  if (!anyFinite(lines)) return undefined;
  return panelOf(shared, {
    about: "agreement",
    title: "Agreement with permutation",
    unit: "rank ρ",
    lines,
    scale: { high: 1 },
    tick: plainTick,
    figure: distance,
    axis: true,
  });
}

/** @param drift against the start */
export function similarityPanel(drift: Answers<Drift>, shared: Shared): Panel | undefined {
  const turned = (values: readonly number[]) => values.map((x) => 1 - x);
  const lines = bandLines(drift, shared, ({ steps, localDrift: { median, lower, upper } }) => ({
    steps,
    values: turned(median),
    band: { lower: turned(upper), upper: turned(lower) },
  }));
  if (!anyFinite(lines)) return undefined;
  return panelOf(shared, {
    about: "similarity",
    title: "Similarity to the start",
    unit: "cos, median and IQR",
    lines,
    scale: { high: 1 },
    tick: plainTick,
    figure: distance,
  });
}

export function trainingGapPanel(gap: Answers<Series>, shared: Shared): Panel | undefined {
  const lines = errorLines(gap, shared, 0);
  if (!anyFinite(lines)) return undefined;
  return panelOf(shared, {
    about: "trainingGap",
    title: "Training gap",
    unit: "% from training set, ± 2 SE",
    lines,
    scale: { low: 0 },
    tick: percentTick,
    figure: bare,
  });
}

/** The share of watched cells. */
function watchPanel(share: Answers<Series>, name: string, watch: ManifestWatch | undefined, shared: Shared): Panel {
  const lines = errorLines(share, shared, 0);
  const figures: [string, unknown][] = [
    ["at most", watch?.at_most],
    ["at least", watch?.at_least],
    ["contrast", watch?.contrast],
  ];
  const limits: Limit[] = figures.flatMap(([label, given]) => {
    const value = Number(given ?? Number.NaN);
    return Number.isFinite(value) ? [{ value, label: `${label} ${percent(value)}` }] : [];
  });
  return panelOf(shared, {
    about: "watched",
    title: name,
    unit: "% of the attribution, ± 2 SE",
    lines: focusLine(lines) ? lines : [],
    limits,
    scale: { low: 0 },
    tick: percentTick,
    figure: bare,
  });
}

/** One panel for all cells that the focus run watches. @param watches as its manifest has them */
export const watchPanels = (
  shares: readonly { name: string; share: Answers<Series> }[],
  watches: readonly ManifestWatch[] | undefined,
  shared: Shared,
): Panel[] =>
  shares
    .map(({ name, share }) =>
      watchPanel(
        share,
        name,
        watches?.find((watch) => watch.name === name),
        shared,
      ),
    )
    .filter(({ lines }) => anyFinite(lines));
