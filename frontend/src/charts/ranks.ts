/** Ranks over the epochs (a bump chart), and the shares that several methods give one feature, on one axis. */

import type { Palette, Pen } from "./marks";

export interface RankCurve {
  name: string;
  /** Rank at each step, 1 the first; NaN where unknown. */
  ranks: ArrayLike<number>;
  selected: boolean;
}

export interface RankOptions {
  readonly width: number;
  readonly height: number;
  /** Ranks that have a place; a curve leaves at the bottom below them. */
  readonly places: number;
  readonly color: string;
  readonly palette: Palette;
  /** CSS pixels left and right of the curves. */
  readonly left: number;
  readonly right: number;
  /** First and last epoch of the axis. */
  readonly range: readonly [number, number];
}

/** From the last place on, below the lower edge. */
const BELOW = 1.2;

/** Height of a rank's line: the centre of its row, below the picture for any beyond the places. */
export const rankToY = (rank: number, places: number, height: number): number =>
  ((rank <= places ? rank : places + BELOW) - 0.5) * (height / (places + 0.5));

/** Smooth curves between the drawn places on the axis of epochs, a ring at each; the selected one in colour and on top. */
export function drawRanks(
  pen: Pen,
  epochs: readonly number[],
  curves: readonly RankCurve[],
  options: RankOptions,
): void {
  const { width, height, places, color, palette, left, right, range } = options;
  pen.clearRect(0, 0, width, height);
  const span = range[1] - range[0] || 1;
  const xs = epochs.map((epoch) => left + ((epoch - range[0]) / span) * (width - left - right));
  const toY = (rank: number) => rankToY(rank, places, height);
  for (const { ranks, selected } of [...curves].sort((a, b) => Number(a.selected) - Number(b.selected))) {
    pen.strokeStyle = selected ? color : palette.line2;
    pen.lineWidth = selected ? 2.5 : 1.5;
    pen.beginPath();
    for (let i = 1; i < xs.length; i++) {
      // False for unknown ranks, too.
      if (!(Math.min(ranks[i - 1], ranks[i]) <= places)) continue;
      const [from, to, middle] = [toY(ranks[i - 1]), toY(ranks[i]), (xs[i - 1] + xs[i]) / 2];
      pen.moveTo(xs[i - 1], from);
      pen.bezierCurveTo(middle, from, middle, to, xs[i], to);
    }
    pen.stroke();
    xs.forEach((x, i) => {
      if (!(ranks[i] <= places)) return;
      pen.beginPath();
      pen.arc(x, toY(ranks[i]), selected ? 4 : 2.5, 0, 2 * Math.PI);
      pen.fillStyle = selected ? color : palette.bg;
      pen.fill();
      pen.strokeStyle = selected ? color : palette.ink3;
      pen.lineWidth = 1.25;
      pen.stroke();
    });
  }
}

export interface MethodMark {
  share: number;
  standardError: number;
}

/** A filled dot, a ring, a diamond, then a square: methods are told apart without their colours. */
const SHAPES = ["dot", "ring", "diamond", "square"] as const;

export interface AgreementOptions {
  readonly width: number;
  readonly height: number;
  readonly limit: number;
  readonly colors: readonly string[];
  readonly palette: Palette;
}

/** One feature's share by each method on one axis from 0 to the limit, whiskers of ± 2 SE. NaN draws nothing. */
export function drawAgreement(pen: Pen, marks: readonly MethodMark[], options: AgreementOptions): void {
  const { width, height, limit, colors, palette } = options;
  pen.clearRect(0, 0, width, height);
  const middle = Math.round(height / 2);
  const toX = (share: number) => 5 + Math.min(1, Math.max(0, limit > 0 ? share / limit : 0)) * (width - 10);
  pen.fillStyle = palette.line;
  pen.fillRect(0, middle, width, 1);
  marks.forEach(({ share, standardError }, i) => {
    if (Number.isNaN(share)) return;
    const color = colors[i % colors.length];
    const x = toX(share);
    pen.strokeStyle = color;
    pen.lineWidth = 1.25;
    if (standardError > 0) {
      pen.beginPath();
      pen.moveTo(toX(share - 2 * standardError), middle + 0.5);
      pen.lineTo(toX(share + 2 * standardError), middle + 0.5);
      pen.stroke();
    }
    drawShape(pen, SHAPES[i % SHAPES.length], x, middle + 0.5, color, palette);
  });
}

/** The mark of the i-th method, for the column's legend too. */
export function drawMethodMark(pen: Pen, i: number, x: number, y: number, color: string, palette: Palette): void {
  drawShape(pen, SHAPES[i % SHAPES.length], x, y, color, palette);
}

function drawShape(
  pen: Pen,
  shape: (typeof SHAPES)[number],
  x: number,
  y: number,
  color: string,
  palette: Palette,
): void {
  pen.beginPath();
  if (shape === "diamond") {
    pen.moveTo(x, y - 5);
    pen.lineTo(x + 5, y);
    pen.lineTo(x, y + 5);
    pen.lineTo(x - 5, y);
    pen.closePath();
  } else if (shape === "square") pen.rect(x - 3.5, y - 3.5, 7, 7);
  else pen.arc(x, y, 4, 0, 2 * Math.PI);
  if (shape === "ring") {
    pen.fillStyle = palette.bg;
    pen.fill();
    pen.strokeStyle = color;
    pen.lineWidth = 1.75;
    pen.stroke();
  } else {
    pen.fillStyle = color;
    pen.fill();
  }
}
