/** The tool bar of the Features view: search, how many, in which order, by which method, and what is shown of them. */

import { html, nothing } from "lit";
import { findBox, picker, segments } from "../elements/controls";
import { methodTitle } from "../methods";
import { focusRun, store } from "../state";
import { shortStep } from "../steps";
import { type FeatureSort, type FeatureTable, SORTS } from "./features_model";

/** Shares, means with their sign, or ranks. */
export type Mode = "share" | "mean" | "rank";

export interface FeatureTools {
  table: FeatureTable;
  /** Those of all methods. */
  tables: readonly FeatureTable[];
  /** Whether training samples were explained by this method. */
  trained: boolean;
  sort: FeatureSort;
  /** Index of the cursor's step. */
  now: number;
  mode: Mode;
  top: number;
  sought: string;
  show(mode: Mode): void;
  limit(top: number): void;
  seek(text: string): void;
}

/** How many rows can be asked for. */
export const TOPS = [10, 25, 50, 100, 200];
const ALL = "all";

export const hasMean = (table: FeatureTable): boolean => table.signedMean.some((mean) => !Number.isNaN(mean));

export function featureTools(tools: FeatureTools) {
  const { table, tables } = tools;
  const count = table.names.length;
  const tops = [...TOPS.filter((top) => top < count).map(String), ALL];
  const at = table.steps[tools.now];
  const sorts = SORTS.filter(({ id }) => id !== "training" || tools.trained).map(({ id, title }) => ({
    id,
    title: id === "share" && at !== undefined ? `share at ${shortStep(focusRun(store.state), at)}` : title,
  }));
  return html`<div class="tools" role="toolbar" aria-label="Features">
    ${findBox("Find a feature", tools.sought, tools.seek)}
    ${picker(
      "Top",
      tools.top < count ? String(tools.top) : ALL,
      tops.map((id) => ({ id, title: id === ALL ? `all ${count}` : `${id} of ${count}` })),
      (id) => tools.limit(id === ALL ? Number.POSITIVE_INFINITY : Number(id)),
    )}
    ${picker("Sort", tools.sort, sorts, (id) => store.set({ sort: id }, { push: true }))}
    ${
      tables.length > 1
        ? picker(
            "By",
            table.method,
            tables.map(({ method }) => ({ id: method, title: methodTitle(method) })),
            (method) => store.set({ method }, { push: true }),
          )
        : nothing
    }
    <span class="spread"></span>
    ${segments(
      "Show",
      tools.mode,
      [
        { id: "share", title: "Share" },
        ...(hasMean(table) ? [{ id: "mean", title: "Signed mean" }] : []),
        { id: "rank", title: "Rank" },
      ],
      (id) => tools.show(id as Mode),
    )}
  </div>`;
}
