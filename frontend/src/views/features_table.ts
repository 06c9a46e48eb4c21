/**
 * `<explain-feature-table>`: a row a feature: its name, its share by epoch, its figures at the cursor, what the methods say of it.
 * Of many rows only those in sight exist. What follows the cursor is drawn by itself; the rest stays as it is.
 *
 * @property rows    what is shown
 * @property places  of the table's steps, on the axis of epochs
 * @fires choose (detail: a feature's name), move (detail: by how many rows the choice is to move)
 */

import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { EpochRange } from "../charts/epoch_axis";
import "../elements/at_cursor";
import { clippedName, clippedNameStyles } from "../elements/clipped_name";
import "../elements/epoch_map";
import { epochTickStyles, epochTicks } from "../elements/epoch_ticks";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import { followChoice } from "../elements/item_keys";
import { onResize } from "../elements/resize";
import { type RowRange, rowsInSight } from "../elements/window";
import { capital, isolated, signed, tick, withError } from "../format";
import { memo } from "../memo";
import { focusRun, store, Watch } from "../state";
import { longStepName, placeOf, stepName } from "../steps";
import { base } from "../styles";
import { alarmSignStyles, alarmSigns, featureAlarms } from "./features_alarms";
import { featureFoot, footStyles } from "./features_foot";
import { EPOCHS_HELP, METHODS_HELP, NOW_HELP } from "./features_help";
import { maximum, rankShade, rowsOf } from "./features_model";
import { columnStyles, columnsNow, type FeatureRows, methodMarks, ROW } from "./features_rows";
import { methodsTable, sharesTable } from "./figure_tables";
import { TRAINING_HELP } from "./training_gap";

/** So many rows come and go at once while scrolling. */
const CHUNK = 8;

/** Whole chunks of rows that hold those in sight. */
export function chunksInSight(scrollTop: number, viewport: number, rows: number): RowRange {
  const { first, end } = rowsInSight(scrollTop, viewport, ROW, rows);
  return { first: Math.floor(first / CHUNK) * CHUNK, end: Math.min(rows, Math.ceil(end / CHUNK) * CHUNK) };
}

@customElement("explain-feature-table")
export class FeatureTableElement extends LitElement {
  static override styles = [
    base,
    epochTickStyles,
    columnStyles,
    alarmSignStyles,
    clippedNameStyles,
    footStyles,
    css`
      :host { display: flex; flex-direction: column; min-height: 0; }
      .columns {
        --names: minmax(96px, max(160px, 12%)); display: grid; column-gap: 16px;
        grid-template-columns: var(--names) minmax(120px, 1fr) minmax(136px, 0.2fr);
      }
      .columns.compared { grid-template-columns: var(--names) minmax(120px, 1fr) minmax(128px, 0.2fr) minmax(148px, 0.2fr); }
      .columns.trained { grid-template-columns: var(--names) minmax(96px, 1fr) minmax(136px, 0.2fr) 56px; }
      .columns.compared.trained { grid-template-columns: var(--names) minmax(104px, 1fr) minmax(128px, 0.2fr) 56px minmax(132px, 0.2fr); }
      .table, .foot { margin-left: -8px; padding-left: 8px; scrollbar-gutter: stable; }
      .table { flex: 1; min-height: 0; overflow: hidden auto; }
      .heads, .axes { position: sticky; z-index: 1; background: var(--bg); margin-left: -8px; padding-left: 8px; }
      .heads { top: 0; padding: 4px 0 2px 8px; align-items: end; }
      .axes { bottom: 0; }
      .heads .faint, .heads b { white-space: nowrap; }
      .heads > *, .axes > * { min-width: 0; }
      .heads explain-figure-title { display: inline-block; font-size: 12px; line-height: 16px; }
      .heads .title { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 4px; }
      .ends { display: flex; justify-content: space-between; padding-top: 4px; }
      .ends.before-figures { margin-right: 40px; }
      .all { position: relative; }
      .rows { position: absolute; left: 0; right: 0; }
      .chosen { position: absolute; left: -8px; right: 0; height: ${ROW}px; background: var(--focus-bg); box-shadow: inset 2px 0 0 var(--accent); }
      .names { position: relative; }
      .name { display: flex; width: 100%; height: ${ROW}px; padding: 0; align-items: center; border: 0; background: none; text-align: left; font: inherit; color: inherit; cursor: pointer; }
      .name[aria-selected="true"] { font-weight: 600; }
      .name:focus-visible { outline-offset: -2px; }
    `,
  ];

