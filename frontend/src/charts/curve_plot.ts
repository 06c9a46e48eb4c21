/** What is drawn of a chart of curves: axes, limits, bands and lines, by a pen whose units are CSS pixels. */
import { placeText } from "../steps";
import type { Palette } from "../theme";
import { epochTicks, type Line } from "./curve_data";
import { drawLimits, drawShades } from "./curve_limits";
import type { CurveScales } from "./curve_scales";
import type { CurveChart } from "./curves";
import type { Pen } from "./marks";

export const CHART_FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

/** Width of the ticks of the value axis. */
const GUTTER = 36;
const EPOCHS_HEIGHT = 22;
const RIGHT = 12;
const TOP = 10;
/** Room for half of the lowest tick's text. */
const BOTTOM = 6;
/** From the plot to its ticks. */
const VALUES_GAP = 6;
const EPOCHS_GAP = 7;

/** What stands around the plot of a chart, CSS pixels. */
export const marginsOf = ({ axis, ends = RIGHT }: CurveChart) => ({
  left: GUTTER,
  right: ends,
  top: TOP,
  bottom: axis ? EPOCHS_HEIGHT : BOTTOM,
});

/** What was measured lies below what smooths it, the focus run above all. */
const depth = ({ faint, focus }: Line): number => (faint ? 0 : 1 + Number(focus));

/** In the order in which they are drawn. */
export const drawnLines = ({ lines }: CurveChart): Line[] => [...lines].sort((a, b) => depth(a) - depth(b));

/** Draw a chart from its top left, margins included. */
export function drawPlot(pen: Pen, chart: CurveChart, scales: CurveScales, palette: Palette): void {
  const { left, top } = marginsOf(chart);
  pen.save();
  pen.translate(left, top);
  drawShades(pen, chart, scales, palette);
  drawAxes(pen, chart, scales, palette);
  drawLimits(pen, chart, scales, palette);
  pen.save();
  pen.beginPath();
  pen.rect(-1, -1, scales.width + 2, scales.height + 2); // lines are as thick at the edges
  pen.clip();
  const lines = drawnLines(chart);
  for (const line of lines) drawBand(pen, line, scales);
  for (const line of lines) drawLine(pen, line, scales);
  pen.restore();
  for (const line of lines) drawLonePoints(pen, line, scales, palette);
  pen.restore();
}

function drawAxes(pen: Pen, chart: CurveChart, scales: CurveScales, palette: Palette): void {
  pen.font = CHART_FONT;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const tick of scales.axis.ticks) {
    const y = scales.y(tick);
    pen.fillStyle = palette.line;
    pen.fillRect(0, Math.round(y - 0.5), scales.width, 1);
    pen.fillStyle = palette.ink3;
    pen.fillText(chart.tick(tick), -VALUES_GAP, y);
  }
  if (!chart.axis) return;
  pen.textAlign = "center";
  pen.textBaseline = "top";
  for (const tick of epochTicks(...chart.range)) {
    pen.fillText(placeText(tick), scales.x(tick), scales.height + EPOCHS_GAP);
  }
}

/** A line's unbroken stretches as indices: what has no place on the axis is left out, what is not finite breaks it. */
export function stretches({ epochs, values }: Pick<Line, "epochs" | "values">): number[][] {
  const found: number[][] = [[]];
  epochs.forEach((epoch, i) => {
    if (!Number.isFinite(epoch)) return;
    if (Number.isFinite(values[i])) found[found.length - 1].push(i);
    else found.push([]);
  });
  return found.filter(({ length }) => length);
}

/** Opacity of what was measured behind what smooths it, and of bands, as the ends of colours. */
const FAINT = "59";
const BAND = "2e";

function drawBand(pen: Pen, { epochs, band, colour }: Line, scales: CurveScales): void {
  if (!band) return;
  const widths = band.upper.map((upper, i) => upper - band.lower[i]);
  pen.fillStyle = `${colour}${BAND}`;
  for (const stretch of stretches({ epochs, values: widths })) {
    pen.beginPath();
    for (const i of stretch) pen.lineTo(scales.x(epochs[i]), scales.y(band.upper[i]));
    for (const i of stretch.reverse()) pen.lineTo(scales.x(epochs[i]), scales.y(band.lower[i]));
    pen.fill();
  }
}

/** What is drawn to compare with is as thin as a screen shows it: of lines no wider than a pixel, browsers draw dozens at the cost of a few. */
function lineWidth({ focus, dotted, dashed, faint, aside }: Line): number {
  if (aside) return 1;
  return focus && !dotted && !dashed && !faint ? 2 : 1.25;
}

function drawLine(pen: Pen, line: Line, scales: CurveScales): void {
  pen.strokeStyle = line.faint ? `${line.colour}${FAINT}` : line.colour;
  pen.lineWidth = lineWidth(line);
  pen.lineJoin = "round";
  pen.setLineDash(line.dotted ? [1.5, 3] : line.dashed ? [5, 4] : []);
  pen.beginPath();
  for (const [first, ...others] of stretches(line)) {
    pen.moveTo(scales.x(line.epochs[first]), scales.y(line.values[first]));
    for (const i of others) pen.lineTo(scales.x(line.epochs[i]), scales.y(line.values[i]));
  }
  pen.stroke();
  pen.setLineDash([]);
}

/** Values that no line leads to or from. */
function drawLonePoints(pen: Pen, line: Line, scales: CurveScales, palette: Palette): void {
  if (line.faint) return;
  const lone = stretches(line).flatMap((stretch) => (stretch.length === 1 ? stretch : []));
  for (const i of lone.filter((at) => scales.shows(line.epochs[at]))) {
    pen.beginPath();
    pen.arc(scales.x(line.epochs[i]), scales.y(line.values[i]), line.focus ? 3 : 2, 0, 2 * Math.PI);
    pen.fillStyle = line.dotted ? palette.bg : line.colour;
    pen.strokeStyle = line.colour;
    pen.lineWidth = 1;
    pen.fill();
    pen.stroke();
  }
}
