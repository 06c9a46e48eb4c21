/** What lies under the curves of a chart: its limits, and the steps with an alarm. */
import uPlot from "uplot";
import type { Palette } from "../theme";
import type { Limit } from "./curve_data";
import type { AlarmMark, CurveChart } from "./curves";
import { drawSign, signColour } from "./signs";

/** Size of an alarm's sign, which stands on the plot's top edge; several of one step stand side by side. */
const SIGN = 7;
const BESIDE = 9;

/** Those within the epochs that are shown. */
export const shownAlarms = ({ alarms = [], range: [first, last] }: CurveChart): readonly AlarmMark[] =>
  alarms.filter(({ place }) => place >= first && place <= last);

/** Those that the value axis has a place for: zero has none on a logarithmic one. */
export const shownLimits = (u: uPlot, { limits = [] }: CurveChart): readonly Limit[] =>
  limits.filter(({ value }) => value >= (u.scales.y.min ?? 0) && value <= (u.scales.y.max ?? 1));

/** @param scale by how much all of it is larger than on the page */
export function drawLimits(u: uPlot, chart: CurveChart, palette: Palette, scale: number): void {
  const ratio = uPlot.pxRatio * scale;
  const pen = u.ctx;
  const x = (step: number): number => u.valToPos(step, "x", true) / ratio;
  const y = (value: number): number => u.valToPos(value, "y", true) / ratio;
  const [left, right] = [x(u.scales.x.min ?? 0), x(u.scales.x.max ?? 1)];
  const [top, bottom] = [y(u.scales.y.max ?? 1), y(u.scales.y.min ?? 0)];
  pen.save();
  pen.scale(ratio, ratio); // uPlot's own pen is in pixels of the canvas
  for (const { value } of shownLimits(u, chart)) {
    pen.strokeStyle = palette.ink2;
    pen.setLineDash([2, 2]);
    pen.beginPath();
    pen.moveTo(left, y(value));
    pen.lineTo(right, y(value));
    pen.stroke();
    pen.setLineDash([]);
  }
  const marked = new Map<number, number>();
  for (const { place, sign } of shownAlarms(chart)) {
    const [at, before] = [x(place), marked.get(place) ?? 0];
    marked.set(place, before + 1);
    pen.fillStyle = palette[signColour(sign)];
    if (before === 0) {
      pen.globalAlpha = 0.5;
      pen.fillRect(at - 0.5, top, 1, bottom - top);
      pen.globalAlpha = 1;
    }
    drawSign(pen, sign, at + before * BESIDE, top, SIGN);
  }
  pen.restore();
}