  @property({ attribute: false }) rows!: FeatureRows;
  @property({ attribute: false }) range!: EpochRange;
  @property({ attribute: false }) places: readonly number[] = [];
  @state() private inSight: RowRange = { first: 0, end: 0 };
  @query(".table") private scroller!: HTMLElement;
  protected watch = new Watch(this, ["dark", "alarms", "manifests", "focus"]);

  /** The heat map's rows, as long as they are the same. */
  private values = memo(rowValues);
  private features = memo((shown: readonly number[], { first, end }: RowRange) => shown.slice(first, end));
  private limit = memo((table: FeatureRows["table"], mode: FeatureRows["mode"]) =>
    mode === "rank" ? 1 : maximum(mode === "mean" ? table.signedMean : table.share),
  );
  private alarms = memo((_: unknown, __: unknown) => featureAlarms());
  private alarmPlaces = memo((alarms: ReturnType<typeof featureAlarms>) =>
    [...alarms.keys()].map((step) => placeOf(focusRun(store.state), step)),
  );

  constructor() {
    super();
    onResize(this, () => this.follow());
  }

  protected override render() {
    const { rows, range } = this;
    const { table, mode, shown, axes } = rows;
    const grid = `columns ${rows.methods.length > 1 ? "compared" : ""} ${rows.training ? "trained" : ""}`;
    const limit = this.limit(table, mode);
    return html`
      <div class="table" @scroll=${this.follow}>
        ${this.heads(grid)}
        <div class="all" style="height:${shown.length * ROW}px">${this.body(grid, limit)}</div>
        <div class="axes ${grid}">
          <span></span>${epochTicks(this.places, range)}
          ${mode === "share" ? ends("before-figures", "0", share(axes.share)) : mode === "mean" ? ends("before-figures", signed(-axes.mean), signed(axes.mean)) : html`<span></span>`}
          ${rows.training ? html`<span></span>` : nothing} ${rows.methods.length > 1 ? ends("", "0", share(axes.methods)) : nothing}
        </div>
      </div>
      ${featureFoot(rows, grid, limit)}`;
  }

  private heads(grid: string) {
    const { rows, places, range } = this;
    const { table, methods, training, mode, shown } = rows;
    const { title, unit } = titleOf(rows);
    const now = () =>
      html`<span class="title"><explain-figure-title heading=${capital(stepName(focusRun(store.state), store.state.epoch ?? 0))} .help=${NOW_HELP}></explain-figure-title>
        <span class="faint">${mode === "share" ? "%, ± 2 SE" : mode === "mean" ? "mean" : `of ${table.names.length}`}</span></span>`;
    return html`<div class="heads ${grid}">
      <b>Feature</b>
      <div>
        <span class="title"><explain-figure-title heading=${title} .help=${EPOCHS_HELP}></explain-figure-title>
          <span class="faint">${unit}</span> ${figureMenu(title, () => sharesTable(table, shown, places))}</span>
        ${alarmSigns(range, this.alarms(store.state.alarms, table))}
      </div>
      <explain-at-cursor .content=${now}></explain-at-cursor>
      ${training ? html`<span class="title"><explain-figure-title heading="Training" .help=${TRAINING_HELP}></explain-figure-title><span class="faint">points</span></span>` : nothing}
      ${
        methods.length > 1
          ? html`<div><span class="title"><explain-figure-title heading="Methods agree?" .help=${METHODS_HELP}></explain-figure-title>
              ${figureMenu("Methods agree", () => methodsTable(methods, shown, store.state.epoch))}</span>${methodMarks(methods)}</div>`
          : nothing
      }
    </div>`;
  }

