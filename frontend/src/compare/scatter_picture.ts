/** The picture of shares on two sides: a point a feature on log axes, the diagonal, the band of noise, names of those that moved most. */

import type { Palette, Pen } from "../charts/marks";
import { shortenedName } from "../elements/clipped_name";
import { tick } from "../format";
import { placeLabels } from "./scatter_labels";
import {
  type ComparedFeature,
  finite,
  type LogAxis,
  shareAxis,
  shareTicks,
  shareToAxis,
  typicalNoise,
} from "./scatter_model";

export const MARGIN = { left: 36, right: 8, top: 8, bottom: 20 };
const NAMED = 10;
const LINE = 14;
const NAME_FONT = '600 12px / 14px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const TICK_FONT = '400 11px / 14px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

export interface Plot {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export const plotOf = (width: number, height: number): Plot => ({
  left: MARGIN.left,
  top: MARGIN.top,
  width: Math.max(1, width - MARGIN.left - MARGIN.right),
  height: Math.max(1, height - MARGIN.top - MARGIN.bottom),
});

/** Where a feature stands: B from left to right, A from bottom to top, so that what gained in A lies above the diagonal. */
export function pointOf({ here, there }: ComparedFeature, axis: LogAxis, { left, top, width, height }: Plot) {
  return { x: left + shareToAxis(there, axis) * width, y: top + (1 - shareToAxis(here, axis)) * height };
}

/** The feature nearest to a point of the picture, within reach of a pointer. */
export function featureNear(
  features: readonly ComparedFeature[],
  x: number,
  y: number,
  width: number,
  height: number,
): ComparedFeature | undefined {
  const [axis, plot] = [shareAxis(features), plotOf(width, height)];
  let [nearest, least]: [ComparedFeature | undefined, number] = [undefined, 14];
  for (const feature of finite(features)) {
    const point = pointOf(feature, axis, plot);
    const away = Math.hypot(point.x - x, point.y - y);
    if (away < least) [nearest, least] = [feature, away];
  }
  return nearest;
}

export interface ScatterOptions {
  readonly width: number;
  readonly height: number;
  /** Of the points beyond noise. */
  readonly color: string;
  readonly palette: Palette;
  /** Features to name, the farthest first; more than have room are left out. */
  readonly named: readonly ComparedFeature[];
  readonly hovered: ComparedFeature | undefined;
}

type ScatterPen = Pen & Pick<CanvasRenderingContext2D, "measureText" | "strokeText">;

export function drawScatter(pen: ScatterPen, features: readonly ComparedFeature[], options: ScatterOptions): void {
  const { width, height, palette, named, hovered } = options;
  const [axis, plot] = [shareAxis(features), plotOf(width, height)];
  drawBand(pen, typicalNoise(features), axis, plot, palette);
  drawAxes(pen, axis, plot, palette);
  const shown = finite(features);
  for (const feature of shown.filter(({ beyondNoise }) => !beyondNoise)) drawPoint(pen, feature, axis, plot, options);
  for (const feature of shown.filter(({ beyondNoise }) => beyondNoise)) drawPoint(pen, feature, axis, plot, options);
  if (hovered) drawRing(pen, pointOf(hovered, axis, plot), palette);
  drawNames(pen, shown, named.slice(0, NAMED), axis, plot, palette);
}

/** Parallel to the diagonal on log axes: so much of its share a typical feature may differ by. */
function drawBand(pen: Pen, noise: number, axis: LogAxis, plot: Plot, palette: Palette): void {
  const { left, top, width, height } = plot;
  const span = Math.log(axis.high / axis.low);
  // From a mean share m, half a difference either way: (1 + n/2) / (1 − n/2).
  const ratio = (1 + Math.min(noise, 1.9) / 2) / (1 - Math.min(noise, 1.9) / 2);
  const shift = Math.log(ratio) / span;
  pen.save();
  pen.beginPath();
  pen.rect(left, top, width, height);
  pen.clip();
  pen.fillStyle = palette.sunk;
  pen.beginPath();
  const at = (b: number, a: number): [number, number] => [left + b * width, top + (1 - a) * height];
  const corners = [at(-1, -1 + shift), at(2, 2 + shift), at(2, 2 - shift), at(-1, -1 - shift)];
  corners.forEach(([x, y], i) => {
    if (i === 0) pen.moveTo(x, y);
    else pen.lineTo(x, y);
  });
  pen.closePath();
  pen.fill();
  pen.strokeStyle = palette.line2;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(...at(0, 0));
  pen.lineTo(...at(1, 1));
  pen.stroke();
  pen.restore();
}

function drawAxes(pen: Pen, axis: LogAxis, { left, top, width, height }: Plot, palette: Palette): void {
  pen.strokeStyle = palette.line;
  pen.lineWidth = 1;
  pen.fillStyle = palette.ink3;
  pen.font = TICK_FONT;
  for (const share of shareTicks(axis)) {
    const at = shareToAxis(share, axis);
    const [x, y] = [Math.round(left + at * width) + 0.5, Math.round(top + (1 - at) * height) + 0.5];
    pen.beginPath();
    pen.moveTo(left, y);
    pen.lineTo(left + width, y);
    pen.moveTo(x, top);
    pen.lineTo(x, top + height);
    pen.stroke();
    const text = tick(100 * share);
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    pen.fillText(text, left - 6, y);
    pen.textAlign = "center";
    pen.textBaseline = "top";
    pen.fillText(text, x, top + height + 5);
  }
}

function drawPoint(pen: Pen, feature: ComparedFeature, axis: LogAxis, plot: Plot, options: ScatterOptions): void {
  const { beyondNoise, here, changeError } = feature;
  const { palette, color } = options;
  const { x, y } = pointOf(feature, axis, plot);
  if (beyondNoise) {
    const up = (share: number) => plot.top + (1 - shareToAxis(share, axis)) * plot.height;
    pen.globalAlpha = 0.6;
    pen.strokeStyle = color;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x, up(here - 2 * changeError));
    pen.lineTo(x, up(here + 2 * changeError));
    pen.stroke();
  }
  pen.globalAlpha = beyondNoise ? 1 : 0.5;
  pen.fillStyle = beyondNoise ? color : palette.ink3;
  pen.beginPath();
  pen.arc(x, y, beyondNoise ? 4 : 3, 0, 2 * Math.PI);
  pen.fill();
  pen.globalAlpha = 1;
}

