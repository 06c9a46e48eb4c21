/** A chart of curves over epochs, with the cursor, the reference and the pointer's step laid over it. */

import type { Palette } from "../theme";
import type { Limit, Line, Scale } from "./curve_data";
import { nameCurves } from "./curve_labels";
import { type Marks, overlayOf } from "./curve_marks";
import { drawnLines, drawPlot, marginsOf } from "./curve_plot";
import { scalesOf } from "./curve_scales";
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
  /** Said at the line of the focus run. */
  note?: string;
  /** Room beyond the plot for the lines' names and values, which then stand at their ends. */
  ends?: number;
}

export interface Curves {
  mark(marks: Marks): void;
  /** The place on the axis of epochs below a point of the page. */
  epochAt(clientX: number): number;
  /** Whether a point of the page lies on the axis of epochs, below the curves. */
  onAxis(clientY: number): boolean;
  /** Draw the curves again with so many pixels of the canvas to one of the page: for a picture. The marks stay as they are. */
  refine(ratio: number): void;
  destroy(): void;
}

/**
 * Draw a chart into `root`: `width` CSS pixels with its ticks, `height` of the plot alone.
 *
 * @param dotted lines with a dot at the cursor: those whose values are written, the focus run's last
 */
export function curves(
  root: HTMLElement,
  chart: CurveChart,
  palette: Palette,
  { width, height, dotted }: { width: number; height: number; dotted: readonly Line[] },
): Curves {
  const { left, right, top, bottom } = marginsOf(chart);
  const lines = drawnLines(chart);
  const scales = scalesOf(chart, width - left - right, height);
  const whole = document.createElement("div");
  const canvas = document.createElement("canvas");
  const over = document.createElement("div");
  [whole.className, canvas.className, over.className] = ["chart", "curves", "over"];
  Object.assign(over.style, { left: `${left}px`, top: `${top}px`, width: `${scales.width}px`, height: `${height}px` });
  Object.assign(canvas.style, { width: `${width}px`, height: `${top + height + bottom}px` });
  whole.append(canvas, over);
  root.append(whole);
  const pen = canvas.getContext("2d") as CanvasRenderingContext2D;
  const draw = (ratio: number): void => {
    canvas.width = Math.round(width * ratio); // which wipes it, too
    canvas.height = Math.round((top + height + bottom) * ratio);
    pen.scale(ratio, ratio);
    drawPlot(pen, chart, scales, palette);
  };
  draw(devicePixelRatio);
  const overlay = overlayOf(over, scales, dotted, palette);
  const names = nameCurves({ over, pen, scales }, chart, lines);
  return {
    mark: (marks) => {
      overlay(marks);
      names(marks);
    },
    epochAt: (clientX) => scales.placeAt(clientX - over.getBoundingClientRect().left),
    onAxis: (clientY) => chart.axis && clientY > over.getBoundingClientRect().bottom,
    refine: draw,
    destroy: () => whole.remove(),
  };
}
