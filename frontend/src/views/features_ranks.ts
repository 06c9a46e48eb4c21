/**
 * `<explain-feature-ranks>`: how the features that are strongest at the last epoch came there. Names stand where their lines end.
 *
 * @property table    whose features
 * @property others   tables of the run that this one is held against
 * @property feature  index of the selected one, which is drawn even if it is weak
 * @fires choose (detail: a feature's name)
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { alarmMarks } from "../alarms";
import { drawRanks, rankToY } from "../charts/ranks";
import type { Draw } from "../elements/canvas";
import "../elements/canvas";
import { clippedName, clippedNameStyles } from "../elements/clipped_name";
import "../elements/epoch_marks";
import { epochPointer } from "../elements/epoch_pointer";
import { epochTickStyles, epochTicks } from "../elements/epoch_ticks";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import "../elements/hover_line";
import { xToEpoch } from "../charts/epoch_axis";
import { isolated } from "../format";
import { memo } from "../memo";
import { focusRun, store, Watch } from "../state";
import { placesAt, shortStep, stepName } from "../steps";
import { base } from "../styles";
import { palette } from "../theme";
import { RANKS_HELP } from "./features_help";
import { type FeatureTable, featureColumn, featureRow, rankColumns } from "./features_model";
import { momentsOf } from "./features_moment";
import { sortFeatures } from "./features_order";
import { range } from "./features_panels";
import { selectedColour } from "./features_rows";
import { ranksTable } from "./figure_tables";

const STRONGEST = 10;
/** CSS pixels of a place. */
const PITCH = 25;
const LEFT = 24;
const NAMES = 132;

/** Index of the last step with shares; −1 where none of them is finite. */
export const lastFinite = (table: FeatureTable): number =>
  table.steps.findLastIndex((_, column) => featureColumn(table, table.share, column).some(Number.isFinite));

/** Those strongest at the last step with shares; none without such a step. */
export function strongestAtLast(table: FeatureTable): number[] {
  const last = lastFinite(table);
  return last < 0 ? [] : sortFeatures(table, "share", last, -1).slice(0, STRONGEST);
}

@customElement("explain-feature-ranks")
export class FeatureRanks extends LitElement {
  static override styles = [
    base,
    epochTickStyles,
    clippedNameStyles,
    css`
      :host { display: block; }
      .ranks { position: relative; }
      .plot { position: absolute; top: 0; bottom: 0; cursor: crosshair; touch-action: none; }
      .ranks button { position: absolute; display: flex; right: 0; padding: 0; border: 0; background: none; text-align: left; font: inherit; color: var(--ink2); cursor: pointer; transform: translateY(-50%); }
      .ranks .place { position: absolute; left: 0; width: 16px; text-align: right; transform: translateY(-50%); color: var(--ink3); font-size: 11px; }
      .ranks .selected { color: var(--ink); font-weight: 600; }
    `,
  ];

  @property({ attribute: false }) table!: FeatureTable;
  @property({ attribute: false }) others: readonly FeatureTable[] = [];
  @property({ type: Number }) feature = 0;
  protected watch = new Watch(this, ["resting", "against", "dark", "alarms"]);

  private strongest = memo(strongestAtLast);
  private ends = memo((table: FeatureTable) => range([table]));
  private alarms = memo((_: unknown) => [...new Set(alarmMarks().map(({ place }) => place))]);
  private pointer = epochPointer((event) => {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    const [first, last] = this.ends(this.table);
    return xToEpoch(event.clientX - left, { first, last }, width);
  });

