/**
 * `<explain-layer-card>`: one layer of the model and its health: dead, saturated, update, gradient, each with its curve.
 * A dash stands where a figure has no meaning.
 *
 * @property layer   as the manifest has it
 * @property health  its series; undefined while it is on its way
 * @property from    layers it reads from, where that is not the one before it
 * @property chosen
 */
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import { alarmSign } from "../alarm_kinds";
import { alarmsOf } from "../alarms";
import type { ManifestLayer, Series } from "../api";
import { nearestIndex } from "../charts/epoch_axis";
import { SIGN_TEXT, signColour } from "../charts/signs";
import { drawSparkline } from "../charts/sparkline";
import type { Draw } from "../elements/canvas";
import "../elements/canvas";
import { followChoice } from "../elements/item_keys";
import { distance, figure, percent } from "../format";
import { focusRun, store, Watch } from "../state";
import { base } from "../styles";
import { palette } from "../theme";
import { alarmedFigure, alarmsUntil, type Health, healthAt, healthCurve, layerSummary } from "./layers_model";

const ROWS: readonly { figure: Health; name: string; title: string; text: (value: number) => string }[] = [
  { figure: "dead", name: "dead", title: "units at most 0 on every probe sample", text: percent },
  { figure: "saturated", name: "satur.", title: "outputs at the ends of the activation's range", text: percent },
  { figure: "update", name: "update", title: "‖Δw‖ / ‖w‖ since the step before", text: percent },
  { figure: "gradient", name: "grad", title: "norm of the loss's gradient on the probe", text: figureOf },
];

function figureOf(value: number): string {
  return Math.abs(value) < 10 && Math.abs(value) >= 0.005 ? distance(value) : figure(value);
}

@customElement("explain-layer-card")
export class LayerCard extends LitElement {
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = [
    base,
    css`
      :host { display: block; }
      button { display: block; width: 100%; height: 100%; padding: 8px 12px; border: 1px solid var(--line2); border-radius: 6px; background: var(--bg); text-align: left; cursor: pointer; }
      :host([chosen]) button { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
      .name { display: flex; gap: 8px; font-weight: 600; font-size: 13px; line-height: 20px; }
      .alarm { color: var(--alarm); }
      .warn { color: var(--warn); }
      .figures { display: grid; grid-template-columns: 40px minmax(44px, 1fr) minmax(24px, 52px); gap: 0 8px; margin-top: 8px; }
      .figures > * { height: 24px; line-height: 24px; }
      .number { text-align: right; white-space: nowrap; }
      .number.warn { font-weight: 600; }
    `,
  ];

  @property({ attribute: false }) layer!: ManifestLayer;
  @property({ attribute: false }) health: Series | undefined;
  @property({ attribute: false }) from: readonly string[] = [];
  @property({ type: Boolean, reflect: true }) chosen = false;
  protected watch = new Watch(this, ["epoch", "dark", "alarms"]);

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has("chosen") || !this.chosen) return;
    this.keepInSight();
    followChoice(this.getRootNode(), "explain-layer-card", this);
  }

  /** Within the strip alone: the page stays where it is. */
  private keepInSight(): void {
    const strip = this.parentElement;
    if (!strip) return;
    const [card, sight] = [this.getBoundingClientRect(), strip.getBoundingClientRect()];
    if (card.left < sight.left) strip.scrollLeft -= sight.left - card.left;
    else if (card.right > sight.right) strip.scrollLeft += card.right - sight.right;
  }

  protected override render() {
    const { layer } = this;
    const { epoch } = store.state;
    const run = focusRun(store.state);
    const alarms = run ? alarmsUntil(alarmsOf(run.run), layer.name, epoch) : [];
    const alarmed = new Set(alarms.map(alarmedFigure));
    const summary = layerSummary(layer);
    return html`<button role="option" tabindex=${this.chosen ? 0 : -1} aria-selected=${this.chosen ? "true" : "false"} title=${`${layer.name}: ${summary}`}>
      <div class="name"><span class="clip end-first spread"><bdi>${layer.name}</bdi></span>${
        alarms.length > 0
          ? html`<span title=${alarms.map(({ text }) => text).join("\n")}>${[...new Set(alarms.map(alarmSign))].map(
              (sign) => html`<span class=${signColour(sign)}>${SIGN_TEXT[sign]}</span>`,
            )}</span>`
          : nothing
      }</div>
      <p class="clip quiet">${summary}</p>
      ${this.from.length > 0 ? html`<p class="clip caption" title=${this.from.join(", ")}>from ${this.from.join(", ")}</p>` : nothing}
      <div class="figures">${ROWS.map((row) => this.renderRow(row, epoch, alarmed.has(row.figure)))}</div>
    </button>`;
  }

  private renderRow(row: (typeof ROWS)[number], epoch: number | null, alarmed: boolean) {
    const { health } = this;
    if (!health) return html`<span class="quiet">${row.name}</span><span></span><span></span>`;
    const cursor = epoch === null ? -1 : nearestIndex(health.steps, epoch);
    const curve = healthCurve(health, row.figure);
    const colours = palette();
    const draw: Draw = (context, { width, height }) =>
      drawSparkline(context, curve, {
        width,
        height,
        color: alarmed ? colours.warn : colours.ink2,
        palette: colours,
        cursor,
      });
    const empty = curve.every((value) => !Number.isFinite(value));
    return html`<span class="quiet" title=${row.title}>${row.name}</span>
      <span class="number ${alarmed ? "warn" : ""}">${row.text(healthAt(health, row.figure, cursor))}</span>
      ${empty ? html`<span></span>` : html`<explain-canvas .draw=${draw}></explain-canvas>`}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-layer-card": LayerCard;
  }
}
