/** What is known of a run, figure by figure: how well it learns, how its reasons lie, how far to trust that. */

import type { Curve, Drift, Series } from "../api";
import { curveOf, scoreOf } from "../curves_of_learning";
import { distance, figure, percent, points, words } from "../format";
import { atOrBefore, type RunEntry } from "../state";
import { placeOf } from "../steps";

/** The answers of one run; undefined where it logged nothing of the kind, or could not be read. */
export interface RunAnswers {
  run: RunEntry;
  curves: readonly Curve[];
  /** Against the start. */
  drift: Drift | undefined;
  deletion: Series | undefined;
  agreement: Series | undefined;
  trainingGap: Series | undefined;
  /** Shares of declared cells, by their names. */
  watches: Readonly<Record<string, Series>>;
}

/** A figure and its standard error; NaN for what is not known. */
export interface Measured {
  value: number;
  error: number;
}

export interface Figure {
  title: string;
  unit: string;
  /** A value as it is written, and a difference of two, with its sign. */
  text(value: number): string;
  difference(value: number): string;
  at(answers: RunAnswers, step: number): Measured;
}

const UNKNOWN: Measured = { value: Number.NaN, error: Number.NaN };

const bare = (share: number): string => percent(share, { unit: false });

/** With its sign: "+.42", "−1.1". */
const withSign =
  (text: (value: number) => string) =>
  (value: number): string =>
    value > 0 ? `+${text(value)}` : text(value);

const asShare = { text: bare, difference: points };
const asFigure = { text: figure, difference: withSign(figure) };
const asDistance = { text: distance, difference: withSign(distance) };

/** What was last measured at a step: a value and its error, or a value alone. */
function measured(series: Series | undefined, step: number): Measured {
  const found = series && atOrBefore(series.steps, step);
  if (!series || found === undefined) return UNKNOWN;
  const [value, error = Number.NaN] = series.at(series.steps.indexOf(found));
  return { value, error };
}

/** A metric at a step, over held-out samples where there are any. */
function learned({ run, curves }: RunAnswers, name: string, step: number): Measured {
  const curve = curveOf(curves, name, "validation") ?? curveOf(curves, name, "training");
  const at = curve?.epochs.indexOf(placeOf(run, step)) ?? -1;
  return { value: curve?.values[at] ?? Number.NaN, error: Number.NaN };
}

const ofDrift =
  (pick: (drift: Drift, at: number) => Measured) =>
  ({ drift }: RunAnswers, step: number): Measured => {
    const at = drift?.steps.indexOf(step) ?? -1;
    return drift && at >= 0 ? pick(drift, at) : UNKNOWN;
  };

/** The figures of a table, in its order; what no run has is left out by whoever draws it. */
export function figuresOf(answers: readonly RunAnswers[], sumError: string): Figure[] {
  const curves = answers.flatMap((of) => of.curves);
  const score = scoreOf(curves);
  const validated = curves.some(({ split }) => split === "validation");
  const titled = (name: string) => (validated ? `Validation ${name}` : name.charAt(0).toUpperCase() + name.slice(1));
  const watches = [...new Set(answers.flatMap((of) => Object.keys(of.watches)))];
  return [
    { title: titled("loss"), unit: "", ...asFigure, at: (of, step) => learned(of, "loss", step) },
    ...(score
      ? [
          {
            title: titled(words(score.name).toLowerCase()),
            unit: score.share ? "%" : "",
            ...(score.share ? asShare : asFigure),
            at: (of: RunAnswers, step: number) => learned(of, score.name, step),
          },
        ]
      : []),
    ...watches.map((name) => ({
      title: name,
      unit: "%",
      ...asShare,
      at: (of: RunAnswers, step: number) => measured(of.watches[name], step),
    })),
    {
      title: "Share shift",
      unit: "% since start",
      ...asShare,
      at: ofDrift(({ shareShift }, at) => ({ value: shareShift.value[at], error: shareShift.standardError[at] })),
    },
    {
      title: "Effective features",
      unit: "",
      ...asFigure,
      at: ofDrift(({ effectiveFeatures }, at) => ({ value: effectiveFeatures[at], error: Number.NaN })),
    },
    { title: "Deletion gap", unit: "", ...asDistance, at: ({ deletion }, step) => measured(deletion, step) },
    {
      title: `${sumError.charAt(0).toUpperCase()}${sumError.slice(1)} p95`,
      unit: "%",
      ...asShare,
      at: ofDrift(({ completenessP95 }, at) => ({ value: completenessP95[at], error: Number.NaN })),
    },
    { title: "Permutation ρ", unit: "", ...asDistance, at: ({ agreement }, step) => measured(agreement, step) },
    { title: "Training gap", unit: "%", ...asShare, at: ({ trainingGap }, step) => measured(trainingGap, step) },
  ];
}
