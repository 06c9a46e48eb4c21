/** Features: which matter, and since when? One row a feature: its share by epoch, its share now, what the methods say of it. */
import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { columnRange } from "../charts/epoch_axis";
import { controlStyles, findBox, picker, segments } from "../elements/controls";
import "../elements/epoch_map";
import { itemKeys } from "../elements/item_keys";
import "../elements/legend";
import { nearestIndex } from "../charts/epoch_axis";
import { note, problem, skeleton } from "../elements/states";
import { minus, percent, signed, words } from "../format";
import { load } from "../loading";
import { cursorSteps, focusManifest, focusRun, methodOf, referenceStep, stepName, store, Watch } from "../state";
import { base } from "../styles";
import { loadTables } from "./features_data";
import "./features_detail";
import {
  type FeatureSort,
  type FeatureTable,
  featureColumn,
  isFeatureSort,
  rankShade,
  remainder,
  rowsOf,
  SORTS,
  sameFeatures,
  searchFeatures,
  sortFeatures,
} from "./features_model";
import { agreementCell, agreementHead, featureRowStyles, meanCell, rankCell, shareCell } from "./features_rows";
import type { View } from "./view";

export const features: View = {
  id: "features",
  title: "Features",
  help: "Which features matter, and since when?",
  key: "3",
  needs: ["importance"],
  render: () => html`<explain-features></explain-features>`,
};

type Mode = "share" | "mean" | "rank";

const TOPS = [10, 25, 50, 100, 200];
const ROW = 24;
const NARROW = 1000;
/** Above this width there is room for what every method says. */
const COMPARED = 680;

