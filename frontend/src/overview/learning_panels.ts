/** How well it learns, and what explaining costs: the charts of the first column. */

import type { Curve, Series } from "../api";
import type { Limit, Line } from "../charts/curve_data";
import { spansScales } from "../charts/curve_data";
import { curveOf, type Score, scoreOf } from "../curves_of_learning";
import type { Panel } from "../elements/curve_panel";
import { figure, minus, words } from "../format";
import type { Answers } from "./answers";
import { bandLines, bare, columnOf, lineOf, panelOf, percentTick, plainTick, round, type Shared } from "./panel_parts";

/** A loss that is not finite is no missing one. */
const learned =
  (text: (value: number) => string) =>
  (value: number): string =>
    Number.isFinite(value) ? text(value) : minus(value).replace("Infinity", "∞");

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
    about: "loss",
    title: "Loss",
    unit: log ? "log scale" : "",
    lines: bySplit(lines),
    smooths: true,
    scale: { log },
    tick: plainTick,
    figure: learned(figure),
  });
}

export function scorePanel(scalars: Answers<readonly Curve[]>, shared: Shared): Panel | undefined {
  const score: Score | undefined = scoreOf(scalars.flatMap(({ value = [] }) => value));
  if (!score) return undefined;
  return panelOf(shared, {
    about: "score",
    title: words(score.name),
    unit: score.share ? "%" : "",
    lines: bySplit(learningLines(scalars, score.name, shared)),
    smooths: true,
    scale: score.share ? { high: 1 } : {},
    tick: score.share ? percentTick : plainTick,
    figure: learned(score.share ? bare : figure),
  });
}

export function overheadPanel(overhead: Answers<Series>, budget: number, shared: Shared): Panel {
  const lines = bandLines(overhead, shared, (value) => ({ steps: value.steps, values: columnOf(value) }));
  const limits: Limit[] = budget > 0 ? [{ value: budget, label: `budget ${round(budget)}` }] : [];
  return panelOf(shared, {
    about: "overhead",
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
