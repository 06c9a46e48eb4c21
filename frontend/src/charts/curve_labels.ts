/** What is drawn into a chart of curves beside the curves: limits, alarms, and names at the lines themselves. */
import uPlot from "uplot";
import type { Palette } from "../theme";
import { type Axis, type Columns, type Line, spotForNames } from "./curve_data";
import type { CurveChart } from "./curves";

export const CHART_FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
/** Width of the ticks of the value axis. */
export const GUTTER = 36;
/** From a line to the foot of a name above or below it. */
const ABOVE = 6;
const BELOW = 14;

/** Pen in CSS pixels, clipped to nothing; uPlot's own is in the screen's. */
function withPen(
  u: uPlot,
  draw: (pen: CanvasRenderingContext2D, x: (step: number) => number, y: (value: number) => number) => void,
): void {
  const ratio = uPlot.pxRatio;
  u.ctx.save();
  u.ctx.scale(ratio, ratio);
  u.ctx.font = CHART_FONT;
  draw(
    u.ctx,
    (step) => u.valToPos(step, "x", true) / ratio,
    (value) => u.valToPos(value, "y", true) / ratio,
  );
  u.ctx.restore();
}

export function drawLimits(u: uPlot, chart: CurveChart, palette: Palette): void {
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

export function drawLabels(
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
    for (const { value, label } of chart.limits ?? []) {
      const crowded = endsAbove(lines, value, chart.range);
      write(label, right, y(value) + (crowded ? BELOW : -4), palette.ink3, "right");
    }
    const [alarm] = chart.alarms ?? [];
    if (chart.alarmLabel && alarm !== undefined) {
      const toLeft = x(alarm) - GUTTER > 120;
      write(chart.alarmLabel, x(alarm) + (toLeft ? -8 : 8), top + 16, palette.alarm, toLeft ? "right" : "left");
    }
    if (!chart.names) return;
    const solid = lines.findIndex((line) => line.focus && !line.dotted);
    const dotted = lines.findIndex((line) => line.focus && line.dotted);
    if (solid < 0 || dotted < 0) return;
    const at = spotForNames(columns, [solid, dotted], y, top, bottom);
    if (at < 0) return;
    const place = x(columns.steps[at]);
    const heights = [solid, dotted].map((line) => y(columns.values[line][at] as number));
    chart.names.forEach((name, i) => {
      write(name, place, heights[i] + (heights[i] <= heights[1 - i] ? -ABOVE : BELOW), palette.ink3, "center");
    });
  });
}

/** Whether curves run above a value where its name would stand, in the last quarter. */
function endsAbove(lines: readonly Line[], value: number, [first, last]: readonly [number, number]): boolean {
  const late = lines.flatMap((line) => line.values.filter((_, i) => line.steps[i] > first + 0.75 * (last - first)));
  return late.filter((x) => x > value).length > late.length / 2;
}
