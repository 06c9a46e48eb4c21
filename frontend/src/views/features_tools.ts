/** The tool bar of the Features view: search, how many, in which order, by which method, and what is shown of them. */

import { css, html, nothing } from "lit";
import type { ManifestWatch } from "../api";
import { nearestIndex } from "../charts/epoch_axis";
import "../elements/at_cursor";
import { findBox, picker, segments } from "../elements/controls";
import { methodTitle, shortMethod } from "../methods";
import { focusRun, store } from "../state";
import { shortStep, stepName } from "../steps";
import type { FeatureTable } from "./features_model";
import { type FeatureSort, formatSort, isTimeless, SORTS } from "./features_order";
import { formatShown, type Mode, type Shown, TOPS } from "./features_shown";
import { splitSegments } from "./features_split_tools";

export interface FeatureTools {
  table: FeatureTable;
  /** Those of all methods. */
  tables: readonly FeatureTable[];
  /** Whether training samples were explained by this method. */
  trained: boolean;
  watches: readonly ManifestWatch[];
  shown: Shown;
  sort: FeatureSort;
  /** The step that rows are sorted at; null for none. */
  sortedAt: number | null;
}

export const toolStyles = css`
  .tools > .row { flex: 1 0 100%; }
  .again { width: 22px; margin-left: -4px; }
  .again[disabled] { visibility: hidden; }
`;

const ALL = "all";

export const hasMean = (table: FeatureTable): boolean => table.signedMean.some((mean) => !Number.isNaN(mean));

export function featureTools(tools: FeatureTools) {
  const { table, tables, shown, sort, sortedAt, watches } = tools;
  const count = table.names.length;
  const tops = [...TOPS.filter((top) => top < count).map(String), ALL];
  const show = (change: Partial<Shown>, push = true) =>
    store.set({ filter: formatShown(store.state.filter, { ...shown, ...change }) }, { push });
  const run = focusRun(store.state);
  const sorts = SORTS.filter(({ id }) => id !== "training" || tools.trained).map(({ id, title }) => ({
    id,
    title: id === sort && sortedAt !== null && !isTimeless(id) ? `${title} at ${shortStep(run, sortedAt)}` : title,
  }));
  const modes = segments(
    "Show",
    shown.mode,
    [
      { id: "share", title: "Share" },
      ...(hasMean(table) ? [{ id: "mean", title: "Signed mean" }] : []),
      { id: "rank", title: "Rank" },
    ],
    (mode) => show({ mode: mode as Mode }),
  );
  return html`<div class="tools" role="toolbar" aria-label="Features">
    <div class="row">${splitSegments()}<span class="spread"></span>${modes}</div>
    ${findBox("Find a feature", shown.sought, (sought) => show({ sought }, false))}
    ${picker(
      "Top",
      shown.top < count ? String(shown.top) : ALL,
      tops.map((id) => ({ id, title: id === ALL ? `all ${count}` : `${id} of ${count}` })),
      (id) => show({ top: id === ALL ? Number.POSITIVE_INFINITY : Number(id) }),
    )}
    ${picker("Sort", sort, sorts, (id) => sortBy(id as FeatureSort))}
    <explain-at-cursor .content=${() => sortAgain(tools)}></explain-at-cursor>
    ${
      tables.length > 1
        ? html`<label class="picker opens" title=${methodTitle(table.method)}>
            <span>By</span><b>${shortMethod(table.method)}</b>
            <select aria-label="By" @change=${(event: Event) => store.set({ method: (event.target as HTMLSelectElement).value }, { push: true })}>
              ${tables.map(({ method }) => html`<option value=${method} .selected=${method === table.method}>${methodTitle(method)}</option>`)}
            </select>
          </label>`
        : nothing
    }
    ${
      watches.length
        ? picker(
            "In",
            shown.region,
            [{ id: "", title: "all" }, ...watches.map(({ name }) => ({ id: name, title: name }))],
            (region) => show({ region }),
          )
        : nothing
    }
  </div>`;
}

const sortBy = (sort: FeatureSort): void =>
  store.set({ sort: formatSort(sort, isTimeless(sort) ? null : store.state.epoch) }, { push: true });

/** Its place is kept where there is nothing to sort again, so that nothing moves. */
function sortAgain({ table, sort, sortedAt }: FeatureTools) {
  const { epoch } = store.state;
  const column = (step: number | null) => (step === null ? -1 : nearestIndex(table.steps, step));
  const same = isTimeless(sort) || column(epoch) === column(sortedAt);
  const said = `Sort again, at ${stepName(focusRun(store.state), epoch ?? 0)}`;
  return html`<button class="icon again" ?disabled=${same} title=${said} aria-label=${said} @click=${() => sortBy(sort)}>↻</button>`;
}
