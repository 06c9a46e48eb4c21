/** Whose samples the Features view is of: all together, by class, or by declared group. */

import { segments } from "../elements/controls";
import { focusManifest, store } from "../state";
import { formatSplit, parseSplit, type Split, type SplitChoice } from "./features_split";

/** @param push whether Back undoes it */
export function chooseSplit(change: Partial<SplitChoice>, push = true): void {
  const { filter } = store.state;
  store.set({ filter: formatSplit(filter, { ...parseSplit(filter), ...change }) }, { push });
}

export function splitSegments() {
  const { by } = parseSplit(store.state.filter);
  const grouped = (focusManifest(store.state)?.probe.groups.length ?? 0) > 0 || by === "group";
  return segments(
    "Samples",
    by,
    [
      { id: "all", title: "All samples" },
      { id: "class", title: "By class" },
      ...(grouped ? [{ id: "group", title: "By group" }] : []),
    ],
    (id) => chooseSplit({ by: id as Split }),
  );
}
