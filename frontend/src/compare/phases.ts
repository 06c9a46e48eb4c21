/** Phases of a run: stretches of steps whose explanations are alike, from the change points that the server found. */

import { capital, distance } from "../format";

/** A stretch of steps, by the indices of its first and last. */
export interface Phase {
  first: number;
  last: number;
}

/** The phases that begin at the first of `steps` and at each of `starts`; starts that are no step are passed over. */
export function phasesOf(steps: readonly number[], starts: readonly number[]): Phase[] {
  if (steps.length === 0) return [];
  const begins = [...new Set([0, ...starts.map((step) => steps.indexOf(step)).filter((index) => index > 0)])];
  begins.sort((a, b) => a - b);
  return begins.map((first, i) => ({ first, last: (begins[i + 1] ?? steps.length) - 1 }));
}

/** Mean similarity between the steps of two phases, [S, S] row by row; of one with itself, between different steps. NaN without any pair. */
export function alikeness(similarity: ArrayLike<number>, size: number, a: Phase, b: Phase): number {
  let [sum, count] = [0, 0];
  for (let row = a.first; row <= a.last; row++) {
    for (let column = b.first; column <= b.last; column++) {
      const value = similarity[row * size + column];
      if (row === column || !Number.isFinite(value)) continue;
      sum += value;
      count += 1;
    }
  }
  return count > 0 ? sum / count : Number.NaN;
}

/** "start", "epochs 0–7", "epoch 8". */
export function phaseName({ first, last }: Phase, steps: readonly number[], name: (step: number) => string): string {
  const [from, to] = [name(steps[first]), name(steps[last])];
  if (first === last) return from;
  const bare = to.replace(/^epoch /, "");
  return from === "start" ? `start to ${to}` : `epochs ${from.replace(/^epoch /, "")}–${bare}`;
}

/**
 * The phases in words: "Epochs 0–7 (alike to .93), then epochs 8–19 (alike to .95, .41 to the phase before)."
 *
 * @param similarity [S, S] mean cosine of every pair of steps
 * @param name       what a step is called
 */
export function phaseSentence(
  phases: readonly Phase[],
  steps: readonly number[],
  similarity: ArrayLike<number>,
  name: (step: number) => string,
): string {
  if (phases.length === 0) return "";
  const within = (phase: Phase) => alikeness(similarity, steps.length, phase, phase);
  if (phases.length === 1) {
    const mean = within(phases[0]);
    const said = Number.isFinite(mean) ? `; its steps are alike to ${distance(mean)}` : "";
    return `One phase, ${phaseName(phases[0], steps, name)}: no lasting change was found${said}.`;
  }
  const parts = phases.map((phase, i) => {
    const mean = within(phase);
    const before = i > 0 ? alikeness(similarity, steps.length, phases[i - 1], phase) : Number.NaN;
    const figures = [
      ...(Number.isFinite(mean) ? [`alike to ${distance(mean)}`] : []),
      ...(Number.isFinite(before) ? [`${distance(before)} to the phase before`] : []),
    ].join(", ");
    const named = phaseName(phase, steps, name);
    return `${i === 0 ? capital(named) : `then ${named}`}${figures ? ` (${figures})` : ""}`;
  });
  return `${parts.join(", ")}.`;
}
