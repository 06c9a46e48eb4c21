/** A chart of curves over epochs, with the cursor, the reference and the pointer's step laid over it. */

import type uPlot from "uplot";
import type { Palette } from "../theme";
import type { Limit, Line, Scale } from "./curve_data";
import { nameCurves } from "./curve_labels";
import { type Marks, overlayOf } from "./curve_marks";
import { drawnLines, plotOf } from "./curve_plot";
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
  /** Draw the curves again, so many times as fine in the same place: for a picture. The marks stay as they are. */
  refine(scale: number): Promise<void>;
  destroy(): void;
}

/** Draw a chart into `root`, `width` × `height` CSS pixels. */
export function curves(root: HTMLElement, chart: CurveChart, palette: Palette, width: number, height: number): Curves {
  const lines = drawnLines(chart);
  // uPlot has no scales before it has drawn, which it does a moment later.
  let marks: Marks | undefined;
  let names: ((marks: Marks) => void) | undefined;
  const plot = plotOf(root, chart, palette, { width, height }, () => marks && mark(marks));
  const overlay = overlayOf(plot, lines, palette);
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
    refine: async (scale) => {
      const fine = await new Promise<uPlot>((done) => {
        const made = plotOf(document.createElement("div"), chart, palette, { width, height, scale }, () => done(made));
      });
      const [{ canvas }, finer] = [plot.ctx, fine.ctx.canvas];
      [canvas.width, canvas.height] = [finer.width, finer.height];
      plot.ctx.drawImage(finer, 0, 0);
      fine.destroy();
    },
    destroy: () => plot.destroy(),
  };
}
