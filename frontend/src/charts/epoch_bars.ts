/** The bars of the transport: how much of the attribution moved in each step, over an axis of epochs. */
import { spacing } from "./epoch_axis";

export interface EpochScale {
  /** Middle of the slot of a place on the axis, in pixels. */
  x(epoch: number): number;
  /** Place on the axis at so many pixels. */
  epochAt(x: number): number;
  /** Width of a slot in pixels: of one epoch, or of an ordinary step where steps are denser. */
  slot: number;
}

/** The scale of a track that holds these places, ascending, each in the middle of its slot. */
export function epochScale(epochs: readonly number[], width: number): EpochScale {
  const [first, last] = [epochs[0] ?? 0, epochs.at(-1) ?? 0];
  const unit = spacing(epochs);
  const perEpoch = width / (last - first + unit);
  return {
    slot: unit * perEpoch,
    x: (epoch) => (epoch - first + unit / 2) * perEpoch,
    epochAt: (x) => x / perEpoch - unit / 2 + first,
  };
}

/** Bars may not dwarf each other: what lies above this share of all bars is cut at the top. */
const CUT = 0.95;

/** The height that fills the track: the 95th percentile, so that the first steps hide no later one. */
export function fullHeight(values: readonly number[]): number {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted[Math.min(Math.floor(CUT * sorted.length), sorted.length - 1)] || 1;
}

/** All bars as one SVG path, standing on the bottom of a track of that height. A known zero is a hairline. */
export function barsPath(
  epochs: readonly number[],
  values: readonly number[],
  scale: EpochScale,
  height: number,
): string {
  const middles = epochs.map((epoch) => scale.x(epoch));
  const widthAt = (i: number): number => {
    const gaps = [middles[i] - middles[i - 1], middles[i + 1] - middles[i]].filter((gap) => gap > 0);
    return Math.max(Math.min(scale.slot, ...gaps) * 0.88, 1);
  };
  const full = fullHeight(values);
  const round = (x: number): number => Math.round(x * 10) / 10;
  return middles
    .map((middle, i) => {
      if (!Number.isFinite(values[i])) return "";
      const width = widthAt(i);
      const tall = Math.max(Math.min(values[i] / full, 1) * height, 1);
      return `M${round(middle - width / 2)},${round(height)}v${round(-tall)}h${round(width)}v${round(tall)}z`;
    })
    .join("");
}
