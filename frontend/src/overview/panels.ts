/** The nine charts of the Overview, from what the runs answered to what is drawn. */

import type { Curve, Drift, Series } from "../api";
import type { Limit, Line } from "../charts/curve_data";
import { spansScales } from "../charts/curve_data";
import { curveOf, type Score, scoreOf } from "../curves_of_learning";
import type { Panel } from "../elements/curve_panel";
import { capital, distance, figure, minus, percent, words } from "../format";
import type { SumError } from "../methods";
import type { RunEntry } from "../state";
import { placesAt } from "../steps";
import { runColour } from "../theme";
import type { Answers } from "./answers";

/** What all charts of the view share. */
export interface Shared {
  focus: string;
  dark: boolean;
  range: readonly [number, number];
  /** Places of the focus run's alarms on the axis of epochs. */
  alarms: readonly number[];
  /** What the first of them is about. */
  alarmLabel: string;
}

const bare = (share: number): string => percent(share, { unit: false });
const percentTick = (share: number): string => minus(Number((100 * share).toPrecision(6)));
const round = (share: number): string => `${percentTick(share)}\u202f%`;
const plainTick = (value: number): string =>
  minus(
    Number(value.toPrecision(6))
      .toString()
      .replace(/^(-?)0\./, "$1."),
  );

/** @param epochs places on the axis of epochs */
const lineOf = (
  run: RunEntry,
  { focus, dark }: Shared,
  epochs: readonly number[],
  values: readonly number[],
): Line => ({
  run: run.run,
  label: run.label,
  colour: runColour(run.index, dark),
  focus: run.run === focus,
  epochs,
  values,
});

function panelOf(shared: Shared, panel: Omit<Panel, "range" | "alarms" | "axis"> & { axis?: boolean }): Panel {
  return { axis: false, ...panel, range: shared.range, alarms: shared.alarms };
}

/** A metric in training (dotted, the focus run's alone) and in validation (solid). */
function learningLines(scalars: Answers<readonly Curve[]>, name: string, shared: Shared): Line[] {
  return scalars.flatMap(({ run, value = [] }) => {
    const training = curveOf(value, name, "training");
    const validation = curveOf(value, name, "validation");
    const main = validation ?? training;
    const lines = main ? [lineOf(run, shared, main.epochs, main.values)] : [];
    if (validation && training && run.run === shared.focus) {
      lines.push({ ...lineOf(run, shared, training.epochs, training.values), dotted: true });
    }
    return lines;
  });
}

/** The focus run's two lines by their names, where there are two. */
const bySplit = (lines: readonly Line[]): Line[] => {
  const two = lines.some(({ dotted }) => dotted);
  return lines.map((line) => (two && line.focus ? { ...line, name: line.dotted ? "training" : "validation" } : line));
};

export function lossPanel(scalars: Answers<readonly Curve[]>, shared: Shared): Panel {
  const lines = learningLines(scalars, "loss", shared);
  const log = spansScales(lines.flatMap(({ values }) => values));
  return panelOf(shared, {
    title: "Loss",
    unit: log ? "log scale" : "",
    lines: bySplit(lines),
    scale: { log },
    tick: plainTick,
    figure,
  });
}

export function scorePanel(scalars: Answers<readonly Curve[]>, shared: Shared): Panel | undefined {
  const score: Score | undefined = scoreOf(scalars.flatMap(({ value = [] }) => value));
  if (!score) return undefined;
  return panelOf(shared, {
    title: words(score.name),
    unit: score.share ? "%" : "",
    lines: learningLines(scalars, score.name, shared),
    scale: score.share ? { high: 1 } : {},
    tick: score.share ? percentTick : plainTick,
    figure: score.share ? bare : figure,
  });
}

export function overheadPanel(overhead: Answers<Series>, budget: number, shared: Shared): Panel {
  const lines = overhead.flatMap(({ run, value }) =>
    value
      ? [
          lineOf(
            run,
            shared,
            placesAt(run, value.steps),
            value.steps.map((_, i) => value.at(i)[0]),
          ),
        ]
      : [],
  );
  const limits: Limit[] = budget > 0 ? [{ value: budget, label: `budget ${round(budget)}` }] : [];
  return panelOf(shared, {
    title: "Explaining overhead",
    unit: "% of training time",
    lines,
    limits,
    scale: { low: 0 },
    tick: percentTick,
    figure: bare,
    axis: true,
  });
}

