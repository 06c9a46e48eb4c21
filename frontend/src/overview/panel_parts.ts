/** What the charts of the Overview are made of: lines a run, ticks, figures, and what all charts share. */

import type { Drift, Series } from "../api";
import type { Line } from "../charts/curve_data";
import type { AlarmMark } from "../charts/curves";
import type { Panel } from "../elements/curve_panel";
import { minus, percent, short, tick } from "../format";
import type { RunEntry } from "../state";
import { placesAt } from "../steps";
import { paletteOf, runColour } from "../theme";
import type { Answers } from "./answers";
import { FIGURES } from "./figure_help";

/** What all charts of the view share. */
export interface Shared {
  focus: string;
  dark: boolean;
  range: readonly [number, number];
  /** The focus run's alarms. */
  alarms: readonly AlarmMark[];
  /** What the first of them is about. */
  alarmLabel: string;
}

export const bare = (share: number): string => percent(share, { unit: false });
export const percentTick = (share: number): string => minus(short(Number((100 * share).toPrecision(6))));
export const round = (share: number): string => `${percentTick(share)}\u202f%`;
export const plainTick = tick;

/** @param epochs places on the axis of epochs */
export const lineOf = (
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

/** A panel whose help, if it has any, goes by the title's key. */
export const panelOf = (
  shared: Shared,
  panel: Omit<Panel, "range" | "alarms" | "axis" | "help"> & { axis?: boolean; about?: keyof typeof FIGURES },
): Panel => {
  const { about, ...rest } = panel;
  return { axis: false, ...rest, help: about && FIGURES[about], range: shared.range, alarms: shared.alarms };
};

/** ± so much around each value; a band that cannot be below zero is cut there. */
export const around = (values: readonly number[], errors: readonly number[], low = Number.NEGATIVE_INFINITY) => ({
  lower: values.map((x, i) => Math.max(low, x - errors[i])),
  upper: values.map((x, i) => x + errors[i]),
});

type Band = { lower: readonly number[]; upper: readonly number[] };

/** One line a run; the focus run's with its band. */
export const bandLines = <T>(
  answers: Answers<T>,
  shared: Shared,
  pick: (value: T) => { steps: readonly number[]; values: readonly number[]; band?: Band },
): Line[] =>
  answers.flatMap(({ run, value }) => {
    if (!value) return [];
    const { steps, values, band } = pick(value);
    const line = lineOf(run, shared, placesAt(run, steps), values);
    return [line.focus && band ? { ...line, band } : line];
  });

/** What the focus run's line is to be held against, dashed, with its name. */
export const dashedLine = (line: Line | undefined, name: string, values: readonly number[], dark: boolean): Line[] =>
  line && values.some(Number.isFinite)
    ? [
        {
          run: line.run,
          label: name,
          name,
          colour: paletteOf(dark).ink3,
          focus: false,
          dashed: true,
          epochs: line.epochs,
          values,
        },
      ]
    : [];

/** A column of a series: `columns` values a step, of which the one at `at`. */
export const columnOf = (series: Series, at = 0): number[] =>
  series.steps.map((_, i) => series.at(i)[at] ?? Number.NaN);

/** Whether there is anything to draw. */
export const anyFinite = (lines: readonly Line[]): boolean => lines.some(({ values }) => values.some(Number.isFinite));

/** Lines of one figure of `/drift`. */
export const driftLines = (drift: Answers<Drift>, shared: Shared, pick: (drift: Drift) => readonly number[]): Line[] =>
  bandLines(drift, shared, (value) => ({ steps: value.steps, values: pick(value) }));

/** Of the focus run's line, if it is among them. */
export const focusLine = (lines: readonly Line[]): Line | undefined => lines.find(({ focus }) => focus);
