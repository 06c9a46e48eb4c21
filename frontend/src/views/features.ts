/** Features: which matter, and since when? One row a feature: its share by epoch, its share now, what the methods say of it. */
import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { getSeries } from "../api";
import { columnRange } from "../charts/epoch_axis";
import { controlStyles } from "../elements/controls";
import { itemKeys } from "../elements/item_keys";
import { onResize } from "../elements/resize";
import { problem, problems, skeleton } from "../elements/states";
import { load } from "../loading";
import { memo } from "../memo";
import { methodTitle } from "../methods";
import { referenceRun } from "../references";
import {
  cursorSteps,
  described,
  focusManifest,
  focusRun,
  methodsOf,
  type RunEntry,
  shownMethod,
  store,
  Watch,
} from "../state";
import { placesAt } from "../steps";
import { base } from "../styles";
import { findTag } from "../tags";
import { loadTables } from "./features_data";
import "./features_detail";
import { comparedTables, type FeatureTable, sameFeatures } from "./features_model";
import { noneFound } from "./features_none";
import { foundOf, orderOf, parseSort } from "./features_order";
import "./features_classes";
import "./features_groups";
import { axesOf, type FeatureRows } from "./features_rows";
import { parseShown } from "./features_shown";
import { parseSplit } from "./features_split";
import "./features_table";
import { featureTools, hasMean, toolStyles } from "./features_tools";
import { NARROW, paneStyles } from "./pane";

/** Above this width there is room for what every method says. */
const COMPARED = 680;

const NONE: readonly FeatureTable[] = [];

@customElement("explain-features")
export class FeaturesView extends LitElement {
  static override styles = [
    base,
    controlStyles,
    paneStyles,
    toolStyles,
    css`
      :host { --pane: 400px; }
      .main > :not(explain-feature-table) { margin-right: 8px; }
      explain-feature-table { flex: 1; }
      .lacking { color: var(--warn); }
    `,
  ];

  @state() private narrow = false;
  @state() private roomy = true;
  private names: string[] = [];
  private held = { of: "", step: null as number | null };
  // The cursor moves through what is drawn here; what follows it watches it by itself.
  protected watch = new Watch(this, [
    "feature",
    "sort",
    "filter",
    "method",
    "focus",
    "against",
    "groups",
    "manifests",
    "dark",
    "visible",
    "revision",
  ]);
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

  /** The share of the declared cells that were chosen, as the training logged it. */
  private region = load(
    this,
    () => {
      const [run, { region }] = [focusRun(store.state), parseShown(store.state.filter)];
      const tag = run && region ? findTag(run, "watch", region) : undefined;
      return run && tag ? ([run, tag, region, store.state.revision] as const) : null;
    },
    async ([run, tag, name], signal) => ({ name, share: await getSeries(run.run, tag, signal) }),
  );

  constructor() {
    super();
    onResize(this, ({ width }) => {
      this.narrow = width < NARROW;
      this.roomy = !this.narrow || width > COMPARED;
      this.toggleAttribute("narrow", this.narrow);
    });
  }

  private compared = memo(comparedTables);
  private everyMethod = memo((tables: readonly FeatureTable[], chosen: FeatureTable) => [
    chosen,
    ...tables.filter((table) => table !== chosen),
  ]);
  private axes = memo(axesOf);
  private order = memo(orderOf);
  private found = memo(foundOf);
  private shown = memo((found: readonly number[], top: number) => found.slice(0, top));
  private single = memo((table: FeatureTable) => [table]);
  private places = memo((run: RunEntry | undefined, table: FeatureTable) => placesAt(run, table.steps));
  /** Methods explained at other steps share the axis of the cursor. */
  private range = memo((run: RunEntry | undefined, steps: readonly number[], table: FeatureTable) =>
    columnRange(
      placesAt(
        run,
        [...new Set([...steps, ...table.steps])].sort((a, b) => a - b),
      ),
    ),
  );

  private choose(feature: string): void {
    store.set({ feature }, { push: true });
  }

  private move(by: number): void {
    const at = this.names.indexOf(store.state.feature);
    const next = at < 0 ? 0 : Math.min(this.names.length - 1, Math.max(0, at + by));
    if (this.names.length > 0) this.choose(this.names[next]);
  }

