/** Shades of a text's tokens: each token's background from the signed scale and the ink that stands out on it. */

import { colorAt, css, inkOn, type Lut, signedIndex } from "./color";

export interface TokenShade {
  /** Undefined for a value that rounds to the page's colour, and for one that is not a number. */
  readonly background: string | undefined;
  readonly ink: string | undefined;
  readonly hatched: boolean;
}

const PLAIN: TokenShade = { background: undefined, ink: undefined, hatched: false };
/** Entries this near to the middle of the table are left unshaded: the box would be seen, its colour not. */
const FAINTEST = 5;

export function tokenShade(value: number, limit: number, lut: Lut): TokenShade {
  if (Number.isNaN(value)) return { ...PLAIN, hatched: true };
  const index = signedIndex(value, limit);
  if (Math.abs(index - 128) < FAINTEST) return PLAIN;
  const color = colorAt(lut, index);
  return { background: css(color), ink: css(inkOn(color)), hatched: false };
}

/** How many leading tokens a sample has, its padding of `paddingId` at the end left out; at least one. */
export function textLength(ids: ArrayLike<number>, paddingId = 0): number {
  let length = ids.length;
  while (length > 1 && ids[length - 1] === paddingId) length--;
  return length;
}