function drawRing(pen: Pen, { x, y }: { x: number; y: number }, palette: Palette): void {
  pen.strokeStyle = palette.ink;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.arc(x, y, 6, 0, 2 * Math.PI);
  pen.stroke();
}

function drawNames(
  pen: ScatterPen,
  shown: readonly ComparedFeature[],
  named: readonly ComparedFeature[],
  axis: LogAxis,
  plot: Plot,
  palette: Palette,
): void {
  const inPlot = (feature: ComparedFeature) => {
    const { x, y } = pointOf(feature, axis, plot);
    return { x: x - plot.left, y: y - plot.top };
  };
  pen.font = NAME_FONT;
  pen.fillStyle = palette.ink;
  pen.strokeStyle = palette.bg;
  pen.lineWidth = 3;
  pen.lineJoin = "round";
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  const points = named.map((feature) => ({ ...inPlot(feature), name: shortenedName(feature.name, LONGEST) }));
  const others = shown.filter((feature) => !named.includes(feature)).map(inPlot);
  const widthOf = (name: string) => pen.measureText(name).width;
  for (const { name, left, top, height } of placeLabels(points, others, plot, LINE, widthOf)) {
    const [x, y] = [plot.left + left, plot.top + top + height / 2];
    pen.strokeText(name, x, y); // a halo, for names over grid lines and the whiskers of others
    pen.fillText(name, x, y);
  }
}

const LONGEST = 22;
