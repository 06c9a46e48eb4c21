/** What lies under the curves of a chart: its limits, and the steps with an alarm. */

import type { Palette } from "../theme";
import type { Limit } from "./curve_data";
import type { CurveScales } from "./curve_scales";
import type { AlarmMark, CurveChart } from "./curves";
import type { Pen } from "./marks";
import { drawSign, signColour } from "./signs";

/** Size of an alarm's sign, which stands on the plot's top edge; several of one step stand side by side. */
const SIGN = 7;
const BESIDE = 9;

/** Those within the epochs that are shown. */
export const shownAlarms = ({ alarms = [], range: [first, last] }: CurveChart): readonly AlarmMark[] =>
  alarms.filter(({ place }) => place >= first && place <= last);

export const shownLimits = (scales: CurveScales, { limits = [] }: CurveChart): readonly Limit[] =>
  limits.filter(({ value, to = value }) => scales.holds(value) || scales.holds(to));

/** Ranges of values that are shaded, below everything else. */
export function drawShades(
  pen: Pen,
  { limits = [] }: CurveChart,
  { axis, width, y }: CurveScales,
  palette: Palette,
): void {
  for (const { value, to, shade } of limits) {
    if (to === undefined || !shade || value >= axis.max || to <= axis.min) continue;
    const [top, bottom] = [y(Math.min(to, axis.max)), y(Math.max(value, axis.min))];
    pen.fillStyle = palette[shade];
    pen.fillRect(0, top, width, bottom - top);
  }
}

export function drawLimits(pen: Pen, chart: CurveChart, scales: CurveScales, palette: Palette): void {
  pen.lineWidth = 1;
  for (const { value } of shownLimits(scales, chart).filter(({ shade }) => shade !== "sunk")) {
    pen.strokeStyle = palette.ink2;
    pen.setLineDash([2, 2]);
    pen.beginPath();
    pen.moveTo(0, scales.y(value));
    pen.lineTo(scales.width, scales.y(value));
    pen.stroke();
    pen.setLineDash([]);
  }
  const marked = new Map<number, number>();
  for (const { place, sign } of shownAlarms(chart)) {
    const [at, before] = [scales.x(place), marked.get(place) ?? 0];
    marked.set(place, before + 1);
    pen.fillStyle = palette[signColour(sign)];
    if (before === 0) {
      pen.globalAlpha = 0.5;
      pen.fillRect(at - 0.5, 0, 1, scales.height);
      pen.globalAlpha = 1;
    }
    drawSign(pen, sign, at + before * BESIDE, 0, SIGN);
  }
}
