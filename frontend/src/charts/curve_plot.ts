/** What uPlot draws of a chart: lines, bands, axes and limits, at any fineness. */
import uPlot from "uplot";
import { placeText } from "../steps";
import type { Palette } from "../theme";
import { type Axis, align, axisOf, type Columns, epochTicks, type Line, lonePoints } from "./curve_data";
import { CHART_FONT } from "./curve_labels";
import { drawLimits } from "./curve_limits";
import type { CurveChart } from "./curves";

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

/** In the order in which they are drawn. */
export const drawnLines = ({ lines }: CurveChart): Line[] => [...lines].sort((a, b) => depth(a) - depth(b));

/**
 * Draw a chart into `root`.
 *
 * @param width, height of the curves, CSS pixels
 * @param scale         by how much all of it is larger than on the page
 * @param drawn         called whenever it has been drawn, at first a moment later
 */
export function plotOf(
  root: HTMLElement,
  chart: CurveChart,
  palette: Palette,
  { width, height, scale = 1 }: { width: number; height: number; scale?: number },
  drawn: () => void,
): uPlot {
  const axis = axisOf(heldValues(chart), chart.scale);
  const lines = drawnLines(chart);
  const bands = lines.flatMap((line) => (line.band ? [line] : []));
  const columns = align([
    ...lines,
    ...bands.flatMap(({ epochs, band }) => [
      { epochs, values: band?.upper ?? [] },
      { epochs, values: band?.lower ?? [] },
    ]),
  ]);
  const padding = [TOP, chart.ends ?? RIGHT, chart.axis ? 0 : BOTTOM, 0].map((length) => scale * length);
  return new uPlot(
    {
      width: scale * width,
      height: scale * (height + TOP + (chart.axis ? EPOCHS_HEIGHT : BOTTOM)),
      padding: padding as uPlot.Padding,
      legend: { show: false },
      cursor: { show: false },
      select: { show: false, left: 0, top: 0, width: 0, height: 0 },
      scales: {
        x: { time: false, range: () => spread(chart.range) },
        y: { distr: axis.log ? 3 : 1, range: () => [axis.min, axis.max] },
      },
      axes: axesOf(chart, axis, palette, scale),
      series: [
        {},
        ...lines.map((line, i) => seriesOf(line, columns.values[i], palette, scale)),
        ...bands.flatMap(() => [hidden, hidden]),
      ],
      bands: bands.map((line, i) => ({
        series: [1 + lines.length + 2 * i, 2 + lines.length + 2 * i],
        fill: `${line.colour}2e`,
      })),
      hooks: { drawClear: [(u) => drawLimits(u, chart, palette, scale)], draw: [drawn] },
    },
    [columns.epochs, ...columns.values] as uPlot.AlignedData,
    root,
  );
}

/** Opacity of what was measured behind what smooths it, as the end of a colour. */
const FAINT = "59";

const hidden: uPlot.Series = { width: 0, points: { show: false } };

/** One place alone would have no width. */
const spread = ([first, last]: readonly [number, number]): [number, number] =>
  first === last ? [first - 1, last + 1] : [first, last];

function seriesOf(line: Line, column: Columns["values"][number], palette: Palette, scale: number): uPlot.Series {
  const lone = lonePoints(column);
  return {
    stroke: line.faint ? `${line.colour}${FAINT}` : line.colour,
    width: scale * (line.focus && !line.dotted && !line.dashed && !line.faint ? 2 : 1.25),
    dash: (line.dotted ? [1.5, 3] : line.dashed ? [5, 4] : []).map((length) => scale * length),
    points: {
      show: lone.length > 0 && !line.faint,
      filter: () => lone,
      size: scale * (line.focus ? 7 : 5),
      fill: line.dotted ? palette.bg : line.colour,
    },
  };
}

function axesOf(chart: CurveChart, axis: Axis, palette: Palette, scale: number): uPlot.Axis[] {
  const font = CHART_FONT.replace(/^\d+/, (size) => String(scale * Number(size)));
  const shared: uPlot.Axis = { font, stroke: palette.ink3, ticks: { show: false } };
  return [
    {
      ...shared,
      show: chart.axis,
      size: scale * EPOCHS_HEIGHT,
      gap: scale * 7,
      grid: { show: false },
      splits: () => epochTicks(...chart.range),
      values: (_, splits) => splits.map(placeText),
    },
    {
      ...shared,
      size: scale * GUTTER,
      gap: scale * 6,
      grid: { stroke: palette.line, width: scale },
      splits: () => axis.ticks,
      // uPlot thins logarithmic splits by itself; these are few and all meant.
      filter: (_, splits) => splits,
      values: (_, splits) => splits.map(chart.tick),
    },
  ];
}
