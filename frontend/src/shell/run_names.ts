/** Names of many runs begin alike and tell themselves apart at their ends: which part of each can be cut first. */
/** At least and at most so many characters of a name's end stay. */
const END = { least: 10, most: 16 };

const alike = (a: string, b: string): number => {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
};

/** Of each name, the length of the start that it can spare: what it shares with the name that is most like it, or more where the rest is long. */
export function sparedStarts(names: readonly string[]): Map<string, number> {
  const sorted = [...new Set(names)].sort();
  const spared = (name: string, i: number): number => {
    const shared = Math.max(
      ...[sorted[i - 1], sorted[i + 1]].map((other) => (other === undefined ? 0 : alike(name, other))),
    );
    const end = Math.min(Math.max(name.length - shared, END.least), END.most);
    return Math.max(name.length - end, 0);
  };
  return new Map(sorted.map((name, i) => [name, spared(name, i)]));
}
