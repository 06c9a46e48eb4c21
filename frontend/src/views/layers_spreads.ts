/**
 * `<explain-layer-spread>`: a layer's histogram now against that at the reference: of another step of its run, or of another
 * run's layer of the same name. The bin under the pointer is told in the title row.
 *
 * @property kind    which of the layer's histograms
 * @property layer   as the manifest has it
 * @property now     the layer at the cursor
 * @property reference  the layer at the reference; undefined where there is none
 * @property colour  the run's
 * @property height  of the picture, CSS pixels
 * @fires again  try to read what could not be read
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { ManifestLayer, Series } from "../api";
import { nearestIndex } from "../charts/epoch_axis";
import { binAt, binEdges, binEnds, drawHistogram, type Grid, total } from "../charts/histogram";
import type { Draw } from "../elements/canvas";
import "../elements/canvas";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import { problem, skeleton } from "../elements/states";
import { figure, percent, thousands, tick } from "../format";
import { base } from "../styles";
import { mix, palette } from "../theme";
import { momentsTable } from "./figure_tables";
import { beyond } from "./layers_curves";
import { KIND_TITLES, type Kind, onOneGrid, type Spreads } from "./layers_data";
import { KIND_HELP } from "./layers_help";
import { callOf, type Health, healthAt } from "./layers_model";

/** A layer at one step of a run. */
export interface Moment {
  spreads: Spreads;
  health: Series | undefined;
  step: number;
}

export interface Compared {
  grid: Grid;
  now: Float64Array;
  /** Scaled to as many values where it is another run's: its layer may have more units, its probe is the same. */
  before: Float64Array | undefined;
}

/** The histograms to draw; undefined where there is none now. */
export function compared(kind: Kind, now: Moment, before: Moment | undefined): Compared | undefined {
  const [own, old] = [now.spreads[kind], before?.spreads[kind]];
  if (!own || own instanceof Error) return undefined;
  const at = nearestIndex(own.steps, now.step);
  if (at < 0) return undefined;
  if (!before || !old || old instanceof Error) return { grid: own.grid, now: own.grid.counts[at], before: undefined };
  const then = nearestIndex(old.steps, before.step);
  if (old === own) {
    return { grid: own.grid, now: own.grid.counts[at], before: then === at ? undefined : own.grid.counts[then] };
  }
  const [mine, theirs] = onOneGrid(own, old);
  const [counts, others] = [mine.counts[at], theirs.counts[then]];
  const scale = total(others) > 0 ? total(counts) / total(others) : 0;
  return { grid: mine, now: counts, before: others?.map((count) => count * scale) };
}

@customElement("explain-layer-spread")
export class LayerSpread extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; }
      .said { white-space: nowrap; }
      .row { min-height: 20px; }
      .words { display: flex; gap: 8px; align-items: baseline; min-width: 0; }
      .plot { position: relative; }
      .plot i { position: absolute; top: 0; bottom: 20px; border: solid var(--cursor); border-width: 0 1px; opacity: 0.6; pointer-events: none; }
    `,
  ];

  @property() kind: Kind = "activation";
  @property({ attribute: false }) layer!: ManifestLayer;
  @property({ attribute: false }) now!: Moment;
  @property({ attribute: false }) reference: Moment | undefined;
  @property() colour = "";
  @property({ type: Number }) height = 128;
  @state() private bin = -1;
  private width = 0;

  protected override render() {
    const { kind, layer, now, reference: before } = this;
    const title = KIND_TITLES[kind];
    const heading = html`<explain-figure-title .heading=${title} .help=${KIND_HELP[kind]}></explain-figure-title>`;
    const spread = now.spreads[kind];
    if (spread === undefined) return html`<div class="row">${heading}</div>${skeleton(this.height)}`;
    if (spread instanceof Error) return problem(spread, () => this.dispatchEvent(new Event("again")));
    const shown = spread && compared(kind, now, before);
    if (!shown) return html`<div class="row">${heading}<span class="faint">${missing(kind, layer)}</span></div>`;
    const colours = palette();
    const fill = mix(this.colour, colours.bg, 0.5);
    const draw: Draw = (context, { width, height }) =>
      drawHistogram(context, shown.grid, shown.now, shown.before, { width, height, fill, palette: colours });
    const values = total(shown.now);
    const counted = values > 0 ? `${thousands(values)} values` : "no finite values";
    const unit = kind === "gradient" ? "log₁₀ |∂L/∂w|" : counted;
    const told =
      this.bin >= 0 && this.bin < shown.grid.bins ? saidOfBin(shown, this.bin) : said(kind, layer, now, before);
    return html`<section>
      <div class="row"><div class="words spread">${heading}<span class="faint clip" title=${`${unit}, ${counted}`}>${unit}</span></div>
        ${figureMenu(`${title} of ${layer.name}`, () => momentsTable(shown.grid, shown.now, shown.before), { tight: true })}
        <span class="faint said">${told}</span></div>
      <div class="plot" @pointermove=${(event: PointerEvent) => this.point(event, shown.grid.bins)} @pointerleave=${() => this.point()}>
        <explain-canvas style=${`height:${this.height}px`} .draw=${draw} label=${`${title} of ${layer.name}: ${counted}. ${told}`}></explain-canvas>
        ${this.bin >= 0 ? this.renderBin(shown.grid.bins) : nothing}
      </div>
    </section>`;
  }

  private point(event?: PointerEvent, bins = 0): void {
    const box = event && (event.currentTarget as Element).getBoundingClientRect();
    this.width = box?.width ?? 0;
    this.bin = event && box ? binAt(event.clientX - box.left, bins, box.width) : -1;
  }

  private renderBin(bins: number) {
    const [left, right] = binEdges(this.bin, bins, this.width);
    return html`<i style=${`left:${left}px;width:${right - left}px`}></i>`;
  }
}

function missing(kind: Kind, layer: ManifestLayer): string {
  if (kind === "activation") return "not logged";
  if (callOf(layer.name)[1]) return "those of its first call";
  return Number(layer.parameters) > 0 ? "not logged: no trainable weights, or no loss" : "a layer without weights";
}

/** "−.5 … −.25: 1204, was 980" */
function saidOfBin({ grid, now, before }: Compared, bin: number): string {
  const [low, high] = binEnds(grid, bin).map(tick);
  const was = before ? `, was ${thousands(Math.round(before[bin]))}` : "";
  return `${low} … ${high}: ${thousands(now[bin])}${was}`;
}

/** The figure that goes with a histogram, at the reference and now: "norm 1.2 → 3.4". */
export function said(
  kind: Kind,
  layer: Pick<ManifestLayer, "activation">,
  now: Moment,
  before: Moment | undefined,
): string {
  const change = (name: string, which: Health, text: (value: number, how?: { unit: boolean }) => string) => {
    const at = (moment: Moment | undefined) =>
      moment?.health ? healthAt(moment.health, which, nearestIndex(moment.health.steps, moment.step)) : Number.NaN;
    const [value, old] = [at(now), at(before)];
    if (!Number.isFinite(value)) return "";
    const same = before?.health === now.health && before?.step === now.step;
    return `${name} ${Number.isFinite(old) && !same ? `${text(old, { unit: false })} → ` : ""}${text(value)}`;
  };
  if (kind === "gradient") return change("norm", "gradient", figure);
  if (kind === "weight") return change("norm", "weight", figure);
  return change(beyond(layer).trim() || "saturated", "saturated", percent) || change("dead", "dead", percent);
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-layer-spread": LayerSpread;
  }
}
