/** A decision tree in sentences: its rules, and what is otherwise than at the reference. */
import type { Tree } from "./frames";
import { type FeatureName, splitText, splitWords } from "./surrogate_names";
import type { Change, Path } from "./tree_difference";
import type { PlacedNode } from "./tree_layout";

/** What was there before, for the node itself: "was mean radius ≤ 15". */
export function wasText(
  change: Change,
  before: Tree,
  names: readonly FeatureName[],
  className: (index: number) => string,
): string {
  if (change.kind === "grown") return "was a leaf";
  if (change.kind === "class") return `was ${className(before.class?.[change.before] ?? -1)}`;
  if (change.kind === "threshold") return `was ${splitWords(before, change.before, names).rule}`;
  return `was ${splitText(before, change.before, names)}`;
}

const SIDES: Record<string, string> = { L: "left", R: "right" };

/** Where a node is: "the root", "left, right". */
export const placeWords = (path: Path): string => (path ? [...path].map((side) => SIDES[side]).join(", ") : "the root");

/** One change as a sentence without its end. */
export function changeText(
  change: Change,
  now: Tree,
  before: Tree,
  names: readonly FeatureName[],
  className: (index: number) => string,
): string {
  const where = placeWords(change.path);
  const was = wasText(change, before, names, className);
  if (change.kind === "cut") return `${where}: a leaf now, ${was}`;
  if (change.kind === "class") return `${where}: says ${className(now.class?.[change.node] ?? -1)}, ${was}`;
  return `${where}: ${splitText(now, change.node, names)}, ${was}`;
}

/** The way to a leaf as a rule: "worst area ≤ 880 and not mean texture ≤ 20". */
export function ruleText(tree: Tree, { path }: PlacedNode, names: readonly FeatureName[]): string {
  let node = 0;
  const parts = [...path].map((side) => {
    const text = splitText(tree, node, names);
    node = side === "L" ? tree.left[node] : tree.right[node];
    return side === "L" ? text : `not ${text}`;
  });
  return parts.join(" and ") || "always";
}
