/** Shades of a text's tokens: each token's background from the scale and the ink that stands out on it. */

import { type ColorScale, colorAt, css, inkOn } from "./color";

export interface TokenShade {
  /** Undefined for a value that rounds to the page's colour, and for one that is not finite. */
  readonly background: string | undefined;
  readonly ink: string | undefined;
  readonly hatched: boolean;
}

const PLAIN: TokenShade = { background: undefined, ink: undefined, hatched: false };
/** Entries this near to that of zero are left unshaded: the box would be seen, its colour not. */
const FAINTEST = 5;

export function tokenShade(value: number, limit: number, scale: ColorScale): TokenShade {
  if (!Number.isFinite(value)) return { ...PLAIN, hatched: true };
  const index = scale.index(value, limit);
  if (Math.abs(index - scale.index(0, limit)) < FAINTEST) return PLAIN;
  const color = colorAt(scale.lut, index);
  return { background: css(color), ink: css(inkOn(color)), hatched: false };
}

const PADDING = /^(<pad>|\[pad\])?$/i;

/** Whether token 0 is padding: it has no name, or is called so. */
export const hasPadding = (vocabulary: readonly string[]): boolean => PADDING.test(vocabulary[0] ?? "");

/** Positions of a text's tokens: padding before and behind it left out; at least one. */
export function textPositions(ids: ArrayLike<number>, vocabulary: readonly string[]): number[] {
  let [first, end] = [0, ids.length];
  if (hasPadding(vocabulary)) {
    while (end > 1 && ids[end - 1] === 0) end--;
    while (first < end - 1 && ids[first] === 0) first++;
  }
  return Array.from({ length: end - first }, (_, i) => first + i);
}