@customElement("explain-features")
export class FeaturesView extends LitElement {
  static override styles = [
    base,
    controlStyles,
    featureRowStyles,
    css`
      :host { display: flex; position: relative; height: calc(100% + 40px); min-height: 400px; margin: -16px -24px -24px; overflow: hidden; }
      .main { flex: 1; min-width: 0; display: flex; flex-direction: column; padding: 12px 8px 12px 24px; gap: 8px; }
      .main > * { margin-right: 8px; }
      .table { flex: 1; min-height: 0; overflow: hidden auto; margin-right: 0; scrollbar-gutter: stable; }
      explain-feature-detail { flex: none; width: min(400px, 34vw); border-left: 1px solid var(--line); background: var(--bg); }
      :host([narrow]) explain-feature-detail {
        position: absolute; inset: 0 0 0 auto; width: min(400px, 100%); z-index: 3; box-shadow: 0 4px 12px rgb(20 30 50 / 0.14);
      }
      .foot { display: flex; gap: 24px; justify-content: space-between; align-items: end; }
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
  private resizes = new ResizeObserver(([{ contentRect }]) => {
    this.narrow = contentRect.width < NARROW;
    this.roomy = !this.narrow || contentRect.width > COMPARED;
    this.toggleAttribute("narrow", this.narrow);
  });

  private tables = load(
    this,
    () => {
      const run = focusRun(store.state);
      const manifest = focusManifest(store.state);
      return run && manifest ? ([run.run, manifest, store.state.revision] as const) : null;
    },
    async ([name, manifest], signal) => {
      const run = focusRun(store.state);
      return { name, ...(run ? await loadTables(run, manifest, signal) : { tables: [], errors: [] }) };
    },
  );

  override connectedCallback(): void {
    super.connectedCallback();
    this.resizes.observe(this);
  }

  override disconnectedCallback(): void {
    this.resizes.disconnect();
    super.disconnectedCallback();
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
    const wanted = [store.state.method, run && methodOf(store.state, run)];
    return (
      tables.find(({ method }) => method === wanted[0]) ??
      tables.find(({ method }) => method === wanted[1]) ??
      tables[0]
    );
  }

  protected override render() {
    const held = this.tables.value;
    const current = held?.name === focusRun(store.state)?.run ? held : undefined;
    if (this.tables.error)
      return html`<div class="main">${problem(this.tables.error, () => void this.tables.run())}</div>`;
    if (!current) return html`<div class="main">${skeleton(28)}${skeleton(600)}</div>`;
    const problems = current.errors.map((error) => problem(error, () => void this.tables.run()));
    const table = this.chosenTable(current.tables);
    if (!table) return html`<div class="main">${problems}</div>`;
    const { epoch } = store.state;
    const reference = referenceStep(store.state);
    const now = epoch === null ? -1 : nearestIndex(table.steps, epoch);
    const before = reference === null ? -1 : nearestIndex(table.steps, reference);
    const sort: FeatureSort = isFeatureSort(store.state.sort) ? store.state.sort : "share";
    const found = searchFeatures(table, sortFeatures(table, sort, now, before), this.sought);
    const shown = found.slice(0, this.top);
    this.order = shown.map((feature) => table.names[feature]);
    const chosen = table.names.indexOf(store.state.feature);
    const selected = chosen < 0 && !this.narrow ? (shown[0] ?? -1) : chosen;
    const others = current.tables.filter((other) => other !== table && sameFeatures(other, table));
    return html`
      <div class="main">
        ${this.renderTools(table, current.tables, sort, now)} ${problems}
        ${
          shown.length === 0
            ? html`<div class="table">${note("No feature is called that", `None of the ${table.names.length} features contains what was typed.`)}</div>`
            : this.renderTable(table, [table, ...others], shown, now, before, selected)
        }
        ${this.renderFoot(table, shown, found.length, now)}
      </div>
      ${
        selected >= 0
          ? html`<explain-feature-detail .tables=${current.tables} .table=${table} .feature=${selected}
            ?closable=${this.narrow} @close=${() => this.choose("")} @choose=${({ detail }: CustomEvent<string>) => this.choose(detail)}></explain-feature-detail>`
          : nothing
      }`;
  }

  private renderTools(table: FeatureTable, tables: readonly FeatureTable[], sort: FeatureSort, now: number) {
    const count = table.names.length;
    const tops = [...TOPS.filter((top) => top < count).map(String), "all"];
    const chosen = this.top < count ? String(this.top) : "all";
    const at = table.steps[now];
    const sorts = SORTS.map(({ id, title }) => ({
      id,
      title: id === "share" && at !== undefined ? `share at ${minus(at)}` : title,
    }));
    const hasMean = table.signedMean.some((mean) => !Number.isNaN(mean));
    return html`<div class="tools" role="toolbar" aria-label="Features">
      ${findBox("Find a feature", this.sought, (text) => {
        this.sought = text;
      })}
      ${picker(
        "Top",
        chosen,
        tops.map((id) => ({ id, title: id === "all" ? `all ${count}` : `${id} of ${count}` })),
        (id) => {
          this.top = id === "all" ? Math.max(count, this.top) : Number(id);
        },
      )}
      ${picker("Sort", sort, sorts, (id) => store.set({ sort: id }, { push: true }))}
      ${
        tables.length > 1
          ? picker(
              "By",
              table.method,
              tables.map(({ method }) => ({ id: method, title: words(method) })),
              (method) => store.set({ method }, { push: true }),
            )
          : nothing
      }
      <span class="spread"></span>
      ${segments(
        "Show",
        this.mode === "mean" && !hasMean ? "share" : this.mode,
        [
          { id: "share", title: "Share" },
          ...(hasMean ? [{ id: "mean", title: "Signed mean" }] : []),
          { id: "rank", title: "Rank" },
        ],
        (id) => {
          this.mode = id as Mode;
        },
      )}
    </div>`;
  }

  private renderTable(
    table: FeatureTable,
    methods: readonly FeatureTable[],
    shown: readonly number[],
    now: number,
    before: number,
    selected: number,
  ) {
    const mode = this.mode === "mean" && table.signedMean.every(Number.isNaN) ? "share" : this.mode;
    const picture = pictureOf(table, mode, shown);
    const columns = this.epochRange(table);
    const limit = shareLimit(table, now, before);
    const methodLimit = Math.max(
      ...methods.map((other) => shareLimit(other, nearestIndex(other.steps, table.steps[now] ?? 0), -1)),
    );
    const compared = methods.length > 1 && this.roomy;
    const at = stepName(table.steps[now] ?? 0, cursorSteps(store.state));
    return html`<div class="table" style=${`--columns: ${compared ? 4 : 3}`}>
      <div class="heads ${compared ? "compared" : ""}">
        <b>Feature</b>
        <span><b>${picture.title}</b> <span class="faint">${picture.unit}</span></span>
        <span><b>${at}</b> <span class="faint">${mode === "share" ? "%, ± 2 SE" : mode === "mean" ? "mean" : `of ${table.names.length}`}</span></span>
        ${compared ? agreementHead(methods) : nothing}
      </div>
      <div class="grid ${compared ? "compared" : ""}">
        <div role="listbox" aria-label="Features">${shown.map(
          (feature) => html`<button class="name clip" role="option" title=${table.names[feature]}
            aria-selected=${feature === selected ? "true" : "false"}
            @click=${() => this.choose(table.names[feature])}>${table.names[feature]}</button>`,
        )}</div>
        <explain-epoch-map axis sticky .steps=${table.steps} .values=${picture.values} .rows=${shown.length} .rowHeight=${ROW} .gap=${1}
          ?signed=${mode === "mean"} .limit=${picture.limit} .range=${columns}
          .describe=${(row: number, column: number) => describe(table, shown[row], column)}
          @row=${({ detail }: CustomEvent<number>) => this.choose(table.names[shown[detail]])}
          label=${`${picture.title} by epoch of ${shown.length} features`}></explain-epoch-map>
        <div>${shown.map((feature) =>
          mode === "share"
            ? shareCell(table, feature, now, before, limit, feature === selected)
            : mode === "mean"
              ? meanCell(table, feature, now, before, picture.limit, feature === selected)
              : rankCell(table, feature, now, before, feature === selected),
        )}</div>
        ${compared ? html`<div>${shown.map((feature) => agreementCell(methods, feature, table.steps[now] ?? 0, methodLimit, feature === selected))}</div>` : nothing}
      </div>
    </div>`;
  }

  /** Methods explained at other steps share the axis of the cursor. */
  private epochRange(table: FeatureTable) {
    const all = [...cursorSteps(store.state), ...table.steps].sort((a, b) => a - b);
    return columnRange(all);
  }

  private renderFoot(table: FeatureTable, shown: readonly number[], found: number, now: number) {
    const left = table.names.length - shown.length;
    const rest = left > 0 ? `${left} more hold ${percent(remainder(table, shown, now))}` : "";
    const mean = this.mode === "mean";
    const limit = mean ? maximum(table.signedMean) : maximum(table.share);
    return html`<div class="foot">
      <span class="faint">${found < table.names.length && this.sought ? `${found} of ${table.names.length} found` : rest}</span>
      ${
        this.mode === "rank"
          ? html`<explain-legend ?dark=${store.state.dark} low="last" high="first"></explain-legend>`
          : html`<explain-legend ?dark=${store.state.dark} ?signed=${mean} low=${mean ? signed(-limit) : "0"}
              high=${mean ? signed(limit) : percent(limit)}></explain-legend>`
      }
    </div>`;
  }
}

const maximum = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0);

const shareLimit = (table: FeatureTable, now: number, before: number): number =>
  Math.max(
    0,
    ...[now, before].flatMap((column) => {
      const errors = featureColumn(table, table.standardError, column);
      return featureColumn(table, table.share, column).map((share, i) => share + 2 * (errors[i] || 0) || 0);
    }),
  );

function pictureOf(table: FeatureTable, mode: Mode, shown: readonly number[]) {
  if (mode === "mean") {
    return {
      title: "Signed mean by epoch",
      unit: "",
      values: rowsOf(table, table.signedMean, shown),
      limit: maximum(table.signedMean),
    };
  }
  if (mode === "rank") {
    const values = rankShade(rowsOf(table, table.rank, shown), table.names.length);
    return { title: "Rank by epoch", unit: `of ${table.names.length}`, values, limit: 1 };
  }
  return { title: "Share by epoch", unit: "%", values: rowsOf(table, table.share, shown), limit: maximum(table.share) };
}

function describe(table: FeatureTable, feature: number, column: number): [string, string] {
  const at = feature * table.steps.length + column;
  const where = `${table.names[feature]} at ${stepName(table.steps[column], cursorSteps(store.state))}`;
  const share = `${percent(table.share[at], { unit: false })} ± ${percent(2 * table.standardError[at])}`;
  const mean = table.signedMean[at];
  const parts = [share, `rank ${Math.round(table.rank[at])} of ${table.names.length}`];
  if (!Number.isNaN(mean)) parts.push(`signed mean ${signed(mean)}`);
  return [where, Number.isNaN(table.share[at]) ? "not a number" : parts.join(", ")];
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-features": FeaturesView;
  }
}
