/**
 * `<explain-feature-detail>`: the selected feature over the epochs: its share by every method, the ranks of the ten strongest,
 * and how far the methods rank the features alike.
 *
 * @property tables    every method's table
 * @property table     that of the chosen method
 * @property training  the same over training samples; undefined where nobody looked
 * @property feature   index of the feature in it
 * @property reference what its share is held against
 * @property closable  whether the pane is a drawer
 * @fires close, choose (detail: a feature's name)
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { alarmText, isAboutFeature } from "../alarm_kinds";
import { alarmsOf } from "../alarms";
import { nearestIndex } from "../charts/epoch_axis";
import { drawRanks, rankToY } from "../charts/ranks";
import type { Draw } from "../elements/canvas";
import { placesAt, stepName } from "../steps";
import "../elements/canvas";
import "../elements/curve_panel";
import "../elements/hover_line";
import { figureMenu } from "../elements/figure_menu";
import { percent } from "../format";
import { memo } from "../memo";
import { markedStep } from "../references";
import { cursorPlace, focusManifest, focusRun, store, Watch } from "../state";
import { base } from "../styles";
import { palette } from "../theme";
import { comparedTables, type FeatureTable, featureRow, rankColumns, sortFeatures } from "./features_model";
import { agreementPanel, range, sharePanel } from "./features_panels";
import { featurePlace, placeStyles } from "./features_place";
import { type Moment, methodColours, selectedColour } from "./features_rows";
import { ranksTable } from "./figure_tables";
import { gapAt, gapText, trainingPanel } from "./training_gap";

const STRONGEST = 10;
const RANK_HEIGHT = 260;
const RANK_LEFT = 24;
const RANK_NAMES = 136;

@customElement("explain-feature-detail")
export class FeatureDetail extends LitElement {
  static override styles = [
    base,
    placeStyles,
    css`
      :host { display: block; overflow: hidden auto; padding: 12px 16px 24px; scrollbar-gutter: stable; }
      header { display: flex; align-items: baseline; gap: 8px; min-height: 28px; }
      header h2 { font-size: 15px; line-height: 24px; min-width: 0; }
      header .quiet { flex: none; }
      section { margin-top: 16px; }
      .ranks { position: relative; }
      .ranks button { position: absolute; right: 0; padding: 0; border: 0; background: none; text-align: left; font: inherit; color: var(--ink2); cursor: pointer; transform: translateY(-50%); }
      .ranks .place { position: absolute; left: 0; width: 16px; text-align: right; transform: translateY(-50%); color: var(--ink3); font-size: 11px; }
      .ranks .selected { color: var(--ink); font-weight: 600; }
    `,
  ];

  @property({ attribute: false }) tables: readonly FeatureTable[] = [];
  @property({ attribute: false }) table!: FeatureTable;
  @property({ attribute: false }) training: FeatureTable | undefined;
  @property({ type: Number }) feature = 0;
  @property({ attribute: false }) reference!: Moment;
  @property({ type: Boolean }) closable = false;
  protected watch = new Watch(this, ["epoch", "against", "dark", "alarms"]);

  /** A panel is a new picture, so it is made anew only when what it shows is. */
  private alike = memo(comparedTables);
  private sharePanel = memo(sharePanel);
  private agreementPanel = memo(agreementPanel);
  private trainingPanel = memo(trainingPanel);

  protected override render() {
    const { table, feature } = this;
    const { epoch, dark } = store.state;
    const now = epoch === null ? -1 : nearestIndex(table.steps, epoch);
    const before = this.reference;
    const alike = this.alike(this.tables, table);
    const rank = (of: FeatureTable, column: number) => {
      const found = featureRow(of, of.rank, feature)[column];
      return Number.isFinite(found) ? String(found) : "–";
    };
    const [old, current] = [rank(before.table, before.column), rank(table, now)];
    const moved = before.column >= 0 && old !== current ? `${old} → ${current}` : current;
    return html`
      <header>
        <h2 class="clip" title=${table.names[feature]}>${table.names[feature]}</h2>
        <span class="quiet">rank ${moved} of ${table.names.length}</span>
        <span class="spread"></span>
        ${this.closable ? html`<button class="control" @click=${() => this.dispatchEvent(new CustomEvent("close"))}>Close</button>` : nothing}
      </header>
      <p class="quiet">${this.sentence(now, before)}</p>
      <section><explain-curve-panel .panel=${this.sharePanel(alike, table.names[feature], methodColours(dark))}></explain-curve-panel></section>
      ${
        this.training
          ? html`<section><explain-curve-panel .panel=${this.trainingPanel(table, this.training, feature, dark)}></explain-curve-panel></section>`
          : nothing
      }
      ${featurePlace(table, feature, now, before, (name) => this.tell(name))} ${this.renderRanks(now, before)}
      ${
        alike.length > 1
          ? html`<section><explain-curve-panel .panel=${this.agreementPanel(alike, methodColours(dark))}></explain-curve-panel></section>`
          : nothing
      }`;
  }

  private sentence(now: number, before: Moment): string {
    const { table, feature } = this;
    const whole = "of the attribution";
    const held = (of: FeatureTable, column: number) => {
      const [share, error] = [of.share, of.standardError].map((matrix) => featureRow(of, matrix, feature)[column]);
      return Number.isFinite(share)
        ? `${percent(share, { unit: false })} ± ${percent(2 * error)} ${whole}`
        : "shares not finite";
    };
    const parts: string[] = [];
    if (now >= 0) {
      parts.push(
        before.column >= 0
          ? `${held(before.table, before.column)} at ${before.name}, ${held(table, now).replace(` ${whole}`, "")} now.`
          : `${held(table, now)} at ${stepName(focusRun(store.state), table.steps[now])}.`,
      );
    }
    if (now >= 0 && this.training) parts.push(`${gapText(gapAt(table, this.training, feature, table.steps[now]))}.`);
    const [run, manifest] = [focusRun(store.state), focusManifest(store.state)];
    const alarms = (run ? alarmsOf(run.run) : [])
      .filter((alarm) => isAboutFeature(alarm, table.names[feature], manifest))
      .map((alarm) => `Alarm at ${stepName(run, alarm.step)}: ${alarmText(alarm, manifest)}.`);
    return [...parts, ...alarms].join(" ");
  }

  private tell(name: string): void {
    this.dispatchEvent(new CustomEvent("choose", { detail: name }));
  }

  private renderRanks(now: number, { table: old, column }: Moment) {
    const { table, feature } = this;
    const before = old === table ? column : -1;
    if (now < 0) return nothing;
    const strongest = sortFeatures(table, "share", now, before).slice(0, STRONGEST);
    const drawn = strongest.includes(feature) ? strongest : [...strongest, feature];
    const columns = rankColumns(table.steps, now, before);
    const curves = drawn.map((index) => ({
      name: table.names[index],
      ranks: columns.map((column) => featureRow(table, table.rank, index)[column]),
      selected: index === feature,
    }));
    const places = Math.min(STRONGEST, table.names.length);
    const height = Math.min(RANK_HEIGHT, 26 * (places + 0.5));
    const draw: Draw = (context, { width, height: high }) =>
      drawRanks(
        context,
        placesAt(
          focusRun(store.state),
          columns.map((column) => table.steps[column]),
        ),
        curves,
        {
          width,
          height: high,
          places,
          color: selectedColour(),
          palette: palette(),
          left: RANK_LEFT,
          right: RANK_NAMES + 12,
          range: range([table]),
          cursor: cursorPlace(store.state, store.state.epoch),
          reference: cursorPlace(store.state, markedStep(store.state)),
        },
      );
    const [first, last] = range([table]);
    return html`<section>
      <div class="row"><h2>Rank of the ${places} strongest</h2>${figureMenu(`Rank of the ${places} strongest`, () => ranksTable(table, drawn, placesAt(focusRun(store.state), table.steps)))}<span class="caption beside">${columns.length} of ${table.steps.length} steps</span></div>
      <div class="ranks" style=${`height:${height}px`}>
        <explain-canvas style="height:100%" .draw=${draw} label="ranks of the strongest features by epoch"></explain-canvas>
        <explain-hover-line style=${`left:${RANK_LEFT}px;right:${RANK_NAMES + 12}px`} .range=${{ first, last }}></explain-hover-line>
        ${Array.from({ length: places }, (_, i) => html`<span class="place" style=${`top:${rankToY(i + 1, places, height)}px`}>${i + 1}</span>`)}
        ${strongest.map((index, i) => {
          const y = rankToY(i + 1, places, height);
          return html`<button class="clip ${index === feature ? "selected" : ""}" title=${table.names[index]}
            style=${`top:${y}px;width:${RANK_NAMES}px`}
            @click=${() => this.tell(table.names[index])}>${table.names[index]}</button>`;
        })}
      </div>
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-feature-detail": FeatureDetail;
  }
}
