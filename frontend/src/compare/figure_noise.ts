/** A table of figures of A and B, and whether they differ by more than noise. */

import { type Figure, figuresOf, type Measured, type RunAnswers } from "./run_figures";

/** What a difference is held against: two seeds, its own standard error, or what the figure changes by from one epoch to the next. */
export type NoiseKind = "seeds" | "error" | "steps";

export interface FigureRow {
  figure: Figure;
  here: Measured;
  there: Measured;
  difference: number;
  /** NaN where nothing is known. */
  noise: number;
  kind: NoiseKind | undefined;
  /** Whether the difference is over twice the noise. */
  beyond: boolean;
}

/** A run with a step of it. */
export interface MeasuredAt {
  answers: RunAnswers;
  step: number;
}

/** How many steps before a side say what a figure changes by from one to the next. */
const STEPS = 20;
/** With fewer seeds there are no two. */
export const SEEDS = 2;

function median(values: readonly number[]): number {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** What two of these values differ by, on average. */
export function betweenTwo(values: readonly number[]): number {
  const known = values.filter(Number.isFinite);
  const apart = known.flatMap((a, i) => known.slice(i + 1).map((b) => Math.abs(a - b)));
  return apart.length ? apart.reduce((sum, each) => sum + each, 0) / apart.length : Number.NaN;
}

function betweenSteps(figure: Figure, { answers, step }: MeasuredAt): number {
  const steps = answers.drift?.steps ?? [];
  const at = steps.indexOf(step);
  const values = steps.slice(Math.max(0, at - STEPS), at + 1).map((each) => figure.at(answers, each).value);
  return median(values.slice(1).map((value, i) => Math.abs(value - values[i])));
}

function noiseOf(
  figure: Figure,
  sides: readonly [MeasuredAt, MeasuredAt],
  measured: readonly Measured[],
  seeds: readonly MeasuredAt[],
): { noise: number; kind: NoiseKind | undefined } {
  const error = Math.hypot(...measured.map((side) => side.error));
  const apart =
    seeds.length >= SEEDS ? betweenTwo(seeds.map((of) => figure.at(of.answers, of.step).value)) : Number.NaN;
  if (Number.isFinite(apart) && !(error > apart)) return { noise: apart, kind: "seeds" };
  if (Number.isFinite(error)) return { noise: error, kind: "error" };
  const noise = Math.max(...sides.map((side) => betweenSteps(figure, side)).filter(Number.isFinite));
  return Number.isFinite(noise) ? { noise, kind: "steps" } : { noise: Number.NaN, kind: undefined };
}

/**
 * The figures that A or B has.
 *
 * @param seeds  runs that differ by their seed alone, each at the same epoch; none where there are no such runs
 */
export function figureRows(a: MeasuredAt, b: MeasuredAt, seeds: readonly MeasuredAt[], sumError: string): FigureRow[] {
  return figuresOf([a.answers, b.answers], sumError).flatMap((figure): FigureRow[] => {
    const [here, there] = [a, b].map(({ answers, step }) => figure.at(answers, step));
    if (!Number.isFinite(here.value) && !Number.isFinite(there.value)) return [];
    const difference = here.value - there.value;
    const { noise, kind } = noiseOf(figure, [a, b], [here, there], seeds);
    return [{ figure, here, there, difference, noise, kind, beyond: Math.abs(difference) > 2 * noise }];
  });
}

const KINDS: Record<NoiseKind, string> = {
  seeds: "the difference between two seeds",
  error: "its standard error",
  steps: "what it changes by from one epoch to the next",
};

/** "Bold: over twice the difference between two seeds, or its standard error." */
export function boldText(rows: readonly FigureRow[]): string {
  const kinds = (Object.keys(KINDS) as NoiseKind[]).filter((kind) => rows.some((row) => row.kind === kind));
  return kinds.length ? `Bold: over twice ${kinds.map((kind) => KINDS[kind]).join(", or ")}.` : "";
}
