/** How what a surrogate says is coloured and written: with a sign about zero, or from the least to the most. */
import type { Manifest } from "../api";
import { type ColorScale, colorAt, css, inkOn, parseHex, scaleOf, type Theme } from "../charts/color";
import { figure, percent, signed } from "../format";
import { mix, paletteOf } from "../theme";
import { isRegression } from "../views/samples_model";
import { classColour } from "./class_marks";
import type { Tree } from "./frames";
import { rangeOf } from "./looks";

export interface ValueScale {
  /** Whether zero is its middle. */
  signed: boolean;
  low: number;
  high: number;
}

/** Whether its values are parts of 1. */
export const isProbability = ({ class: classes, score }: Pick<Tree, "score" | "class">): boolean =>
  classes !== undefined || score === "probability";

/** Scores count from zero to both sides; probabilities and the outputs of a regression do not. */
export const hasSign = (manifest: Manifest, tree: Pick<Tree, "score" | "class">): boolean =>
  !isRegression(manifest) && !isProbability(tree);

/** One scale for all trees that are given. */
export function valueScale(manifest: Manifest, trees: readonly Tree[]): ValueScale {
  const [low, high] = rangeOf(trees.map(({ value }) => value));
  if (trees.some(isProbability)) return { signed: false, low: 0, high: 1 };
  if (trees.every((tree) => !hasSign(manifest, tree))) return { signed: false, low, high };
  const limit = Math.max(Math.abs(low), Math.abs(high)) || 1;
  return { signed: true, low: -limit, high: limit };
}

/** The ends of a scale are for cells: chips read best a step inside. */
const CHIP = 0.8;

/** A chip's colours: its ground, and what is written on it. */
export function valueColours(value: number, { signed: hasMiddle, low, high }: ValueScale, theme: Theme) {
  if (!Number.isFinite(value)) return undefined;
  const scale: ColorScale = scaleOf(hasMiddle, theme);
  const part = hasMiddle ? value / high : (value - low) / (high - low || 1);
  const colour = colorAt(scale.lut, scale.index(part * CHIP, 1));
  return { background: css(colour), color: css(inkOn(colour)) };
}

/** How much of its class's colour a chip takes at probability 0, and at 1. */
const FAINT = 0.1;
const FULL = 0.65;

/** A chip in the colour of a class, stronger where it is likelier. */
export function classChip(index: number, probability: number, theme: Theme) {
  if (!Number.isFinite(probability)) return undefined;
  const { bg } = paletteOf(theme === "dark");
  const background = mix(bg, classColour(index, theme), FAINT + (FULL - FAINT) * probability);
  return { background, color: css(inkOn(parseHex(background))) };
}

export function valueText(value: number, { signed: hasMiddle }: ValueScale, probability: boolean): string {
  if (!Number.isFinite(value)) return "not finite";
  if (probability) return percent(value).replace(/\.\d/, "");
  return hasMiddle ? signed(value, Math.abs(value) >= 10 ? 1 : 2) : figure(value);
}