  private body(grid: string, limit: number) {
    const { rows, inSight, places } = this;
    const { table, mode, shown, selected } = rows;
    const features = this.features(shown, inSight);
    const at = features.indexOf(selected);
    const tabbed = at < 0 ? features[0] : selected;
    const choose = (feature: number) => this.tell("choose", table.names[feature]);
    const { title } = titleOf(rows);
    return html`<div class="rows ${grid}" style="top:${inSight.first * ROW}px">
      ${at < 0 ? nothing : html`<div class="chosen" style="top:${at * ROW}px"></div>`}
      <div class="names" role="listbox" aria-label="Features" @keydown=${this.key}>${repeat(
        features,
        (feature) => feature,
        (
          feature,
          i,
        ) => html`<button class="name" role="option" title=${table.names[feature]} aria-label=${table.names[feature]}
          tabindex=${feature === tabbed ? 0 : -1} aria-posinset=${inSight.first + i + 1} aria-setsize=${shown.length}
          aria-selected=${feature === selected ? "true" : "false"} @click=${() => choose(feature)}>${clippedName(table.names[feature])}</button>`,
      )}</div>
      <explain-epoch-map .steps=${table.steps} .values=${this.values(table, mode, features)} .rows=${features.length} .rowHeight=${ROW} .gap=${1}
        ?signed=${mode === "mean"} .limit=${limit} .range=${this.range} .alarms=${this.alarmPlaces(this.alarms(store.state.alarms, table))}
        .describe=${(row: number, column: number) => describe(rows, features[row], column)}
        @row=${({ detail }: CustomEvent<number>) => choose(features[detail])}
        label=${`${title} of ${shown.length} features, ${places.length} epochs`}></explain-epoch-map>
      <explain-at-cursor .content=${() => columnsNow(rows, features)}></explain-at-cursor>
    </div>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    const before = changed.get("rows") as FeatureRows | undefined;
    if (changed.has("rows") && before?.selected !== this.rows.selected) this.reveal();
    if (changed.has("rows")) this.follow();
    followChoice(this.renderRoot, ".name", this.renderRoot.querySelector<HTMLElement>('.name[aria-selected="true"]'));
  }

  /** Scrolls to the selected row if it is out of sight. */
  private reveal(): void {
    const row = this.rows.shown.indexOf(this.rows.selected);
    const [heads, axes] = [".heads", ".axes"].map((part) => this.renderRoot.querySelector(part)?.clientHeight ?? 0);
    if (row < 0) return;
    const { scroller } = this;
    const room = scroller.clientHeight - heads - axes;
    if (row * ROW < scroller.scrollTop) scroller.scrollTop = row * ROW;
    else if ((row + 1) * ROW > scroller.scrollTop + room) scroller.scrollTop = (row + 1) * ROW - room;
  }

  private follow = (): void => {
    const { scrollTop = 0, clientHeight = 0 } = this.scroller ?? {};
    const seen = chunksInSight(scrollTop, clientHeight, this.rows.shown.length);
    if (seen.first !== this.inSight.first || seen.end !== this.inSight.end) this.inSight = seen;
  };

  private key(event: KeyboardEvent): void {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault(); // would scroll
    this.tell("move", by);
  }

  private tell(name: string, detail: string | number): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** What stands at both ends of a column's axis. */
const ends = (kind: string, low: string, high: string) =>
  html`<div class="ends caption ${kind}" aria-hidden="true"><span>${low}</span><span>${high}</span></div>`;

const share = (limit: number): string => `${tick(100 * limit)}\u202f%`;

const titleOf = ({ mode, table }: FeatureRows) =>
  ({
    share: { title: "Share by epoch", unit: "%" },
    mean: { title: "Signed mean by epoch", unit: "" },
    rank: { title: "Rank by epoch", unit: `of ${table.names.length}` },
  })[mode];

function rowValues(table: FeatureRows["table"], mode: FeatureRows["mode"], features: readonly number[]): Float32Array {
  if (mode === "rank") return rankShade(rowsOf(table, table.rank, features), table.names.length);
  return rowsOf(table, mode === "mean" ? table.signedMean : table.share, features);
}

function describe({ table }: FeatureRows, feature: number, column: number): [string, string] {
  const at = feature * table.steps.length + column;
  const where = `${isolated(table.names[feature])} at ${longStepName(focusRun(store.state), table.steps[column])}`;
  const mean = table.signedMean[at];
  const parts = [
    withError(table.share[at], table.standardError[at]),
    `rank ${Math.round(table.rank[at])} of ${table.names.length}`,
  ];
  if (!Number.isNaN(mean)) parts.push(`signed mean ${signed(mean)}`);
  return [where, Number.isFinite(table.share[at]) ? parts.join(", ") : "not finite"];
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-feature-table": FeatureTableElement;
  }
}