/** A figure of `/drift` as lines, one a run. */
const driftLines = (drift: Answers<Drift>, shared: Shared, pick: (drift: Drift) => readonly number[]): Line[] =>
  drift.flatMap(({ run, value }) => (value ? [lineOf(run, shared, placesAt(run, value.steps), pick(value))] : []));

export function shareShiftPanel(drift: Answers<Drift>, since: string, shared: Shared): Panel {
  const lines = drift.flatMap(({ run, value }) => {
    if (!value) return [];
    const { value: shift, standardError } = value.shareShift;
    const line = lineOf(run, shared, placesAt(run, value.steps), shift);
    const band = {
      lower: shift.map((x, i) => Math.max(0, x - 2 * standardError[i])),
      upper: shift.map((x, i) => x + 2 * standardError[i]),
    };
    return [line.focus ? { ...line, band } : line];
  });
  return panelOf(shared, {
    title: "Share shift",
    unit: `% moved ${since}, ± 2 SE`,
    lines,
    scale: { low: 0 },
    tick: percentTick,
    figure: bare,
    alarmLabel: shared.alarmLabel,
  });
}

function cosineLines(drift: Answers<Drift>, shared: Shared): Line[] {
  return drift.flatMap(({ run, value }) => {
    if (!value) return [];
    const { median, lower, upper } = value.localDrift;
    const line = lineOf(run, shared, placesAt(run, value.steps), median);
    return [line.focus ? { ...line, band: { lower, upper } } : line];
  });
}

export const localDriftPanel = (drift: Answers<Drift>, since: string, shared: Shared): Panel =>
  panelOf(shared, {
    title: "Local drift",
    unit: `1 − cos ${since}, IQR`,
    lines: cosineLines(drift, shared),
    scale: { low: 0 },
    tick: plainTick,
    figure: distance,
  });

export const stepDriftPanel = (drift: Answers<Drift>, shared: Shared): Panel =>
  panelOf(shared, {
    title: "Step to step",
    unit: "1 − cos to the step before, IQR",
    lines: cosineLines(drift, shared),
    scale: { low: 0 },
    tick: plainTick,
    figure: distance,
  });

export const effectivePanel = (drift: Answers<Drift>, features: string, shared: Shared): Panel =>
  panelOf(shared, {
    title: "Effective features",
    unit: features,
    lines: driftLines(drift, shared, (value) => value.effectiveFeatures),
    tick: plainTick,
    figure: (x) => figure(x),
    axis: true,
  });

/** A completeness error above this asks for more nodes. */
const COMPLETENESS_LIMIT = 0.05;

/** Undefined for a method whose frames have no such error. */
export function completenessPanel(drift: Answers<Drift>, error: SumError, shared: Shared): Panel | undefined {
  const lines = driftLines(drift, shared, (value) => value.completenessP95);
  if (!lines.some(({ values }) => values.some(Number.isFinite))) return undefined;
  return panelOf(shared, {
    title: `${capital(error || "completeness")} error`,
    unit: "p95, % of Σ|values|",
    lines,
    limits: [{ value: COMPLETENESS_LIMIT, label: `limit ${round(COMPLETENESS_LIMIT)}` }],
    scale: { low: 0 },
    tick: percentTick,
    figure: bare,
  });
}

/** Undefined where the two know too few features of one kind to be ranked. */
export function agreementPanel(rho: Answers<{ steps: number[]; values: number[] }>, shared: Shared): Panel | undefined {
  const lines = rho.flatMap(({ run, value }) =>
    value ? [lineOf(run, shared, placesAt(run, value.steps), value.values)] : [],
  );
  if (!lines.some(({ values }) => values.some(Number.isFinite))) return undefined;
  return panelOf(shared, {
    title: "Agreement with permutation",
    unit: "rank ρ",
    lines,
    scale: { high: 1 },
    tick: plainTick,
    figure: distance,
    axis: true,
  });
}
