/** Where the nodes of a decision tree stand, from the top down: leaves side by side, what splits above the middle of its children. */
import type { Tree } from "./frames";
import { isLeaf, type Path } from "./tree_difference";

export interface PlacedNode {
  node: number;
  path: Path;
  leaf: boolean;
  depth: number;
  /** Middle and width of the leaves below, in leaves. */
  x: number;
  leaves: number;
  /** Part of the samples that come here. */
  share: number;
}

/** Deeper trees are none that anybody reads; what is logged in a circle ends there. */
const DEEPEST = 24;

/** Parents before their children, the left child before the right. */
export function layOut(tree: Pick<Tree, "feature" | "left" | "right" | "count">): PlacedNode[] {
  const placed: PlacedNode[] = [];
  const all = tree.count[0] || 1;
  let next = 0;
  const visit = (node: number, path: Path): PlacedNode => {
    const leaf = isLeaf(tree, node) || path.length >= DEEPEST;
    const place: PlacedNode = { node, path, leaf, depth: path.length, x: 0, leaves: 1, share: tree.count[node] / all };
    placed.push(place);
    if (leaf) {
      place.x = next + 0.5;
      next += 1;
      return place;
    }
    const [left, right] = [visit(tree.left[node], `${path}L`), visit(tree.right[node], `${path}R`)];
    place.x = (left.x + right.x) / 2;
    place.leaves = left.leaves + right.leaves;
    return place;
  };
  if (tree.feature.length) visit(0, "");
  return placed;
}
