/** The same features over two sets of samples: those of the probe and those from the training set. */

import type { Line } from "../charts/curve_data";
import type { Panel } from "../elements/curve_panel";
import type { FigureHelp } from "../elements/words_dialog";
import { percent, plusMinus, points, tick, withError } from "../format";
import { focusRun, store } from "../state";
import { placesAt } from "../steps";
import { runColour } from "../theme";
import { type FeatureTable, featureRow } from "./features_model";
import { range } from "./features_panels";

export const TRAINING_HELP: FigureHelp = {
  means:
    "What part of the attribution a feature carries over samples from the training set, beside that over the probe.",
  formula: "Δⱼ = sⱼ(training) − sⱼ(probe), in points;  SE² = SEⱼ(training)² + SEⱼ(probe)²: the samples are others",
  read: "Above zero: the model leans on it more where it has seen the answer. If that grows while the validation loss rises, it learns the training set by heart, or finds a cue there that new samples lack. Bold: beyond twice the standard error.",
  mind: "Two sets of samples differ in what they show, and in how often: that alone moves shares. It did so before the first batch, too: hold the gap against the one at the start. Of 100 features about 5 are bold by chance. A cue that the probe has as well makes no gap.",
};

/** Shares over both sets at a step; NaN where one of them has none. */
export interface Gap {
  training: number;
  trainingError: number;
  /** Share over training samples less that over the probe, and its standard error. */
  gap: number;
  gapError: number;
}

/** The same cells of two tables; they count their own steps. */
export function gapAt(table: FeatureTable, training: FeatureTable, feature: number, step: number | undefined): Gap {
  const at = (of: FeatureTable, matrix: Float32Array) =>
    featureRow(of, matrix, feature)[step === undefined ? -1 : of.steps.indexOf(step)] ?? Number.NaN;
  const [share, error] = [at(table, table.share), at(table, table.standardError)];
  const [other, otherError] = [at(training, training.share), at(training, training.standardError)];
  return { training: other, trainingError: otherError, gap: other - share, gapError: Math.hypot(error, otherError) };
}

export const beyondNoise = ({ gap, gapError }: Gap): boolean => Math.abs(gap) > 2 * gapError;

/** "8.1 ± 0.4 % over training samples: +2.1 ± 0.6 points" */
export const gapText = ({ training, trainingError, gap, gapError }: Gap): string =>
  `${withError(training, trainingError)} over training samples: ${points(gap)}${plusMinus(gapError)} points`;

/** A feature's share over both sets of samples. */
export function trainingPanel(table: FeatureTable, training: FeatureTable, feature: number, dark: boolean): Panel {
  const run = focusRun(store.state);
  const line = (of: FeatureTable, name: string): Line => {
    const share = Array.from(featureRow(of, of.share, feature));
    const error = featureRow(of, of.standardError, feature);
    return {
      run: name,
      label: name,
      name,
      colour: runColour(run?.index ?? 0, dark),
      focus: of === table,
      dotted: of === training,
      epochs: placesAt(run, of.steps),
      values: share,
      band: { lower: share.map((v, i) => v - 2 * error[i]), upper: share.map((v, i) => v + 2 * error[i]) },
    };
  };
  return {
    title: "Over training samples",
    of: table.names[feature],
    unit: "% share, ± 2 SE",
    help: TRAINING_HELP,
    ends: NAMES,
    figure: (value) => percent(value, { unit: false }),
    tick: (share) => tick(100 * share),
    lines: [line(table, "probe"), line(training, "training")],
    scale: { low: 0 },
    range: range([table, training]),
    axis: true,
  };
}

/** Room for "training 12.3". */
const NAMES = 108;
