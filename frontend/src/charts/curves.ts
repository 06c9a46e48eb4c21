/** A chart of curves over epochs (uPlot), with the cursor, the reference and the pointer's step laid over it. */
import uPlot from "uplot";
import type { Palette } from "../theme";
import {
  type Axis,
  align,
  axisOf,
  type Columns,
  type Limit,
  type Line,
  type Scale,
  stepTicks,
  widestGap,
} from "./curve_data";
import { type Marks, overlayOf } from "./curve_marks";

export interface CurveChart {
  lines: readonly Line[];
  scale?: Scale;
  limits?: readonly Limit[];
  /** Ticks of the value axis as text. */
  tick: (value: number) => string;
  /** First and last step of the axis. */
  range: readonly [number, number];
  /** Whether steps stand below: the last chart of a column has them. */
  steps: boolean;
  /** Steps with an alarm, and what to say at the first. */
  alarms?: readonly number[];
  alarmLabel?: string;
  /** Names of the focus run's solid and dotted line, written beside them. */
  names?: readonly [solid: string, dotted: string];
}

export interface Curves {
  mark(marks: Marks): void;
  /** The step of the axis nearest to a place in the page. */
  stepAt(clientX: number): number;
  destroy(): void;
}

export const GUTTER = 36;
export const STEPS_HEIGHT = 20;
const RIGHT = 8;
const TOP = 10;
const FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

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
      height: height + TOP + (chart.steps ? STEPS_HEIGHT : 0),
      padding: [TOP, RIGHT, 0, 0],
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
        draw: [(u) => drawLabels(u, chart, lines, columns, axis, palette)],
      },
    },
    [columns.steps, ...columns.values] as uPlot.AlignedData,
    root,
  );
  const overlay = overlayOf(plot, lines, palette);
  return {
    mark: overlay,
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
  const shared: uPlot.Axis = { font: FONT, stroke: palette.ink3, ticks: { show: false } };
  return [
    {
      ...shared,
      show: chart.steps,
      size: STEPS_HEIGHT,
      gap: 2,
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

/** Pen in CSS pixels, clipped to nothing; uPlot's own is in the screen's. */
function withPen(
  u: uPlot,
  draw: (pen: CanvasRenderingContext2D, x: (step: number) => number, y: (value: number) => number) => void,
): void {
  const ratio = uPlot.pxRatio;
  u.ctx.save();
  u.ctx.scale(ratio, ratio);
  u.ctx.font = FONT;
  draw(
    u.ctx,
    (step) => u.valToPos(step, "x", true) / ratio,
    (value) => u.valToPos(value, "y", true) / ratio,
  );
  u.ctx.restore();
}

function drawLimits(u: uPlot, chart: CurveChart, palette: Palette): void {
  withPen(u, (pen, x, y) => {
    const [left, right] = [x(u.scales.x.min ?? 0), x(u.scales.x.max ?? 1)];
    for (const { value } of chart.limits ?? []) {
      pen.strokeStyle = palette.ink2;
      pen.setLineDash([2, 2]);
      pen.beginPath();
      pen.moveTo(left, y(value));
      pen.lineTo(right, y(value));
      pen.stroke();
      pen.setLineDash([]);
    }
    const [top, bottom] = [y(u.scales.y.max ?? 1), y(u.scales.y.min ?? 0)];
    for (const step of chart.alarms ?? []) {
      pen.globalAlpha = 0.5;
      pen.fillStyle = palette.alarm;
      pen.fillRect(x(step) - 0.5, top, 1, bottom - top);
      pen.globalAlpha = 1;
      pen.beginPath();
      pen.moveTo(x(step) - 4, top + 4);
      pen.lineTo(x(step) + 4, top + 4);
      pen.lineTo(x(step), top - 4);
      pen.fill();
    }
  });
}

function drawLabels(
  u: uPlot,
  chart: CurveChart,
  lines: readonly Line[],
  columns: Columns,
  axis: Axis,
  palette: Palette,
): void {
  withPen(u, (pen, x, y) => {
    const right = x(u.scales.x.max ?? 1);
    const [top, bottom] = [y(axis.max), y(axis.min)];
    const write = (text: string, at: number, height: number, colour: string, align: CanvasTextAlign): void => {
      pen.textAlign = align;
      pen.textBaseline = "alphabetic";
      pen.lineWidth = 3;
      pen.strokeStyle = palette.bg;
      pen.fillStyle = colour;
      pen.strokeText(text, at, height);
      pen.fillText(text, at, height);
    };
    for (const { value, label } of chart.limits ?? []) write(label, right, y(value) - 4, palette.ink3, "right");
    const [alarm] = chart.alarms ?? [];
    if (chart.alarmLabel && alarm !== undefined) {
      const toLeft = x(alarm) - GUTTER > 120;
      write(chart.alarmLabel, x(alarm) + (toLeft ? -8 : 8), top + 16, palette.alarm, toLeft ? "right" : "left");
    }
    if (!chart.names) return;
    const solid = lines.findIndex((line) => line.focus && !line.dotted);
    const dotted = lines.findIndex((line) => line.focus && line.dotted);
    if (solid < 0 || dotted < 0) return;
    const at = widestGap(columns, solid, dotted, axis.log);
    if (at < 0) return;
    const heights = [solid, dotted].map((line) => y(columns.values[line][at] as number));
    chart.names.forEach((name, i) => {
      const above = heights[i] <= heights[1 - i];
      const place = x(columns.steps[at]);
      const height = Math.min(Math.max(heights[i] + (above ? -6 : 14), top + 9), bottom - 3);
      write(name, place, height, palette.ink3, place > right - 40 ? "right" : place < GUTTER + 40 ? "left" : "center");
    });
  });
}