  /** The method chosen in the rail where it has an importance, else the first that has. */
  private chosenTable(tables: readonly FeatureTable[]): FeatureTable | undefined {
    const run = focusRun(store.state);
    const wanted = [store.state.method, shownMethod(store.state), run && methodsOf(store.state, run)[0]];
    return wanted.map((name) => tables.find(({ method }) => method === name)).find(Boolean) ?? tables[0];
  }

  /** The step that rows are sorted at: the one in the address, else where the cursor stood when they were first sorted so. */
  private sortedAt(of: string, given: number | null): number | null {
    if (this.held.of !== of || this.held.step === null) this.held = { of, step: store.state.epoch };
    return given ?? this.held.step;
  }

  protected override render() {
    const { by } = parseSplit(store.state.filter);
    if (by !== "all") this.names = [];
    if (by === "class") return html`<explain-feature-classes class="main"></explain-feature-classes>`;
    if (by === "group") return html`<explain-feature-groups class="main"></explain-feature-groups>`;
    const held = this.tables.value;
    const run = focusRun(store.state);
    const current = held?.name === run?.run ? held : undefined;
    if (this.tables.error)
      return html`<div class="main">${problem(this.tables.error, () => void this.tables.run())}</div>`;
    if (!current) return html`<div class="main">${skeleton(28)}${skeleton(600)}</div>`;
    const failures = problems(current.errors, () => void this.tables.run());
    const table = this.chosenTable(current.tables);
    if (!table) return html`<div class="main">${failures}</div>`;
    const { state } = store;
    const wanted = state.method || shownMethod(state);
    const shown = parseShown(state.filter);
    const mode = shown.mode === "mean" && !hasMean(table) ? "share" : shown.mode;
    const training = current.training.find((other) => other.method === table.method && sameFeatures(other, table));
    const chosen = parseSort(state.sort);
    const sort = chosen.sort === "training" && !training ? "share" : chosen.sort;
    const sortedAt = this.sortedAt(`${run?.run} ${table.method} ${sort}`, chosen.step);
    const others = this.others.value?.tables ?? NONE;
    const order = this.order(table, sort, sortedAt, others, training, state.against, state.best);
    const found = this.found(table, order, shown.sought, shown.region, focusManifest(state));
    const features = this.shown(found, shown.top);
    const named = table.names.indexOf(state.feature);
    const selected = named < 0 && !this.narrow ? (features[0] ?? -1) : named;
    const methods = this.compared(current.tables, table);
    const inTable = this.roomy ? methods : this.single(table);
    const beside = mode === "share" ? training : undefined;
    const region = this.region.value?.name === shown.region ? this.region.value : undefined;
    this.names = features.map((feature) => table.names[feature]);
    const rows: FeatureRows = {
      table,
      methods: inTable,
      training: beside,
      others,
      mode,
      shown: features,
      found: found.length,
      selected,
      axes: this.axes(table, beside, inTable),
      region,
    };
    return html`
      <section class="main">
        ${featureTools({
          table,
          tables: current.tables,
          trained: training !== undefined,
          watches: focusManifest(state)?.watches ?? [],
          shown: { ...shown, mode },
          sort,
          sortedAt,
        })}
        ${failures} ${wanted && wanted !== table.method ? html`<p class="lacking" role="status">${methodTitle(wanted)} has no importances in this run: shares are by ${methodTitle(table.method)}, and “By” offers the others.</p>` : nothing}
        ${
          features.length === 0
            ? noneFound(table, shown)
            : html`<explain-feature-table .rows=${rows}
                .places=${this.places(run, table)} .range=${this.range(run, cursorSteps(state), table)}
                @choose=${({ detail }: CustomEvent<string>) => this.choose(detail)} @move=${({ detail }: CustomEvent<number>) => this.move(detail)}></explain-feature-table>`
        }
      </section>
      ${
        selected >= 0
          ? html`<explain-feature-detail class="pane" .tables=${methods} .all=${this.everyMethod(current.tables, table)} .training=${training} .others=${others} .feature=${selected}
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
