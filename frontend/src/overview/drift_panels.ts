/** How its reasons move: the charts of `/drift`. */

import type { Drift } from "../api";
import type { Line } from "../charts/curve_data";
import type { Panel } from "../elements/curve_panel";
import { distance, figure, percent } from "../format";
import type { Answers } from "./answers";
import {
  anyFinite,
  around,
  bandLines,
  bare,
  dashedLine,
  driftLines,
  focusLine,
  panelOf,
  percentTick,
  plainTick,
  type Shared,
} from "./panel_parts";

/** The focus run's own answer. */
const focusDrift = (drift: Answers<Drift>, { focus }: Shared): Drift | undefined =>
  drift.find(({ run }) => run.run === focus)?.value;

export function shareShiftPanel(drift: Answers<Drift>, since: string, shared: Shared): Panel {
  const lines = bandLines(drift, shared, ({ steps, shareShift }) => ({
    steps,
    values: shareShift.value,
    band: { lower: shareShift.lower, upper: shareShift.upper },
  }));
  const noise = focusDrift(drift, shared)?.shareShift.noise ?? [];
  return panelOf(shared, {
    about: "shareShift",
    title: "Share shift",
    unit: `% moved ${since}, 90\u202f% band`,
    lines: [...lines, ...dashedLine(focusLine(lines), "noise", noise, shared.dark)],
    scale: { low: 0 },
    tick: percentTick,
    figure: bare,
    alarmLabel: shared.alarmLabel,
  });
}

const cosineLines = (drift: Answers<Drift>, shared: Shared): Line[] =>
  bandLines(drift, shared, ({ steps, localDrift }) => ({ steps, values: localDrift.median, band: localDrift }));

export const localDriftPanel = (drift: Answers<Drift>, since: string, shared: Shared): Panel =>
  panelOf(shared, {
    about: "localDrift",
    title: "Local drift",
    unit: `1 − cos ${since}, IQR`,
    lines: cosineLines(drift, shared),
    scale: { low: 0 },
    tick: plainTick,
    figure: distance,
  });

export const stepDriftPanel = (drift: Answers<Drift>, shared: Shared): Panel =>
  panelOf(shared, {
    about: "stepDrift",
    title: "Step to step",
    unit: "1 − cos to the step before, IQR",
    lines: cosineLines(drift, shared),
    scale: { low: 0 },
    tick: plainTick,
    figure: distance,
  });

export const effectivePanel = (drift: Answers<Drift>, features: string, shared: Shared): Panel =>
  panelOf(shared, {
    about: "effective",
    title: "Effective features",
    unit: features,
    lines: driftLines(drift, shared, (value) => value.effectiveFeatures),
    tick: plainTick,
    figure: (x) => figure(x),
  });

/** Undefined where nothing can be ranked: one feature, or all tied. */
export function rankPanel(drift: Answers<Drift>, since: string, shared: Shared): Panel | undefined {
  const lines = driftLines(drift, shared, (value) => value.rankCorrelation);
  if (!anyFinite(lines)) return undefined;
  return panelOf(shared, {
    about: "rank",
    title: "Rank stability",
    unit: `ρ ${since}`,
    lines,
    scale: { high: 1 },
    tick: plainTick,
    figure: distance,
  });
}

export function overlapPanel(drift: Answers<Drift>, since: string, shared: Shared): Panel | undefined {
  const lines = driftLines(drift, shared, (value) => value.topOverlap.value);
  const own = focusDrift(drift, shared)?.topOverlap;
  if (!own || !anyFinite(lines)) return undefined;
  return panelOf(shared, {
    about: "overlap",
    title: own.k === 1 ? "Same first place" : `Overlap of the first ${own.k}`,
    unit: `% ${since}`,
    lines,
    limits: Number.isFinite(own.byChance) ? [{ value: own.byChance, label: `by chance ${percent(own.byChance)}` }] : [],
    scale: { low: 0, high: 1 },
    tick: percentTick,
    figure: bare,
  });
}

/** @param unit of the values: "nats of log-odds" */
export function totalPanel(drift: Answers<Drift>, unit: string, shared: Shared): Panel | undefined {
  const lines = bandLines(drift, shared, ({ steps, totalAttribution: { value, standardError } }) => ({
    steps,
    values: value,
    band: around(
      value,
      standardError.map((error) => 2 * error),
      0,
    ),
  }));
  if (!anyFinite(lines)) return undefined;
  return panelOf(shared, {
    about: "total",
    title: "Total |a|",
    unit: [unit, "± 2 SE"].filter(Boolean).join(", "),
    lines,
    scale: { low: 0 },
    tick: plainTick,
    figure,
  });
}
