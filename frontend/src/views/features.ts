/** Features: which matter, and since when? One row a feature: its share by epoch, its share now, what the methods say of it. */
import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { nearestIndex } from "../charts/epoch_axis";
import { controlStyles } from "../elements/controls";
import { epochTickStyles } from "../elements/epoch_ticks";
import { followChoice, itemKeys } from "../elements/item_keys";
import { onResize } from "../elements/resize";
import { note, problem, problems, skeleton } from "../elements/states";
import { load } from "../loading";
import { methodTitle } from "../methods";
import { drawnReference, placeName, referenceRun } from "../references";
import { described, focusRun, methodsOf, shownMethod, store, Watch } from "../state";
import { base } from "../styles";
import { loadTables } from "./features_data";
import "./features_detail";
import {
  comparedTables,
  type FeatureSort,
  type FeatureTable,
  isFeatureSort,
  sameFeatures,
  searchFeatures,
  sortFeatures,
} from "./features_model";
import { featureRowStyles, type Moment } from "./features_rows";
import { type FeatureRows, featureRows, featureScale } from "./features_table";
import { featureTools, hasMean, type Mode, TOPS } from "./features_tools";
import { NARROW, paneStyles } from "./pane";
import { gapAt } from "./training_gap";
import type { View } from "./view";

export const features: View = {
  id: "features",
  title: "Features",
  help: "Which features matter, and since when?",
  key: "3",
  needs: ["importance"],
  render: () => html`<explain-features></explain-features>`,
};

/** Above this width there is room for what every method says. */
const COMPARED = 680;

@customElement("explain-features")
export class FeaturesView extends LitElement {
  static override styles = [
    base,
    controlStyles,
    paneStyles,
    featureRowStyles,
    epochTickStyles,
    css`
      :host { --pane: 400px; }
      .main > :not(.table, .foot) { margin-right: 8px; }
      .table, .foot { margin: 0 0 0 -8px; padding-left: 8px; scrollbar-gutter: stable; }
      .table { flex: 1; min-height: 0; overflow: hidden auto; }
      .foot { flex: none; overflow: hidden; }
      .foot p { grid-column: 3 / -1; }
      .lacking { color: var(--warn); }
      .foot explain-legend { width: min(232px, 100%); }
    `,
  ];

  @state() private mode: Mode = "share";
  @state() private top = TOPS[1];
  @state() private sought = "";
  @state() private narrow = false;
  @state() private roomy = true;
  private order: string[] = [];
  protected watch = new Watch(this);
  protected keys = itemKeys(this, { move: (by) => this.move(by), close: () => this.choose("") });

  private tables = load(
    this,
    () => {
      const of = described(store.state);
      return of && ([of.run, of.manifest, store.state.revision] as const);
    },
    async ([run, manifest], signal) => {
      return { name: run.run, ...(await loadTables(run, manifest, signal)) };
    },
  );

  /** Of the run that the focus run is held against; runs that compare have their inputs in common. */
  private others = load(
    this,
    () => {
      const [of, other] = [described(store.state), referenceRun(store.state)];
      return of && other && other.run !== of.run.run ? ([other, of.manifest, store.state.revision] as const) : null;
    },
    ([run, manifest], signal) => loadTables(run, manifest, signal),
  );

  constructor() {
    super();
    onResize(this, ({ width }) => {
      this.narrow = width < NARROW;
      this.roomy = !this.narrow || width > COMPARED;
      this.toggleAttribute("narrow", this.narrow);
    });
  }

  private choose(feature: string): void {
    store.set({ feature }, { push: true });
  }

  private move(by: number): void {
    const at = this.order.indexOf(store.state.feature);
    const next = at < 0 ? 0 : Math.min(this.order.length - 1, Math.max(0, at + by));
    if (this.order.length > 0) this.choose(this.order[next]);
  }

  /** The method chosen in the rail where it has an importance, else the first that has. */
  private chosenTable(tables: readonly FeatureTable[]): FeatureTable | undefined {
    const run = focusRun(store.state);
    const wanted = [store.state.method, shownMethod(store.state), run && methodsOf(store.state, run)[0]];
    return wanted.map((name) => tables.find(({ method }) => method === name)).find(Boolean) ?? tables[0];
  }