  protected override render() {
    const { table, feature } = this;
    const { state } = store;
    const strongest = this.strongest(table);
    const { now, before } = momentsOf({ ...state, epoch: state.resting }, table, this.others);
    const columns = rankColumns(table.steps, now, before.table === table ? before.column : -1);
    const places = Math.min(STRONGEST, table.names.length);
    const height = PITCH * (places + 0.5);
    const title = `Rank of the ${places === 1 ? "one" : `${places} strongest`}`;
    const [first, last] = this.ends(table);
    const beside = `left:${LEFT}px;right:${NAMES + 12}px`;
    const run = focusRun(state);
    if (strongest.length === 0)
      return html`<section>
        <explain-figure-title heading=${title} .help=${RANKS_HELP}></explain-figure-title>
        <p class="quiet">No ranks: no share is finite at any epoch.</p>
      </section>`;
    const data = () => ranksTable(table, drawn(strongest, feature), placesAt(run, table.steps));
    const end = lastFinite(table);
    return html`<section>
      <div class="row"><explain-figure-title heading=${title} .help=${RANKS_HELP}></explain-figure-title>${figureMenu(title, data)}
        <span class="caption beside">${stepsSaid(table, columns, (column) => shortStep(run, table.steps[column]))}</span></div>
      ${end < table.steps.length - 1 ? html`<p class="caption">Strongest at ${stepName(run, table.steps[end])}: later shares are not finite.</p>` : nothing}
      <div class="ranks" style="height:${height}px">
        <explain-canvas style="height:100%" .draw=${this.picture(columns, strongest)} label=${`${title} by epoch; first at ${stepName(run, table.steps[end])}: ${isolated(table.names[strongest[0]])}`}></explain-canvas>
        <div class="plot" style=${beside} @pointerdown=${this.pointer.down} @pointermove=${this.pointer.move} @pointerleave=${this.pointer.leave}>
          <explain-epoch-marks plain .range=${{ first, last }} .alarms=${this.alarms(state.alarms)}></explain-epoch-marks>
          <explain-hover-line .range=${{ first, last }}></explain-hover-line>
        </div>
        ${Array.from({ length: places }, (_, i) => html`<span class="place" style="top:${rankToY(i + 1, places, height)}px">${i + 1}</span>`)}
        ${strongest.map(
          (
            index,
            i,
          ) => html`<button class=${index === feature ? "selected" : ""} title=${table.names[index]} aria-label=${table.names[index]}
            style="top:${rankToY(i + 1, places, height)}px;width:${NAMES}px"
            @click=${() => this.dispatchEvent(new CustomEvent("choose", { detail: table.names[index] }))}>${clippedName(table.names[index])}</button>`,
        )}
      </div>
      <div style="margin:0 ${NAMES + 12}px 0 ${LEFT}px">${epochTicks([first, last], { first, last })}</div>
    </section>`;
  }

  private picture(columns: readonly number[], strongest: readonly number[]): Draw {
    const { table, feature } = this;
    const curves = drawn(strongest, feature).map((index) => ({
      name: table.names[index],
      ranks: columns.map((column) => featureRow(table, table.rank, index)[column]),
      selected: index === feature,
    }));
    const epochs = placesAt(
      focusRun(store.state),
      columns.map((column) => table.steps[column]),
    );
    const options = {
      places: Math.min(STRONGEST, table.names.length),
      color: selectedColour(),
      palette: palette(),
      left: LEFT,
      right: NAMES + 12,
      range: this.ends(table),
    };
    return (context, { width, height }) => drawRanks(context, epochs, curves, { ...options, width, height });
  }
}

const drawn = (strongest: readonly number[], feature: number): readonly number[] =>
  strongest.includes(feature) ? strongest : [...strongest, feature];

/** "all epochs", "every 5th step and 31" */
function stepsSaid(table: FeatureTable, columns: readonly number[], name: (column: number) => string): string {
  if (columns.length === table.steps.length) return "all epochs";
  const every = columns[1] - columns[0];
  const others = columns.filter((column) => column % every && column < table.steps.length - 1).map(name);
  return [`every ${every}th`, ...others].join(", ").replace(/, ([^,]*)$/, " and $1");
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-feature-ranks": FeatureRanks;
  }
}
