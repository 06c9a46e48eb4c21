/** Which of Keras' metrics stand for how well a model does: its loss, and one score beside it. */
import type { Curve } from "./api";
import { figure, percent } from "./format";

export interface Score {
  name: string;
  /** Whether it is a share, shown in percent. */
  share: boolean;
}

const NOT_SCORES = /^(loss|learning_rate|lr)$|_loss$/;

/** Accuracy where there is one, else the first metric that is no loss; undefined where there is none. */
export function scoreOf(curves: readonly Curve[]): Score | undefined {
  const names = [...new Set(curves.map(({ name }) => name))];
  const name =
    names.find((n) => n === "accuracy") ?? names.find((n) => /acc/.test(n)) ?? names.find((n) => !NOT_SCORES.test(n));
  return name === undefined ? undefined : { name, share: /acc|auc|precision|recall/.test(name) };
}

export const curveOf = (curves: readonly Curve[], name: string, split: Curve["split"]): Curve | undefined =>
  curves.find((curve) => curve.name === name && curve.split === split);

/** The curve that says best how well a run does: validation before training, a score before the loss. */
export function verdict(curves: readonly Curve[]): { curve: Curve; text: (value: number) => string } | undefined {
  const score = scoreOf(curves);
  for (const name of [score?.name, "loss"]) {
    if (!name) continue;
    const curve = curveOf(curves, name, "validation") ?? curveOf(curves, name, "training");
    if (curve) return { curve, text: name === score?.name && score.share ? (x) => percent(x) : figure };
  }
  return undefined;
}