  /** What shares are held against: a step of this run, or of the other run by the same method. */
  private heldAgainst(table: FeatureTable, now: number): Moment {
    const none = { table, column: -1, name: "" };
    const [run, drawn] = [focusRun(store.state), drawnReference(store.state)];
    if (!run || !drawn) return none;
    const own = drawn.run.run === run.run;
    const old = own ? table : this.others.value?.tables.find(({ method }) => method === table.method);
    if (!old || !sameFeatures(old, table)) return none;
    const column = nearestIndex(old.steps, drawn.step);
    if (column < 0 || (own && column === now)) return none;
    return { table: old, column, name: placeName({ run: drawn.run, step: old.steps[column] }, run) };
  }

  protected override updated(): void {
    const chosen = this.renderRoot.querySelector<HTMLElement>('.name[aria-selected="true"]');
    followChoice(this.renderRoot, ".name", chosen);
  }

  protected override render() {
    const held = this.tables.value;
    const current = held?.name === focusRun(store.state)?.run ? held : undefined;
    if (this.tables.error)
      return html`<div class="main">${problem(this.tables.error, () => void this.tables.run())}</div>`;
    if (!current) return html`<div class="main">${skeleton(28)}${skeleton(600)}</div>`;
    const failures = problems(current.errors, () => void this.tables.run());
    const table = this.chosenTable(current.tables);
    const wanted = store.state.method || shownMethod(store.state);
    if (!table) return html`<div class="main">${failures}</div>`;
    const { epoch } = store.state;
    const now = epoch === null ? -1 : nearestIndex(table.steps, epoch);
    const before = this.heldAgainst(table, now);
    const training = current.training.find((other) => other.method === table.method && sameFeatures(other, table));
    const { sort: chosenSort } = store.state;
    const sort: FeatureSort =
      isFeatureSort(chosenSort) && (chosenSort !== "training" || training) ? chosenSort : "share";
    const gaps = training && table.names.map((_, feature) => gapAt(table, training, feature, table.steps[now]).gap);
    const sorted = sortFeatures(table, sort, now, before.column, before.table, gaps);
    const found = searchFeatures(table, sorted, this.sought);
    const shown = found.slice(0, this.top);
    this.order = shown.map((feature) => table.names[feature]);
    const chosen = table.names.indexOf(store.state.feature);
    const selected = chosen < 0 && !this.narrow ? (shown[0] ?? -1) : chosen;
    const mode = this.mode === "mean" && !hasMean(table) ? "share" : this.mode;
    const rows: FeatureRows = {
      table,
      methods: comparedTables(current.tables, table),
      training,
      mode,
      shown,
      found: found.length,
      now,
      before,
      selected,
      roomy: this.roomy,
      choose: (feature) => this.choose(feature),
    };
    return html`
      <section class="main">
        ${featureTools({
          table,
          tables: current.tables,
          trained: training !== undefined,
          sort,
          now,
          mode,
          top: this.top,
          sought: this.sought,
          show: (shownMode) => {
            this.mode = shownMode;
          },
          limit: (top) => {
            this.top = top;
          },
          seek: (text) => {
            this.sought = text;
          },
        })}
        ${failures} ${wanted && wanted !== table.method ? html`<p class="lacking" role="status">${methodTitle(wanted)} has no importances in this run: shares are by ${methodTitle(table.method)}, and “By” offers the others.</p>` : nothing}
        ${
          shown.length === 0
            ? html`<div class="table">${note("No feature is called that", `None of the ${table.names.length} features contains what was typed.`)}</div>`
            : featureRows(rows)
        }
        ${featureScale(rows)}
      </section>
      ${
        selected >= 0
          ? html`<explain-feature-detail class="pane" .tables=${current.tables} .table=${table} .training=${training} .feature=${selected} .reference=${before}
            ?closable=${this.narrow} @close=${() => this.choose("")} @choose=${({ detail }: CustomEvent<string>) => this.choose(detail)}></explain-feature-detail>`
          : nothing
      }`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-features": FeaturesView;
  }
}
