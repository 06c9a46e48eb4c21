/**
 * Histograms whose bin widths are powers of two and whose edges are multiples of the width: any two are brought to
 * the wider bins exactly, no count is split. Drawn now (filled) against the reference (dashed).
 */

import { tick as asTick } from "../format";
import { type Palette, type Pen, roundTicks } from "./marks";

export interface Histogram {
  readonly lower: number;
  readonly width: number;
  readonly counts: ArrayLike<number>;
}

/** Several histograms on one grid: histogram k has `counts[k][i]` values in [lower + i·width, lower + (i + 1)·width). */
export interface Grid {
  readonly lower: number;
  readonly width: number;
  readonly bins: number;
  readonly counts: Float64Array[];
}

/** One row of a series `activation/<layer>`: lower edge, bin width, then the counts, which stay where they are. */
export const fromRow = (row: Float32Array | Float64Array): Histogram => ({
  lower: row[0],
  width: row[1],
  counts: row.subarray(2),
});

const isUsable = ({ lower, width, counts }: Histogram): boolean =>
  Number.isFinite(lower) && width > 0 && Number.isFinite(width) && counts.length > 0;

/** Index of the first and one past the last bin that holds anything; the same where none does. */
function filled(counts: ArrayLike<number>): [number, number] {
  let from = 0;
  while (from < counts.length && !(counts[from] > 0)) from++;
  let to = counts.length;
  while (to > from && !(counts[to - 1] > 0)) to--;
  return [from, to];
}

/** More bins than a chart has room for: values that went far away from where they began get wider ones. */
const MOST_BINS = 256;

/** All histograms on the widest bins among them, or on wider ones, cut to the range that holds counts. Unreadable ones are empty. */
export function merge(histograms: readonly Histogram[]): Grid {
  const usable = histograms.filter(isUsable);
  const ranges = usable.flatMap(({ lower, width: own, counts }) => {
    const [from, to] = filled(counts);
    return to > from ? [{ low: lower + from * own, high: lower + to * own }] : [];
  });
  if (ranges.length === 0) return { lower: 0, width: 1, bins: 0, counts: histograms.map(() => new Float64Array(0)) };
  const low = ranges.reduce((least, range) => Math.min(least, range.low), Number.POSITIVE_INFINITY);
  const high = ranges.reduce((most, range) => Math.max(most, range.high), Number.NEGATIVE_INFINITY);
  let width = usable.reduce((most, histogram) => Math.max(most, histogram.width), 0);
  while ((high - low) / width > MOST_BINS) width *= 2;
  const first = Math.floor(low / width);
  const bins = Math.ceil(high / width) - first;
  const counts = histograms.map((histogram) => {
    const target = new Float64Array(bins);
    if (!isUsable(histogram)) return target;
    for (let i = 0; i < histogram.counts.length; i++) {
      if (!(histogram.counts[i] > 0)) continue;
      target[Math.floor((histogram.lower + (i + 0.5) * histogram.width) / width) - first] += histogram.counts[i];
    }
    return target;
  });
  return { lower: first * width, width, bins, counts };
}

export const total = (counts: ArrayLike<number>): number =>
  Array.prototype.reduce.call(counts, (sum, count) => (sum as number) + Number(count), 0) as number;

export interface HistogramOptions {
  readonly width: number;
  readonly height: number;
  readonly fill: string;
  readonly palette: Palette;
}

const AXIS = 20;
/** Room for the ticks of the counts. */
const GUTTER = 36;
const RIGHT = 8;

/** The bin below a distance from the left of a histogram `width` wide; −1 beside all of them. */
export function binAt(x: number, bins: number, width: number): number {
  const bin = Math.floor(((x - GUTTER) / (width - GUTTER - RIGHT)) * bins);
  return bin >= 0 && bin < bins ? bin : -1;
}

/** Pixels from the left of a histogram `width` wide at which a bin begins and ends. */
export const binEdges = (bin: number, bins: number, width: number): [number, number] => {
  const pitch = (width - GUTTER - RIGHT) / Math.max(1, bins);
  return [GUTTER + bin * pitch, GUTTER + (bin + 1) * pitch];
};

/** The values between which a bin lies. */
export const binEnds = ({ lower, width }: Pick<Grid, "lower" | "width">, bin: number): [number, number] => [
  lower + bin * width,
  lower + (bin + 1) * width,
];

/** `now` filled, `reference` as a dashed outline, both on one grid; counts at the left, values below. */
export function drawHistogram(
  pen: Pen,
  grid: Grid,
  now: ArrayLike<number>,
  reference: ArrayLike<number> | undefined,
  options: HistogramOptions,
): void {
  const { width, height, fill, palette } = options;
  pen.clearRect(0, 0, width, height);
  const floor = height - AXIS;
  const right = width - RIGHT;
  const highest = Math.max(1, ...Array.from(now), ...Array.from(reference ?? []));
  const toX = (bin: number) => GUTTER + (bin / Math.max(1, grid.bins)) * (right - GUTTER);
  const toY = (count: number) => floor - (count / highest) * (floor - 4);
  pen.font = AXIS_FONT;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const count of roundTicks(0, highest, 2)) {
    pen.fillStyle = palette.line;
    pen.fillRect(GUTTER, Math.round(toY(count)), right - GUTTER, 1);
    pen.fillStyle = palette.ink3;
    pen.fillText(shortCount(count), GUTTER - 6, toY(count));
  }

  const outline = (counts: ArrayLike<number>) => {
    pen.beginPath();
    pen.moveTo(GUTTER, floor);
    for (let bin = 0; bin < grid.bins; bin++) {
      pen.lineTo(toX(bin), toY(counts[bin]));
      pen.lineTo(toX(bin + 1), toY(counts[bin]));
    }
    pen.lineTo(right, floor);
  };
  outline(now);
  pen.closePath();
  pen.fillStyle = fill;
  pen.fill();
  if (reference) {
    outline(reference);
    pen.strokeStyle = palette.ink2;
    pen.lineWidth = 1.25;
    pen.setLineDash([3, 2]);
    pen.stroke();
    pen.setLineDash([]);
  }
  drawValueAxis(pen, grid, right - GUTTER, floor, palette, GUTTER);
}

/** A count where there is little room: 1500 → "1.5k", 2000000 → "2M". */
export function shortCount(count: number): string {
  const units = ["", "k", "M", "G"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3)));
  return `${Number((count / 1000 ** power).toPrecision(3))}${units[power]}`;
}

/** Tick labels of the values under a chart whose x axis is the grid. */
export function drawValueAxis(pen: Pen, grid: Grid, width: number, top: number, palette: Palette, left = 0): void {
  const high = grid.lower + grid.bins * grid.width;
  pen.fillStyle = palette.ink3;
  pen.font = AXIS_FONT;
  pen.textBaseline = "top";
  for (const tick of roundTicks(grid.lower, high, 4)) {
    const x = left + ((tick - grid.lower) / (high - grid.lower || 1)) * width;
    pen.textAlign = x < left + 8 ? "left" : x > left + width - 8 ? "right" : "center";
    pen.fillText(asTick(tick), x, top + 6);
  }
}

export const AXIS_FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
