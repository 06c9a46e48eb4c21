/** Charts of a column that are folded away until they are asked for. */
import { toggle } from "../elements/controls";
import { store } from "../state";

export const COLUMNS = { order: "Order, amount", trust: "More checks" } as const;
export type Column = keyof typeof COLUMNS;

const unfolded = (): string[] => store.state.more.split(",").filter(Boolean);

export const isUnfolded = (column: Column): boolean => unfolded().includes(column);

/** Folds a column's further charts out and in. */
export const foldToggle = (column: Column) =>
  toggle(COLUMNS[column], undefined, isUnfolded(column), (on) => {
    const others = unfolded().filter((other) => other !== column);
    store.set({ more: [...others, ...(on ? [column] : [])].join(",") }, { push: true });
  });
