/** From figures a step to what a chart of curves draws: lines, limits and a round axis. */
import { roundTicks } from "./marks";

export interface Line {
  /** Who the line is of; lines of one run share their place in the title row. */
  run: string;
  label: string;
  colour: string;
  /** The focus run is drawn last and thicker, with its band. */
  focus: boolean;
  dotted?: boolean;
  /** What the line of the focus run is to be held against: noise, chance. Without a dot or a value of its own. */
  dashed?: boolean;
  /** Written at the line itself. */
  name?: string;
  /** Drawn to compare with, its value left out of the title row. */
  aside?: boolean;
  /** What was measured, behind the line that smooths it. */
  faint?: boolean;
  /** What `values` were before they were smoothed. */
  measured?: readonly number[];
  /** Places on the axis of epochs. */
  epochs: readonly number[];
  /** At each place; what is not finite breaks the line. */
  values: readonly number[];
  /** A range around each value, at the same places. */
  band?: { lower: readonly number[]; upper: readonly number[] };
}

export interface Limit {
  value: number;
  label: string;
  /** Shaded from `value` up to here; Infinity is the end of the axis. */
  to?: number;
  /** Colour of what is shaded: out of order, or as usual. What is usual has no line, and no place on the axis is made for it. */
  shade?: "alarmBg" | "sunk";
}

export interface Scale {
  log?: boolean;
  /** Where the axis starts and ends whatever the values are. */
  low?: number;
  high?: number;
}

export interface Axis {
  log: boolean;
  min: number;
  max: number;
  ticks: number[];
}

/** The least and the greatest of many numbers: they need not fit on the stack. */
function extent(values: readonly number[]): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

const positive = (values: readonly number[]): number[] => values.filter((x) => Number.isFinite(x) && x > 0);

/** Powers of ten times 1, 2 and 5 between both ends; fewer where they would crowd. */
function logTicks(min: number, max: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power++) {
    for (const factor of [1, 2, 5]) {
      const tick = Number((factor * 10 ** power).toPrecision(1));
      if (tick >= min && tick <= max) ticks.push(tick);
    }
  }
  const every = Math.ceil(ticks.length / 4);
  return ticks.filter((_, i) => i % every === 0);
}

const ROUNDING = 1e-12;

/** An axis that holds all values and ends at round numbers. */
export function axisOf(values: readonly number[], { log = false, low, high }: Scale = {}): Axis {
  const finite = (log ? positive(values) : values.filter(Number.isFinite)) as number[];
  if (!finite.length) return { log: false, min: low ?? 0, max: high ?? 1, ticks: [low ?? 0, high ?? 1] };
  const [least, most] = extent(low === undefined ? finite : [low, ...finite]);
  if (log) {
    const [min, max] = [least / 1.2, most * 1.2];
    const ticks = logTicks(min, max);
    return { log, min, max, ticks: ticks.length > 1 ? ticks : roundTicks(min, max, 3) };
  }
  // What differs by rounding alone is flat.
  const flat = most - least > ROUNDING ? 0 : Math.abs(most) > ROUNDING ? Math.abs(most) * 0.1 : 1;
  const [from, to] = [low ?? least - flat, high ?? most + flat];
  const probe = roundTicks(from, to, 4);
  const step = probe.length > 1 ? probe[1] - probe[0] : to - from || 1;
  const round = (x: number): number => Number(x.toPrecision(12));
  const min = low ?? round(Math.floor(from / step + 1e-9) * step);
  const max = high ?? round(Math.ceil(to / step - 1e-9) * step);
  return { log, min, max, ticks: roundTicks(min, max, 4) };
}

/** Loss goes over several scales of size: then, and only then, is its axis logarithmic. */
export function spansScales(values: readonly number[]): boolean {
  const finite = values.filter(Number.isFinite);
  const above = positive(finite);
  const [least, most] = extent(above);
  return above.length > 1 && above.length === finite.length && most > 20 * least;
}

/** Whether a chart can be drawn on a logarithmic scale: no value is below zero, and one is above. */
export function canBeLog(lines: readonly Pick<Line, "values">[]): boolean {
  const all = lines.flatMap(({ values }) => values).filter(Number.isFinite);
  return all.some((value) => value > 0) && !all.some((value) => value < 0);
}

/** Where the ticks of an axis of epochs stand: its ends and round epochs between, none too near the ends. */
export function epochTicks(first: number, last: number, count = 6): number[] {
  if (last <= first) return [first];
  const room = (last - first) / (count * 2);
  const inner = roundTicks(first, last, count).filter(
    (epoch) => Number.isInteger(epoch) && epoch - first > room && last - epoch > room,
  );
  return [first, ...inner, last];
}

/** Index of the last of these places, ascending, that is not after another; −1 without one. What has no place comes last. */
export function indexAt(epochs: readonly number[], epoch: number): number {
  let [low, high] = [0, epochs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (epochs[middle] <= epoch) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** What a line says at a place: the value of the last one that is not after it. NaN before its first. */
export const valueAt = ({ epochs, values }: Pick<Line, "epochs" | "values">, epoch: number): number =>
  values[indexAt(epochs, epoch)] ?? Number.NaN;
