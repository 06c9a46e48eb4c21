/**
 * `<explain-layer-epochs>`: a layer's histograms of one kind at all epochs, as ridges or as a heat map.
 *
 * @property run     the focus run
 * @property layer   as the manifest has it
 * @property kind    which of its histograms
 * @property spread  the histograms; undefined while on their way, null where they were not logged
 * @property alone   whether no other kind stands beside it: what says which it is stands in the slot
 * @property map     whether they are a heat map
 * @property height  of the picture, CSS pixels
 * @property colour  the run's
 * @fires again  try to read what could not be read
 */
import { css, html, LitElement, nothing, unsafeCSS } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { ManifestLayer } from "../api";
import { sequentialLut } from "../charts/color";
import { nearestIndex } from "../charts/epoch_axis";
import { binEnds, type Grid } from "../charts/histogram";
import {
  drawMarkedRidge,
  drawRidges,
  markBox,
  RIDGES,
  type RidgeMark,
  ridgeBaseline,
  ridgeHit,
} from "../charts/ridges";
import type { Draw } from "../elements/canvas";
import "../elements/canvas";
import "../elements/epoch_map";
import { epochPointer } from "../elements/epoch_pointer";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import { note, problem, skeleton } from "../elements/states";
import { capital, thousands, tick } from "../format";
import { memo } from "../memo";
import { referenceStep } from "../references";
import { type RunEntry, store, Watch } from "../state";
import { longStepName, placeOf, placesAt, shortStep } from "../steps";
import { base } from "../styles";
import { paletteOf } from "../theme";
import { histogramTable } from "./figure_tables";
import { KIND_TITLES, type Kind, type Spread } from "./layers_data";
import { EPOCHS_HELP } from "./layers_help";

/** Below a heat map its epochs are written. */
const TICKS = 20;

/** Heights of all bins at all steps, the highest bin first: what a heat map shows; and the highest of them. */
export function mapOf({ bins, counts }: Grid): { values: Float32Array; limit: number } {
  const values = new Float32Array(bins * counts.length);
  let limit = 0;
  counts.forEach((column, at) => {
    column.forEach((count, bin) => {
      const height = Math.sqrt(count);
      values[(bins - 1 - bin) * counts.length + at] = height;
      limit = Math.max(limit, height);
    });
  });
  return { values, limit };
}

