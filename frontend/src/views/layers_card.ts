/**
 * `<explain-layer-card>`: one layer of the model and its health: dead, saturated, update, gradient, each with its curve.
 * A dash stands where a figure has no meaning.
 *
 * @property run     the focus run
 * @property layer   as the manifest has it
 * @property chosen
 * @property low     whether there is room for three figures alone: no layer both dies and saturates
 * @property place   its number among the cards, from 1
 * @property count   how many cards there are
 */
import { css, html, LitElement, nothing, type PropertyValues, svg } from "lit";
import { customElement, property } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { alarmSign } from "../alarm_kinds";
import { alarmsOf } from "../alarms";
import type { ManifestLayer, Series } from "../api";
import { nearestIndex } from "../charts/epoch_axis";
import { SIGN_TEXT, signColour } from "../charts/signs";
import { SPARKLINE_BOX, SPARKLINE_EDGE, sparklinePaths, sparklinePoint } from "../charts/sparkline";
import { icon } from "../elements/icons";
import { followChoice } from "../elements/item_keys";
import { distance, figure, percent } from "../format";
import { load } from "../loading";
import { memo } from "../memo";
import { type RunEntry, store, Watch } from "../state";
import { base } from "../styles";
import { loadHealth } from "./layers_data";
import {
  alarmedFigure,
  alarmsUntil,
  type Health,
  healthAt,
  healthCurve,
  isOver,
  layerKind,
  layerSize,
  layerSummary,
  parametersText,
  picturesOf,
  picturesText,
} from "./layers_model";

interface Row {
  figure: Health;
  name: string;
  title: string;
  text: (value: number) => string;
}

const ROWS: readonly Row[] = [
  { figure: "dead", name: "dead", title: "units at most 0 on every probe sample", text: percent },
  { figure: "saturated", name: "satur.", title: "outputs at the ends of the activation's range", text: percent },
  { figure: "update", name: "update", title: "‖Δw‖ / ‖w‖ since the step before", text: percent },
  { figure: "gradient", name: "grad", title: "norm of the loss's gradient on the probe", text: figureOf },
];

function figureOf(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "∞";
  return Math.abs(value) < 10 && Math.abs(value) >= 0.005 ? distance(value) : figure(value);
}

/** A figure's curve as it stands, whatever the cursor's step: only the mark on it moves. */
function curvesOf(health: Series) {
  return ROWS.map((row) => {
    const values = healthCurve(health, row.figure);
    return { row, empty: !values.some(Number.isFinite), point: sparklinePoint(values), drawn: drawn(values) };
  });
}

const VIEW_BOX = `0 0 ${SPARKLINE_BOX.width} ${SPARKLINE_BOX.height}`;

function drawn(values: readonly number[]) {
  const { line, dots } = sparklinePaths(values);
  return html`<svg viewBox=${VIEW_BOX} preserveAspectRatio="none" aria-hidden="true">
    ${line && svg`<path d=${line}></path>`}${dots && svg`<path class="dots" d=${dots}></path>`}</svg>`;
}

@customElement("explain-layer-card")
export class LayerCard extends LitElement {
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = [
    base,
    css`
      :host { display: block; }
      button { display: block; width: 100%; height: 100%; padding: 8px 12px; border: 1px solid var(--line2); border-radius: 6px; background: var(--bg); text-align: left; cursor: pointer; }
      button:hover { background: var(--focus-bg); }
      :host([chosen]) button { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
      .name { display: flex; gap: 8px; font-weight: 600; font-size: 13px; line-height: 20px; }
      .alarm { color: var(--alarm); }
      .warn { color: var(--warn); }
      .pictures { display: flex; align-items: center; color: var(--ink2); }
      .figures { display: grid; grid-template-columns: 40px minmax(44px, 1fr) minmax(24px, 1fr); gap: 0 8px; margin-top: 8px; }
      .figures > * { height: 24px; line-height: 24px; }
      :host([low]) button { padding: 4px 12px; }
      :host([low]) .figures { margin-top: 4px; }
      :host([low]) .figures > * { height: 22px; line-height: 22px; }
      .number { text-align: right; white-space: nowrap; }
      .number.alarm { font-weight: 600; }
      .curve { position: relative; max-width: 120px; }
      .curve svg { position: absolute; inset: ${SPARKLINE_EDGE}px; width: calc(100% - ${2 * SPARKLINE_EDGE}px); height: calc(100% - ${2 * SPARKLINE_EDGE}px); overflow: visible; }
      .curve path { fill: none; stroke: var(--ink2); stroke-width: 1.25px; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
      .curve path.dots { stroke-width: 2.5px; stroke-linecap: round; }
      .curve.alarm path { stroke: var(--alarm); }
      .curve i { position: absolute; width: 5px; height: 5px; margin: -2.5px; border-radius: 50%; background: var(--cursor); }
      .curve.alarm i { background: var(--alarm); }
    `,
  ];

