/** A chart of curves over epochs (uPlot), with the cursor, the reference and the pointer's step laid over it. */

import uPlot from "uplot";
import { placeText } from "../steps";
import type { Palette } from "../theme";
import {
  type Axis,
  align,
  axisOf,
  type Columns,
  epochTicks,
  type Limit,
  type Line,
  lonePoints,
  type Scale,
} from "./curve_data";
import { CHART_FONT, nameCurves } from "./curve_labels";
import { drawLimits } from "./curve_limits";
import { type Marks, overlayOf } from "./curve_marks";
import type { Sign } from "./signs";

export interface AlarmMark {
  /** On the axis of epochs. */
  place: number;
  sign: Sign;
}

export interface CurveChart {
  lines: readonly Line[];
  scale?: Scale;
  limits?: readonly Limit[];
  /** Ticks of the value axis as text. */
  tick: (value: number) => string;
  /** A value as it is written beside the chart. */
  figure: (value: number) => string;
  /** First and last place of the axis of epochs. */
  range: readonly [number, number];
  /** Whether epochs stand below: the last chart of a column has them. */
  axis: boolean;
  /** Alarms by place, and what to say at the first. */
  alarms?: readonly AlarmMark[];
  alarmLabel?: string;
  /** Room beyond the plot for the lines' names and values, which then stand at their ends. */
  ends?: number;
}

export interface Curves {
  mark(marks: Marks): void;
  /** The place on the axis of epochs below a point of the page. */
  epochAt(clientX: number): number;
  /** Whether a point of the page lies on the axis of epochs, below the curves. */
  onAxis(clientY: number): boolean;
  destroy(): void;
}

/** Width of the ticks of the value axis. */
const GUTTER = 36;
const EPOCHS_HEIGHT = 22;
const RIGHT = 12;
const TOP = 10;
/** Room for half of the lowest tick's text. */
const BOTTOM = 6;

/** What the value axis has to hold: all that is drawn within the range of epochs. */
function heldValues({ lines, limits = [], range: [first, last] }: CurveChart): number[] {
  const held = lines.flatMap(({ epochs, values, band }) =>
    epochs.flatMap((epoch, i) =>
      epoch >= first && epoch <= last ? [values[i], ...(band ? [band.upper[i], band.lower[i]] : [])] : [],
    ),
  );
  return [...held, ...limits.map(({ value }) => value)];
}

/** What was measured lies below what smooths it, the focus run above all. */
const depth = ({ faint, focus }: Line): number => (faint ? 0 : 1 + Number(focus));

/** Draw a chart into `root`, `width` × `height` CSS pixels. */
export function curves(root: HTMLElement, chart: CurveChart, palette: Palette, width: number, height: number): Curves {
  const axis = axisOf(heldValues(chart), chart.scale);
  const lines = [...chart.lines].sort((a, b) => depth(a) - depth(b));
  const bands = lines.flatMap((line) => (line.band ? [line] : []));
  const columns = align([
    ...lines,
    ...bands.flatMap(({ epochs, band }) => [
      { epochs, values: band?.upper ?? [] },
      { epochs, values: band?.lower ?? [] },
    ]),
  ]);
  const plot = new uPlot(
    {
      width,
      height: height + TOP + (chart.axis ? EPOCHS_HEIGHT : BOTTOM),
      padding: [TOP, chart.ends ?? RIGHT, chart.axis ? 0 : BOTTOM, 0],
      legend: { show: false },
      cursor: { show: false },
      select: { show: false, left: 0, top: 0, width: 0, height: 0 },
      scales: {
        x: { time: false, range: () => spread(chart.range) },
        y: { distr: axis.log ? 3 : 1, range: () => [axis.min, axis.max] },
      },
      axes: axesOf(chart, axis, palette),
      series: [
        {},
        ...lines.map((line, i) => seriesOf(line, columns.values[i], palette)),
        ...bands.flatMap(() => [hidden, hidden]),
      ],
      bands: bands.map((line, i) => ({
        series: [1 + lines.length + 2 * i, 2 + lines.length + 2 * i],
        fill: `${line.colour}2e`,
      })),
      hooks: {
        drawClear: [(u) => drawLimits(u, chart, palette)],
        draw: [() => marks && mark(marks)],
      },
    },
    [columns.epochs, ...columns.values] as uPlot.AlignedData,
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
    epochAt: (clientX) => plot.posToVal(clientX - plot.over.getBoundingClientRect().left, "x"),
    onAxis: (clientY) => chart.axis && clientY > plot.over.getBoundingClientRect().bottom,
    destroy: () => plot.destroy(),
  };
}

/** Opacity of what was measured behind what smooths it, as the end of a colour. */
const FAINT = "59";

const hidden: uPlot.Series = { width: 0, points: { show: false } };

/** One place alone would have no width. */
const spread = ([first, last]: readonly [number, number]): [number, number] =>
  first === last ? [first - 1, last + 1] : [first, last];

function seriesOf(line: Line, column: Columns["values"][number], palette: Palette): uPlot.Series {
  const lone = lonePoints(column);
  return {
    stroke: line.faint ? `${line.colour}${FAINT}` : line.colour,
    width: line.focus && !line.dotted && !line.dashed && !line.faint ? 2 : 1.25,
    dash: line.dotted ? [1.5, 3] : line.dashed ? [5, 4] : undefined,
    points: {
      show: lone.length > 0 && !line.faint,
      filter: () => lone,
      size: line.focus ? 7 : 5,
      fill: line.dotted ? palette.bg : line.colour,
    },
  };
}

function axesOf(chart: CurveChart, axis: Axis, palette: Palette): uPlot.Axis[] {
  const shared: uPlot.Axis = { font: CHART_FONT, stroke: palette.ink3, ticks: { show: false } };
  return [
    {
      ...shared,
      show: chart.axis,
      size: EPOCHS_HEIGHT,
      gap: 7,
      grid: { show: false },
      splits: () => epochTicks(...chart.range),
      values: (_, splits) => splits.map(placeText),
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
