/** The bars of the transport: how much of the attribution moved in each step, over an axis of epochs. */

export interface EpochScale {
  /** Middle of a step's slot, in pixels. */
  x(step: number): number;
  /** Step at a place, not rounded. */
  stepAt(x: number): number;
  /** Width of one epoch. */
  slot: number;
}

export function epochScale(first: number, last: number, width: number): EpochScale {
  const slot = width / (last - first + 1);
  return { slot, x: (step) => (step - first + 0.5) * slot, stepAt: (x) => x / slot - 0.5 + first };
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
  steps: readonly number[],
  values: readonly number[],
  scale: EpochScale,
  height: number,
): string {
  const gaps = steps.slice(1).map((step, i) => step - steps[i]);
  const width = Math.max(scale.slot * Math.min(1, ...gaps) * 0.88, 1);
  const full = fullHeight(values);
  const round = (x: number): number => Math.round(x * 10) / 10;
  return steps
    .map((step, i) => {
      if (!Number.isFinite(values[i])) return "";
      const tall = Math.max(Math.min(values[i] / full, 1) * height, 1);
      return `M${round(scale.x(step) - width / 2)},${round(height)}v${round(-tall)}h${round(width)}v${round(tall)}z`;
    })
    .join("");
}