  @property({ attribute: false }) run!: RunEntry;
  @property({ attribute: false }) layer!: ManifestLayer;
  @property({ type: Boolean, reflect: true }) chosen = false;
  @property({ type: Boolean, reflect: true }) low = false;
  @property({ type: Number }) place = 1;
  @property({ type: Number }) count = 1;
  protected watch = new Watch(this, ["epoch", "alarms", "revision", "visible"]);
  private curves = memo(curvesOf);

  private health = load(
    this,
    () => [this.run, this.layer.name, store.state.revision] as const,
    async ([run, name], signal) => ({ of: `${run.run} ${name}`, series: await loadHealth(run, name, signal) }),
  );

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("chosen") && this.chosen) followChoice(this.getRootNode(), "explain-layer-card", this);
  }

  protected override render() {
    const { layer, run } = this;
    const { epoch } = store.state;
    const held = this.health.value;
    const series = held?.of === `${run.run} ${layer.name}` ? held.series : undefined;
    const at = epoch === null || !series ? -1 : nearestIndex(series.steps, epoch);
    const over = new Set(ROWS.filter((row) => series && isOver(row.figure, healthAt(series, row.figure, at))));
    const summary = whole(layer);
    return html`<button role="option" tabindex=${this.chosen ? 0 : -1} aria-selected=${this.chosen ? "true" : "false"}
      aria-posinset=${this.place} aria-setsize=${this.count} title=${`${layer.name}: ${summary}`}>
      <div class="name"><span class="clip end-first spread"><bdi>${layer.name}</bdi></span>${this.renderPictures()}${this.renderSigns(over)}</div>
      <p class="clip quiet">${layerKind(layer)}</p>
      <p class="clip quiet">${layerSize(layer)}</p>
      <div class="figures">${
        series
          ? this.rows(series).map((curve) => this.renderRow(curve, series, at, over.has(curve.row)))
          : ROWS.slice(this.low ? 1 : 0).map(
              ({ name }) => html`<span class="quiet">${name}</span><span></span><span></span>`,
            )
      }</div>
      ${this.health.error ? html`<span class="unseen">its figures cannot be read</span>` : nothing}
    </button>`;
  }

  private rows(series: Series): ReturnType<typeof curvesOf> {
    const [dead, saturated, ...others] = this.curves(series);
    return this.low ? [saturated.empty ? dead : saturated, ...others] : [dead, saturated, ...others];
  }

  /** A sign for pictures of the layer: there is more to see than figures. */
  private renderPictures() {
    const told = picturesText(picturesOf(this.run, this.layer.name));
    return told
      ? html`<span class="pictures" role="img" aria-label=${`pictures: ${told}`} title=${`Pictures of this layer: ${told}`}>${icon("eye")}</span>`
      : nothing;
  }

  /** ▲ for a figure that is over its limit now, else the signs of alarms that went off before. */
  private renderSigns(over: ReadonlySet<Row>) {
    const { epoch } = store.state;
    const alarms = alarmsUntil(alarmsOf(this.run.run), this.layer.name, epoch);
    const past = alarms.filter((alarm) => ![...over].some(({ figure }) => figure === alarmedFigure(alarm)));
    const texts = [...[...over].map(({ name }) => `${name} is over its limit`), ...alarms.map(({ text }) => text)];
    if (!texts.length) return nothing;
    const signs = [...new Set(past.map(alarmSign))];
    return html`<span title=${texts.join("\n")}>${over.size ? html`<span class="alarm" role="img" aria-label="over a limit">▲</span>` : nothing}${signs.map(
      (sign) => html`<span class=${signColour(sign)}>${SIGN_TEXT[sign]}</span>`,
    )}</span>`;
  }

  private renderRow(curve: ReturnType<typeof curvesOf>[number], series: Series, at: number, over: boolean) {
    const { row, point } = curve;
    const value = healthAt(series, row.figure, at);
    const tone = over ? "alarm" : "";
    return html`<span class="quiet" title=${row.title}>${row.name}</span>
      <span class="number ${tone}">${row.text(value)}</span>
      ${
        curve.empty
          ? html`<span></span>`
          : html`<span class="curve ${tone}">${curve.drawn}${
              Number.isFinite(value) ? html`<i style=${markAt(point(at))}></i>` : nothing
            }</span>`
      }`;
  }
}

const whole = (layer: ManifestLayer): string => [layerSummary(layer), parametersText(layer)].filter(Boolean).join(", ");

const along = (part: number): string =>
  `calc(${SPARKLINE_EDGE}px + ${part.toFixed(4)} * (100% - ${2 * SPARKLINE_EDGE}px))`;
const markAt = ([x, y]: readonly [number, number]) => styleMap({ left: along(x), top: along(y) });

declare global {
  interface HTMLElementTagNameMap {
    "explain-layer-card": LayerCard;
  }
}
