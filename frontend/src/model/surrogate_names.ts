/** What the features of a surrogate are called, and how its splits are said. */
import type { Manifest } from "../api";
import { isolated, tick } from "../format";
import { namesOfInputs } from "../views/feature_names";
import { className } from "../views/samples_model";
import type { Tokens, Tree } from "./frames";

export interface FeatureName {
  name: string;
  /** Whether it is a word that a text holds or lacks: 1 or 0. */
  token: boolean;
}

/** Names in the order of a surrogate's features: regions of all inputs or, of a text, its tokens. */
export function surrogateNames({ inputs }: Pick<Manifest, "inputs">, tokens: Tokens): FeatureName[] {
  const regions = namesOfInputs(inputs.map((input) => ({ input: input.name, described: input, shape: input.regions })));
  return inputs.flatMap(({ name: input }, i): FeatureName[] => {
    const words = Object.hasOwn(tokens, input) ? tokens[input] : undefined;
    if (!words) return regions[i].map((name) => ({ name, token: false }));
    return words.map(([id, word]) => ({ name: word ? `“${word}”` : `token ${id}`, token: true }));
  });
}

const unknown = (feature: number): FeatureName => ({ name: `feature ${feature}`, token: false });

/** The name of a split's feature, and what holds for the samples that go left. */
export function splitWords(
  { feature, threshold }: Pick<Tree, "feature" | "threshold">,
  node: number,
  names: readonly FeatureName[],
): { name: string; rule: string } {
  const { name, token } = names[feature[node]] ?? unknown(feature[node]);
  return { name, rule: token ? "is absent" : `≤ ${tick(Number(threshold[node].toPrecision(3)))}` };
}

/** The same in one line: "worst area ≤ 880". */
export function splitText(
  tree: Pick<Tree, "feature" | "threshold">,
  node: number,
  names: readonly FeatureName[],
): string {
  const { name, rule } = splitWords(tree, node, names);
  return `${name} ${rule}`;
}

/** Whose score is explained: "of benign"; "" for all classes at once. */
export const targetText = (manifest: Manifest, { target }: Pick<Tree, "target">): string =>
  target === "" ? "" : `of ${isolated(className(manifest, Number(target)))}`;

/** What the leaves of a tree hold: "of benign, probability". */
export const treeSays = (manifest: Manifest, tree: Tree): string =>
  tree.class
    ? "probability of the likeliest class"
    : [targetText(manifest, tree), tree.unit].filter(Boolean).join(", ");
