/**
 * `<explain-feature-detail>`: the selected feature over the epochs: its share by every method, the ranks of the ten strongest,
 * and how far the methods rank the features alike.
 *
 * @property tables    those of the methods that know the same features, the chosen one's first
 * @property all       those of all methods, the chosen one's first
 * @property training  the chosen method's over training samples; undefined where nobody looked
 * @property others    tables of the run that this one is held against
 * @property feature   index of the feature
 * @property closable  whether the pane is a drawer
 * @fires close, choose (detail: a feature's name)
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { alarmText, isAboutFeature } from "../alarm_kinds";
import { alarmsOf } from "../alarms";
import type { Alarm } from "../api";
import "../elements/at_cursor";
import { clippedName, clippedNameStyles } from "../elements/clipped_name";
import "../elements/curve_panel";
import { capital, isolated, withError } from "../format";
import { memo } from "../memo";
import { shortMethod } from "../methods";
import { focusManifest, focusRun, type State, store, Watch } from "../state";
import { stepName } from "../steps";
import { base } from "../styles";
import { type FeatureTable, featureRow } from "./features_model";
import { momentsOf } from "./features_moment";
import "./features_matrix";
import { agreementPanel, sharePanel } from "./features_panels";
import { featurePlace, placeStyles } from "./features_place";
import "./features_ranks";
import { methodColours } from "./features_rows";
import { gapAt, gapText, trainingPanel } from "./training_gap";

@customElement("explain-feature-detail")
export class FeatureDetail extends LitElement {
  static override styles = [
    base,
    placeStyles,
    clippedNameStyles,
    css`
      :host { display: block; overflow: hidden auto; padding: 12px 16px 24px; scrollbar-gutter: stable; }
      header { display: flex; align-items: baseline; gap: 8px; min-height: 28px; }
      header h2 { display: flex; font-size: 15px; line-height: 24px; min-width: 0; }
      header .quiet { flex: none; }
      section, explain-feature-ranks, explain-method-matrix { margin-top: 16px; }
      .said { min-height: 32px; }
    `,
  ];

  @property({ attribute: false }) tables: readonly FeatureTable[] = [];
  @property({ attribute: false }) all: readonly FeatureTable[] = [];
  @property({ attribute: false }) training: FeatureTable | undefined;
  @property({ attribute: false }) others: readonly FeatureTable[] = [];
  @property({ type: Number }) feature = 0;
  @property({ type: Boolean }) closable = false;
  protected watch = new Watch(this, ["dark", "alarms", "manifests", "focus"]);

  /** A panel is a new picture, so it is made anew only when what it shows is. */
  private sharePanel = memo(sharePanel);
  private agreementPanel = memo(agreementPanel);
  private trainingPanel = memo(trainingPanel);
  private alarms = memo(alarmsAbout);

  protected override render() {
    const { feature, tables, training } = this;
    const [table] = tables;
    const name = table.names[feature];
    const { dark, alarms, manifests } = store.state;
    const about = this.alarms(name, focusRun(store.state)?.run, alarms, manifests);
    const panel = this.agreementPanel(tables, methodColours(dark));
    return html`
      <header>
        <h2 title=${name}>${clippedName(name)}</h2>
        <span class="quiet"><explain-at-cursor .content=${() => this.rank()}></explain-at-cursor></span>
        <span class="spread"></span>
        ${this.closable ? html`<button class="control" @click=${() => this.dispatchEvent(new CustomEvent("close"))}>Close</button>` : nothing}
      </header>
      <p class="quiet said"><explain-at-cursor .content=${() => this.sentence(about)}></explain-at-cursor></p>
      <section><explain-curve-panel .panel=${this.sharePanel(tables, name, methodColours(dark), about)}></explain-curve-panel></section>
      ${training ? html`<section><explain-curve-panel .panel=${this.trainingPanel(table, training, feature, dark)}></explain-curve-panel></section>` : nothing}
      <explain-at-cursor .content=${() => this.place()}></explain-at-cursor>
      <explain-feature-ranks .table=${table} .others=${this.others} .feature=${feature}
        @choose=${({ detail }: CustomEvent<string>) => this.tell(detail)}></explain-feature-ranks>
      ${panel ? html`<section><explain-curve-panel .panel=${panel}></explain-curve-panel></section>` : nothing}
      <explain-method-matrix .tables=${this.all} @choose=${({ detail }: CustomEvent<string>) => this.tell(detail)}></explain-method-matrix>
      <p class="caption">${pitfall(tables)}</p>`;
  }

  private rank(): string {
    const [table] = this.tables;
    const { now, before } = momentsOf(store.state, table, this.others);
    const rank = (of: FeatureTable, column: number) => {
      const found = featureRow(of, of.rank, this.feature)[column];
      return Number.isFinite(found) ? String(found) : "–";
    };
    const [old, current] = [rank(before.table, before.column), rank(table, now)];
    const moved = before.column >= 0 && old !== current ? `${old} → ${current}` : current;
    return `rank ${moved} of ${table.names.length}`;
  }

  private sentence(alarms: readonly Alarm[]): string {
    const { feature, training } = this;
    const [table] = this.tables;
    const { now, before } = momentsOf(store.state, table, this.others);
    const whole = "of the attribution";
    const held = (of: FeatureTable, column: number) => {
      const [share, error] = [of.share, of.standardError].map((matrix) => featureRow(of, matrix, feature)[column]);
      return Number.isFinite(share) ? `${withError(share, error)} ${whole}` : "shares not finite";
    };
    const parts: string[] = [];
    const [run, manifest] = [focusRun(store.state), focusManifest(store.state)];
    if (now >= 0) {
      parts.push(
        before.column >= 0
          ? `${held(before.table, before.column)} at ${isolated(before.name)}, ${held(table, now).replace(` ${whole}`, "")} now.`
          : `${held(table, now)} at ${stepName(run, table.steps[now])}.`,
      );
    }
    if (now >= 0 && training) parts.push(`${gapText(gapAt(table, training, feature, table.steps[now]))}.`);
    const told = alarms.map((alarm) => `Alarm at ${stepName(run, alarm.step)}: ${alarmText(alarm, manifest)}.`);
    return [...parts, ...told].join(" ");
  }

  private place() {
    const [table] = this.tables;
    const { now, before } = momentsOf(store.state, table, this.others);
    return featurePlace(table, this.feature, now, before, (name) => this.tell(name));
  }

  private tell(name: string): void {
    this.dispatchEvent(new CustomEvent("choose", { detail: name }));
  }
}

/** The focus run's alarms that name a feature. */
function alarmsAbout(
  feature: string,
  run: string | undefined,
  _alarms: State["alarms"],
  manifests: State["manifests"],
): readonly Alarm[] {
  return run === undefined ? [] : alarmsOf(run).filter((alarm) => isAboutFeature(alarm, feature, manifests[run]));
}

/** "Correlated features share the credit in IG and SHAP; permuting one of them alone costs little." */
function pitfall(tables: readonly FeatureTable[]): string {
  const [asking, sharing] = [true, false].map((permuted) =>
    tables
      .filter(({ method }) => method.startsWith("permutation") === permuted)
      .map(({ method }) => shortMethod(method)),
  );
  const parts = [
    sharing.length
      ? `Correlated features share the credit in ${sharing.join(", ").replace(/, ([^,]*)$/, " and $1")}`
      : "",
    asking.length ? "permuting one of them alone costs little" : "",
  ].filter(Boolean);
  return `${capital(parts.join("; "))}.`;
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-feature-detail": FeatureDetail;
  }
}
