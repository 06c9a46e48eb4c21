/** A chart of curves over epochs (uPlot), with the cursor, the reference and the pointer's step laid over it. */
import uPlot from "uplot";
import type { Palette } from "../theme";
import { type Axis, align, axisOf, type Limit, type Line, type Scale, stepTicks } from "./curve_data";
import { CHART_FONT, nameCurves } from "./curve_labels";
import { drawLimits } from "./curve_limits";
import { type Marks, overlayOf } from "./curve_marks";

export interface CurveChart {
  lines: readonly Line[];
  scale?: Scale;
  limits?: readonly Limit[];
  /** Ticks of the value axis as text. */
  tick: (value: number) => string;
  /** A value as it is written beside the chart. */
  figure: (value: number) => string;
  /** First and last step of the axis. */
  range: readonly [number, number];
  /** Whether steps stand below: the last chart of a column has them. */
  steps: boolean;
  /** Steps with an alarm, and what to say at the first. */
  alarms?: readonly number[];
  alarmLabel?: string;
  /** Room beyond the plot for the lines' names and values, which then stand at their ends. */
  ends?: number;
}

export interface Curves {
  mark(marks: Marks): void;
  /** The step of the axis nearest to a place in the page. */
  stepAt(clientX: number): number;
  destroy(): void;
}

/** Width of the ticks of the value axis. */
const GUTTER = 36;
const STEPS_HEIGHT = 22;
const RIGHT = 12;
const TOP = 10;
/** Room for half of the lowest tick's text. */
const BOTTOM = 6;

const finiteOf = (chart: CurveChart): number[] => [
  ...chart.lines.flatMap((line) => [...line.values, ...(line.band?.upper ?? []), ...(line.band?.lower ?? [])]),
  ...(chart.limits ?? []).map((limit) => limit.value),
];

/** Draw a chart into `root`, `width` × `height` CSS pixels. */
export function curves(root: HTMLElement, chart: CurveChart, palette: Palette, width: number, height: number): Curves {
  const axis = axisOf(finiteOf(chart), chart.scale);
  const lines = [...chart.lines].sort((a, b) => Number(a.focus) - Number(b.focus));
  const bands = lines.flatMap((line) => (line.band ? [line] : []));
  const columns = align([
    ...lines,
    ...bands.flatMap(({ steps, band }) => [
      { steps, values: band?.upper ?? [] },
      { steps, values: band?.lower ?? [] },
    ]),
  ]);
  const single = columns.steps.length === 1;
  const plot = new uPlot(
    {
      width,
      height: height + TOP + (chart.steps ? STEPS_HEIGHT : BOTTOM),
      padding: [TOP, chart.ends ?? RIGHT, chart.steps ? 0 : BOTTOM, 0],
      legend: { show: false },
      cursor: { show: false },
      select: { show: false, left: 0, top: 0, width: 0, height: 0 },
      scales: {
        x: { time: false, range: () => spread(chart.range) },
        y: { distr: axis.log ? 3 : 1, range: () => [axis.min, axis.max] },
      },
      axes: axesOf(chart, axis, palette),
      series: [{}, ...lines.map((line) => seriesOf(line, single, palette)), ...bands.flatMap(() => [hidden, hidden])],
      bands: bands.map((line, i) => ({
        series: [1 + lines.length + 2 * i, 2 + lines.length + 2 * i],
        fill: `${line.colour}2e`,
      })),
      hooks: {
        drawClear: [(u) => drawLimits(u, chart, palette)],
        draw: [() => marks && mark(marks)],
      },
    },
    [columns.steps, ...columns.values] as uPlot.AlignedData,
    root,
  );
  const overlay = overlayOf(plot, lines, palette);
  // uPlot has no scales before it has drawn, which it does a moment later.
  let marks: Marks | undefined;
  let names: ((marks: Marks) => void) | undefined;
  const mark = (now: Marks): void => {
    overlay(now);
    names ??= nameCurves(plot, chart, lines);
    names(now);
  };
  return {
    mark: (now) => {
      marks = now;
      if (plot.status) mark(now);
    },
    stepAt: (clientX) => plot.posToVal(clientX - plot.over.getBoundingClientRect().left, "x"),
    destroy: () => plot.destroy(),
  };
}

const hidden: uPlot.Series = { width: 0, points: { show: false }, spanGaps: true };

/** One step alone would have no width. */
const spread = ([first, last]: readonly [number, number]): [number, number] =>
  first === last ? [first - 1, last + 1] : [first, last];

function seriesOf(line: Line, single: boolean, palette: Palette): uPlot.Series {
  const alone = single || line.values.filter(Number.isFinite).length === 1;
  return {
    stroke: line.colour,
    width: line.dotted ? 1.25 : line.focus ? 2 : 1.25,
    dash: line.dotted ? [1.5, 3] : undefined,
    spanGaps: true,
    points: { show: alone, size: line.focus ? 7 : 5, fill: line.dotted ? palette.bg : line.colour },
  };
}

function axesOf(chart: CurveChart, axis: Axis, palette: Palette): uPlot.Axis[] {
  const shared: uPlot.Axis = { font: CHART_FONT, stroke: palette.ink3, ticks: { show: false } };
  return [
    {
      ...shared,
      show: chart.steps,
      size: STEPS_HEIGHT,
      gap: 7,
      grid: { show: false },
      splits: () => stepTicks(...chart.range),
      values: (_, splits) => splits.map((step) => String(step).replace("-", "\u2212")),
    },
    {
      ...shared,
      size: GUTTER,
      gap: 6,
      grid: { stroke: palette.line, width: 1 },
      splits: () => axis.ticks,
      // uPlot thins logarithmic splits by itself; these are few and all meant.
      filter: (_, splits) => splits,
      values: (_, splits) => splits.map(chart.tick),
    },
  ];
}
