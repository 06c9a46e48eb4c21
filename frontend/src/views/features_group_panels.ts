/** Curves of the probe's groups over the epochs: loss, drift, and the share of a chosen feature. */

import type { ByGroup, FiguresOfSamples } from "../api";
import type { Line } from "../charts/curve_data";
import { shortenedName } from "../elements/clipped_name";
import type { Panel } from "../elements/curve_panel";
import type { FigureHelp } from "../elements/words_dialog";
import { distance, figure, percent, tick } from "../format";
import type { RunEntry } from "../state";
import { placesAt } from "../steps";
import { paletteOf, runColour } from "../theme";
import { DRIFT_CURVES_HELP, LOSS_CURVES_HELP, SHARE_CURVES_HELP } from "./features_split_help";

/** More lines than these cannot be told apart: the largest groups are drawn. */
export const DRAWN = 6;
const NAMES = 132;
/** Letters of a group's name at its curve. */
const NAMED = 14;
const HEIGHT = 112;

type Pick = (figures: FiguresOfSamples) => {
  values: readonly number[];
  lower?: readonly number[];
  upper?: readonly number[];
};

function lines(run: RunEntry, { steps, all, groups }: ByGroup, dark: boolean, pick: Pick): Line[] {
  const epochs = placesAt(run, steps);
  const line = (name: string, colour: string, figures: FiguresOfSamples, focus: boolean): Line => {
    const { values, lower, upper } = pick(figures);
    return {
      run: name,
      label: name,
      name: shortenedName(name, NAMED),
      colour,
      focus,
      epochs,
      values,
      ...(focus && lower && upper ? { band: { lower, upper } } : {}),
    };
  };
  return [
    line("all", paletteOf(dark).ink, all, true),
    ...groups.slice(0, DRAWN).map((group, i) => line(group.name, runColour(i + 1, dark), group, false)),
  ];
}

function panel(
  title: string,
  unit: string,
  help: FigureHelp,
  drawn: readonly Line[],
  more: Partial<Panel> & Required<globalThis.Pick<Panel, "figure" | "tick">>,
): Panel | undefined {
  if (!drawn.some(({ values }) => values.some(Number.isFinite))) return undefined;
  const places = drawn[0].epochs.filter(Number.isFinite);
  return {
    title,
    unit,
    help,
    lines: drawn,
    range: [Math.min(...places), Math.max(...places)],
    ends: NAMES,
    height: HEIGHT,
    axis: true,
    scale: { low: 0 },
    ...more,
  };
}

/** Undefined where no group has a loss. */
export const lossPanel = (run: RunEntry, answer: ByGroup, dark: boolean): Panel | undefined =>
  panel(
    "Loss by group",
    "± 2 SE",
    LOSS_CURVES_HELP,
    lines(run, answer, dark, ({ loss: { value, standardError } }) => ({
      values: value,
      lower: value.map((loss, i) => loss - 2 * standardError[i]),
      upper: value.map((loss, i) => loss + 2 * standardError[i]),
    })),
    { figure, tick },
  );

/** @param since "since start" */
export const driftPanel = (run: RunEntry, answer: ByGroup, since: string, dark: boolean): Panel | undefined =>
  panel(
    "Local drift by group",
    `1 − cos ${since}, IQR`,
    DRIFT_CURVES_HELP,
    lines(run, answer, dark, ({ localDrift: { median, lower, upper } }) => ({ values: median, lower, upper })),
    { figure: distance, tick },
  );

/** @param feature place among the answer's regions */
export const groupSharePanel = (
  run: RunEntry,
  answer: ByGroup,
  feature: number,
  name: string,
  dark: boolean,
): Panel | undefined =>
  panel(
    "Share by group",
    `${name}, %, ± 2 SE`,
    SHARE_CURVES_HELP,
    lines(run, answer, dark, ({ shares }) => {
      const { value, standardError } = shares[feature];
      return {
        values: value,
        lower: value.map((share, i) => share - 2 * standardError[i]),
        upper: value.map((share, i) => share + 2 * standardError[i]),
      };
    }),
    {
      of: name,
      figure: (share) => percent(share, { unit: false }),
      tick: (share) => tick(100 * share),
    },
  );
