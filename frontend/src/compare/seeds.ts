/** Two runs that differ by their seed alone. */

/** B and another sibling of A or, without B among them, the first two; null for fewer than two. */
export function seedPair(siblings: readonly string[], b: string | undefined): readonly [string, string] | null {
  if (siblings.length < 2) return null;
  const one = b !== undefined && siblings.includes(b) ? b : siblings[0];
  return [one, siblings.find((name) => name !== one) ?? siblings[1]];
}
