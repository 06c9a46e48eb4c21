/** How a decision tree differs from an earlier one: which splits are others, where it grew and where it was cut. */
import type { Tree } from "./frames";

/** From the root: "" is the root itself, "LR" the right child of its left child. */
export type Path = string;

export interface Change {
  path: Path;
  /** The node in the later tree, and that of the same path in the earlier. */
  node: number;
  before: number;
  /** `feature`, `threshold`: splits otherwise; `grown`: was a leaf; `cut`: is a leaf now; `class`: a leaf that says another class. */
  kind: "feature" | "threshold" | "grown" | "cut" | "class";
}

type Compared = Pick<Tree, "feature" | "threshold" | "left" | "right" | "spread" | "class">;

/** A threshold has moved if by more than this part of its feature's deviation; without one, of its own size. */
const MOVED = 0.1;

export const isLeaf = ({ feature, left }: Pick<Tree, "feature" | "left">, node: number): boolean =>
  feature[node] < 0 || left[node] < 0;

function thresholdMoved(now: Compared, node: number, before: Compared, other: number): boolean {
  const [here, there] = [now.threshold[node], before.threshold[other]];
  const scale = now.spread?.[node] || Math.max(Math.abs(here), Math.abs(there));
  return Math.abs(here - there) > MOVED * scale;
}

/**
 * Changes from the root down, the parent's before its children's. Where a split is on another feature, other samples come to what is below:
 * nothing there can be compared, and nothing is told of it.
 */
export function treeChanges(now: Compared, before: Compared): Change[] {
  const changes: Change[] = [];
  const visit = (node: number, other: number, path: Path): void => {
    const tell = (kind: Change["kind"]): void => void changes.push({ path, node, before: other, kind });
    const [leaf, wasLeaf] = [isLeaf(now, node), isLeaf(before, other)];
    if (leaf && wasLeaf) {
      if (now.class && before.class && now.class[node] !== before.class[other]) tell("class");
      return;
    }
    if (leaf || wasLeaf) {
      tell(leaf ? "cut" : "grown");
      return;
    }
    if (now.feature[node] !== before.feature[other]) {
      tell("feature");
      return;
    }
    if (thresholdMoved(now, node, before, other)) tell("threshold");
    visit(now.left[node], before.left[other], `${path}L`);
    visit(now.right[node], before.right[other], `${path}R`);
  };
  if (now.feature.length && before.feature.length) visit(0, 0, "");
  return changes;
}
