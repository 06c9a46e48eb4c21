/** Which samples the Features view is of, as it stands in the address: `filter=by=class,of=predicted,classes=se`. */

import { decoded, partsOf } from "./features_shown";

/** All samples together, those of each class, or those of each group that the probe declares. */
export type Split = "all" | "class" | "group";

export interface SplitChoice {
  by: Split;
  /** Whether a sample's class is the one that the model says, not its label. */
  predicted: boolean;
  /** What names of classes are to contain. */
  sought: string;
}

const SPLITS: readonly string[] = ["all", "class", "group"] satisfies readonly Split[];
const KEYS = ["by", "of", "classes"];

export function parseSplit(filter: string): SplitChoice {
  const parts = new Map(partsOf(filter));
  const by = parts.get("by") ?? "";
  return {
    by: SPLITS.includes(by) ? (by as Split) : "all",
    predicted: parts.get("of") === "predicted",
    sought: decoded(parts.get("classes") ?? ""),
  };
}

/** The filter with these parts instead of its own; what other views keep in it stays. */
export function formatSplit(filter: string, { by, predicted, sought }: SplitChoice): string {
  const others = partsOf(filter)
    .filter(([key]) => !KEYS.includes(key))
    .map(([key, value]) => (value ? `${key}=${value}` : key));
  const own = [
    by === "all" ? "" : `by=${by}`,
    predicted ? "of=predicted" : "",
    sought ? `classes=${encodeURIComponent(sought)}` : "",
  ];
  return [...others, ...own].filter(Boolean).join(",");
}
