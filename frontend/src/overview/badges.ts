/** What the checks say at one step, each in words of its own. They are never added up. */

import { capital, distance, fixed, percent } from "../format";
import type { SumError } from "../methods";
import type { FIGURES } from "./figure_help";
import { COMPLETENESS_LIMIT, FIT_LIMIT } from "./trust_panels";

export interface Badge {
  /** Whether it speaks for the explanation, against it, or neither. */
  tone: "ok" | "warn" | "plain";
  text: string;
  figure: string;
  /** When that was measured, where it was not at the cursor: "epoch 20". */
  at?: string;
  about: keyof typeof FIGURES;
}

/** A figure, its standard error, and when it was measured, where that was not at the cursor. */
export interface Measured {
  value: number;
  error?: number;
  at?: string;
}

/** NaN, or undefined, for what was not checked. */
export interface Checks {
  sumError: SumError;
  /** p95 over samples. */
  completeness: number;
  deletion?: Measured;
  agreement?: Measured;
  /** Median cosine with the explanations before the first batch; NaN at the start itself. */
  similarity: number;
  trainingGap?: Measured;
  /** Median R² of the samples' local models. */
  localFit?: Measured;
}

/** ρ from which two orders are called alike, and below which they are called different. */
const ALIKE = 0.7;
const DIFFERENT = 0.3;
/** Cosine from which an explanation is still the untrained model's. */
const UNCHANGED = 0.9;

const plusMinus = ({ value, error = Number.NaN }: Measured, text: (x: number) => string): string =>
  Number.isFinite(error) ? `${text(value)} ± ${text(2 * error)}` : text(value);

function deletionBadge(gap: Measured): Badge {
  const figure = plusMinus(gap, (x) => fixed(x).replace(/^(−?)0\./, "$1."));
  const { value, error = Number.NaN, at } = gap;
  const badge = { figure, at, about: "deletion" } as const;
  if (value > 2 * error) return { tone: "ok", text: "Deletion beats chance", ...badge };
  if (value < -2 * error) return { tone: "warn", text: "Deletion is worse than chance", ...badge };
  return { tone: "warn", text: "Deletion is no better than chance", ...badge };
}

function agreementBadge({ value, at }: Measured): Badge {
  const badge = { figure: `ρ ${distance(value)}`, at, about: "agreement" } as const;
  if (value >= ALIKE) return { tone: "ok", text: "Permutation agrees", ...badge };
  if (value < DIFFERENT) return { tone: "warn", text: "Permutation disagrees", ...badge };
  return { tone: "plain", text: "Permutation agrees in part", ...badge };
}

export function badges(checks: Checks): Badge[] {
  const { completeness, deletion, agreement, similarity, trainingGap, localFit } = checks;
  const found: Badge[] = [];
  if (localFit && Number.isFinite(localFit.value)) {
    const { value, at } = localFit;
    const holds = value >= FIT_LIMIT;
    found.push({
      tone: holds ? "ok" : "warn",
      text: holds ? "Local models fit" : "Local models fit poorly",
      figure: `R² ${distance(value)}`,
      at,
      about: "localFit",
    });
  }
  if (Number.isFinite(completeness)) {
    const holds = completeness <= COMPLETENESS_LIMIT;
    const what = capital(checks.sumError || "completeness");
    found.push({
      tone: holds ? "ok" : "warn",
      text: holds ? `${what} holds` : `${what} fails`,
      figure: percent(completeness),
      about: "completeness",
    });
  }
  if (deletion && Number.isFinite(deletion.value)) found.push(deletionBadge(deletion));
  if (agreement && Number.isFinite(agreement.value)) found.push(agreementBadge(agreement));
  if (Number.isFinite(similarity)) {
    const still = similarity >= UNCHANGED;
    found.push({
      tone: still ? "warn" : "plain",
      text: still ? "Still like the start" : "Unlike the start",
      figure: `cos ${distance(similarity)}`,
      about: "similarity",
    });
  }
  if (trainingGap && Number.isFinite(trainingGap.value)) {
    const figure = plusMinus(trainingGap, (share) => percent(share, { unit: false }));
    const { at } = trainingGap;
    found.push({
      tone: "plain",
      text: "Training samples differ",
      figure: `by ${figure}\u202f%`,
      at,
      about: "trainingGap",
    });
  }
  return found;
}