@customElement("explain-layer-epochs")
export class LayerEpochs extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; min-width: 0; }
      .row { flex-wrap: wrap; min-height: 28px; margin-bottom: 4px; }
      .ridges { position: relative; touch-action: none; cursor: crosshair; }
      .ridges explain-canvas { position: absolute; inset: 0; }
      .ridges b { position: absolute; left: 0; width: ${unsafeCSS(RIDGES.left - 6)}px; margin-top: -14px; padding-right: 2px; background: var(--bg); font-size: 11px; font-weight: 600; line-height: 18px; text-align: right; }
      .map { display: grid; grid-template-columns: 36px minmax(0, 1fr); gap: 8px; }
      .map .ends { display: flex; flex-direction: column; justify-content: space-between; text-align: right; padding-bottom: ${TICKS}px; }
    `,
  ];

  @property({ attribute: false }) run!: RunEntry;
  @property({ attribute: false }) layer!: ManifestLayer;
  @property() kind: Kind = "activation";
  @property({ attribute: false }) spread: Spread | Error | null | undefined;
  @property({ type: Boolean }) alone = false;
  @property({ type: Boolean }) map = false;
  @property({ type: Number }) height = 480;
  @property() colour = "";
  protected watch = new Watch(this, ["epoch", "against", "dark", "groups", "hover"]);
  private cells = memo(mapOf);
  private names = memo((run: RunEntry, steps: readonly number[]) => steps.map((step) => shortStep(run, step)));
  /** A function for as long as what it draws: the cursor is not among that. */
  private allRidges = memo((names: readonly string[], grid: Grid, dark: boolean): Draw => {
    const colours = paletteOf(dark);
    return (context, { width, height }) =>
      drawRidges(context, names, grid, { width, height, lut: sequentialLut[colours.theme], palette: colours });
  });

  protected override render() {
    const { kind, layer, spread } = this;
    const title = KIND_TITLES[kind];
    const there = spread && !(spread instanceof Error) && spread.grid.bins > 0 ? spread : undefined;
    const unit = `${kind === "gradient" ? "log₁₀ |∂L/∂w|, " : ""}${this.map ? "colour" : "height"} √count`;
    return html`<section>
      <div class="row">
        <explain-figure-title .heading=${this.alone ? "By epoch" : `${title} by epoch`} .help=${EPOCHS_HELP}></explain-figure-title>
        <span class="faint clip spread" title=${unit}>${unit}</span>
        ${
          there
            ? figureMenu(`${title} by epoch of ${layer.name}`, () =>
                histogramTable(there.grid, placesAt(this.run, there.steps)),
              )
            : nothing
        }
        <slot></slot>
      </div>
      ${there ? (this.map ? this.renderMap(there) : this.renderRidges(there)) : this.renderNone()}
    </section>`;
  }

  /** What stands in the picture's place. */
  private renderNone() {
    const { spread, kind, layer } = this;
    const name = KIND_TITLES[kind].toLowerCase();
    if (spread === undefined) return skeleton(this.height);
    if (spread instanceof Error) return problem(spread, () => this.dispatchEvent(new Event("again")));
    if (spread) return note(`No finite ${name}`, `No step has a histogram of the ${name} with counts in it.`);
    const why = kind === "activation" || Number(layer.parameters) > 0 ? "" : " It has no weights.";
    return note(`No ${name}`, `${this.run.label} logged no histogram of the ${name} of this layer.${why}`);
  }

  private renderRidges({ steps, grid }: Spread) {
    const { epoch, dark, hover } = store.state;
    const reference = referenceStep(store.state);
    const palette = paletteOf(dark);
    const names = this.names(this.run, steps);
    const at = (step: number | null) => (step === null ? -1 : nearestIndex(steps, step));
    const cursor = at(epoch);
    const pointed = hover === null ? -1 : nearestIndex(placesAt(this.run, steps), hover);
    const pointer = epochPointer((event) => {
      const { top, height } = (event.currentTarget as Element).getBoundingClientRect();
      return placeOf(this.run, steps[ridgeHit(event.clientY - top, steps.length, height)]);
    });
    const said = `${capital(KIND_TITLES[this.kind])} of ${this.layer.name} at ${steps.length} steps, a ridge each`;
    return html`<div class="ridges" style=${`height:${this.height}px`} tabindex="0" role="img" aria-label=${said}
      @pointerdown=${pointer.down} @pointermove=${pointer.move} @pointerleave=${pointer.leave}>
      <explain-canvas .draw=${this.allRidges(names, grid, dark)}></explain-canvas>
      ${this.renderMark(grid, cursor, { stroke: palette.cursor, lineWidth: 1.5, fill: this.colour })}
      ${this.renderMark(grid, at(reference) === cursor ? -1 : at(reference), { stroke: palette.ink2, lineWidth: 1.25, dashed: true })}
      ${this.renderMark(grid, pointed === cursor ? -1 : pointed, { stroke: palette.cursor, lineWidth: 1 })}
      ${cursor < 0 ? nothing : html`<b style=${`top:${ridgeBaseline(cursor, steps.length, this.height)}px`}>${names[cursor]}</b>`}
    </div>`;
  }

  private renderMark(grid: Grid, index: number, look: Omit<RidgeMark, "width" | "height">) {
    if (index < 0) return nothing;
    const box = markBox(index, grid.counts.length, this.height);
    const draw: Draw = (context, { width }) =>
      drawMarkedRidge(context, grid, index, { ...look, width, height: this.height });
    return html`<explain-canvas style=${`top:${box.top}px;height:${box.height}px`} .draw=${draw}></explain-canvas>`;
  }

  private renderMap({ steps, grid }: Spread) {
    const { values, limit } = this.cells(grid);
    const [low, high] = [tick(grid.lower), tick(grid.lower + grid.bins * grid.width)];
    const describe = (row: number, column: number): [string, string] => {
      const bin = grid.bins - 1 - row;
      const [from, to] = binEnds(grid, bin).map(tick);
      return [
        longStepName(this.run, steps[column]),
        `${thousands(grid.counts[column][bin])} values in ${from} … ${to}`,
      ];
    };
    return html`<div class="map">
      <div class="ends caption"><span>${high}</span><span>${low}</span></div>
      <explain-epoch-map axis .steps=${steps} .values=${values} .rows=${grid.bins} .rowHeight=${(this.height - TICKS) / grid.bins} .gap=${0}
        .limit=${limit} .describe=${describe} label=${`${KIND_TITLES[this.kind]} of ${this.layer.name} by epoch`}></explain-epoch-map>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-layer-epochs": LayerEpochs;
  }
}
