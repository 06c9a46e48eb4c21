/**
 * `<explain-layer>`: one layer by epoch: its activations as ridges or heat map, histograms now against the reference, health curves.
 *
 * @property run     the focus run
 * @property layer   as the manifest has it
 * @property health  its health; undefined while on its way
 * @property failed  whether its health cannot be read
 * @property others  the other layers' health, drawn in grey
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Alarm, ManifestLayer, Series } from "../api";
import { sequentialLut } from "../charts/color";
import { nearestIndex } from "../charts/epoch_axis";
import { drawRidges, ridgeHit } from "../charts/ridges";
import type { Draw } from "../elements/canvas";
import { longStepName, placeOf, placesAt, shortStep, stepName } from "../steps";
import "../elements/canvas";
import { controlStyles, segments } from "../elements/controls";
import "../elements/curve_panel";
import "../elements/epoch_map";
import { epochPointer } from "../elements/epoch_pointer";
import { figureMenu } from "../elements/figure_menu";
import { note, problem, skeleton } from "../elements/states";
import { thousands, tick } from "../format";
import { load } from "../loading";
import { memo } from "../memo";
import { drawnReference, isPlace, notDrawn, type Place, placeName, referenceRun, referenceStep } from "../references";
import { type RunEntry, store, Watch } from "../state";
import { base } from "../styles";
import { mix, palette, runColour } from "../theme";
import { histogramTable } from "./figure_tables";
import { healthPanels } from "./layers_curves";
import { KINDS, type LoadedLayer, loadLayer, loadSpreads, type Spread, type Spreads } from "./layers_data";
import { type Moment, spreadPanel } from "./layers_spreads";

const RIDGES_HEIGHT = 480;
const NO_ALARMS: readonly Alarm[] = [];

@customElement("explain-layer")
export class LayerElement extends LitElement {
  static override styles = [
    base,
    controlStyles,
    css`
      :host { display: block; container-type: inline-size; margin-top: 12px; }
      .columns { display: grid; grid-template-columns: minmax(0, 1.4fr) minmax(0, 1fr) minmax(0, 1fr); gap: 32px; }
      @container (max-width: 900px) { .columns { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } .columns > :first-child { grid-row: span 2; } }
      @container (max-width: 560px) { .columns { grid-template-columns: minmax(0, 1fr); } }
      .title { display: flex; align-items: center; gap: 8px; min-height: 28px; }
      .title h2 { flex: 0 1 auto; min-width: 0; }
      .words { display: flex; flex-wrap: wrap; gap: 4px 8px; height: 1lh; overflow: hidden; }
      .title .words { line-height: 20px; }
      .ridges { touch-action: none; cursor: crosshair; }
      .spread-panel { margin-bottom: 24px; }
      .key { display: flex; gap: 16px; align-items: center; min-height: 28px; }
      .key i { display: inline-block; width: 16px; height: 10px; margin-right: 6px; vertical-align: -1px; }
      .key i.dashed { height: 0; border-top: 1.5px dashed var(--ink2); vertical-align: 3px; }
      .said, .key > span { white-space: nowrap; }
      .key > .clip { min-width: 0; }
      explain-curve-panel { margin-bottom: 8px; }
      .map { display: grid; grid-template-columns: 36px minmax(0, 1fr); gap: 8px; }
      .map .ends { display: flex; flex-direction: column; justify-content: space-between; text-align: right; padding-bottom: 20px; }
    `,
  ];

  @property({ attribute: false }) run!: RunEntry;
  @property({ attribute: false }) layer!: ManifestLayer;
  @property({ attribute: false }) health: Series | undefined;
  @property({ type: Boolean }) failed = false;
  @property({ attribute: false }) others: readonly Series[] = [];
  @state() private picture: "ridges" | "map" = "ridges";
  protected watch = new Watch(this, ["epoch", "against", "dark", "visible", "alarms", "revision"]);
  private panels = memo(healthPanels);

  private spreads = load(
    this,
    () => [this.run.run, this.layer.name, store.state.revision] as const,
    async ([run, layer], signal) => ({ of: `${run} ${layer}`, kinds: await loadSpreads(this.run, layer, signal) }),
  );

  /** The layer of the same name in the run that this one is held against. */
  private theirs = load(
    this,
    () => {
      const other = this.otherRun();
      return other ? ([other, this.layer.name, store.state.revision] as const) : null;
    },
    async ([run, layer], signal) => ({ name: layer, ...(await loadLayer(run, layer, signal)) }),
  );

  private otherRun(): RunEntry | undefined {
    const other = referenceRun(store.state);
    return other?.run === this.run.run ? undefined : other;
  }

  /** What is known of the other run's layer; undefined while it is on its way, and where no other run is the reference. */
  private theirLayer(): LoadedLayer | undefined {
    const held = this.theirs.value;
    return held && held.run.run === this.otherRun()?.run && held.name === this.layer.name ? held : undefined;
  }

  protected override render() {
    const held = this.spreads.value;
    const spreads = held?.of === `${this.run.run} ${this.layer.name}` ? held.kinds : undefined;
    const { epoch } = store.state;
    const now: Moment = { spreads, health: this.health, step: epoch ?? Number.NaN };
    const before = this.reference(now);
    const again = () => void this.spreads.run();
    return html`<div class="columns">
      <section>${this.renderEpochs(spreads)}</section>
      <div>${this.renderKey()} ${KINDS.map((kind) => spreadPanel(kind, this.layer.name, now, before, this.colour, again))}</div>
      <div>${this.renderHealth()}</div>
    </div>`;
  }

  /** The layer at the reference: of this run, or of the other one. */
  private reference(now: Moment): Moment | undefined {
    const drawn = drawnReference(store.state);
    if (!drawn) return undefined;
    if (drawn.run.run === this.run.run) return { ...now, step: drawn.step };
    const theirs = this.theirLayer();
    return theirs && { spreads: theirs.spreads, health: theirs.health, step: drawn.step };
  }

  private get colour(): string {
    return runColour(this.run.index);
  }

  private renderEpochs(spreads: Spreads | undefined) {
    const chosen = segments(
      "Picture",
      this.picture,
      [
        { id: "ridges", title: "Ridges" },
        { id: "map", title: "Heat map" },
      ],
      (id) => {
        this.picture = id as "ridges" | "map";
      },
    );
    const unit = this.picture === "ridges" ? "height √count" : "colour √count";
    const spread = spreads?.activation;
    const menu =
      spread && !(spread instanceof Error)
        ? figureMenu(
            `Activations by epoch of ${this.layer.name}`,
            () => histogramTable(spread.grid, placesAt(this.run, spread.steps)),
            { tight: true },
          )
        : nothing;
    const title = html`<div class="title">
      <div class="words spread"><h2 class="clip end-first" title=${this.layer.name}><bdi>${this.layer.name}</bdi></h2>
        <span class="faint">activations by epoch</span><span class="faint">· ${unit}</span></div>${menu}${chosen}
    </div>`;
    if (!spreads) return html`${title}${skeleton(RIDGES_HEIGHT)}`;
    if (spread instanceof Error) return html`${title}${problem(spread, () => void this.spreads.run())}`;
    if (!spread)
      return html`${title}${note("No activations", `${this.run.label} logged no histogram of the activations of this layer.`)}`;
    if (spread.grid.bins === 0)
      return html`${title}${note("No finite activation", "No step has a histogram with counts in it.")}`;
    return html`${title}${this.picture === "ridges" ? this.renderRidges(spread) : this.renderMap(spread)}`;
  }

  private renderRidges({ steps, grid }: Spread) {
    const { epoch } = store.state;
    const reference = referenceStep(store.state);
    const colours = palette();
    const cursor = epoch === null ? -1 : nearestIndex(steps, epoch);
    const names = steps.map((step) => shortStep(this.run, step));
    const draw: Draw = (context, { width, height }) =>
      drawRidges(context, names, grid, {
        width,
        height,
        lut: sequentialLut[colours.theme],
        palette: colours,
        fill: this.colour,
        cursor,
        reference: reference === null ? -1 : nearestIndex(steps, reference),
      });
    const pointer = epochPointer((event) => {
      const { top, height } = (event.currentTarget as Element).getBoundingClientRect();
      return placeOf(this.run, steps[ridgeHit(event.clientY - top, steps.length, height)]);
    });
    return html`<explain-canvas class="ridges" style=${`height:${RIDGES_HEIGHT}px`} .draw=${draw} tabindex="0" role="img"
      aria-label=${`activations of ${this.layer.name} at ${steps.length} steps`}
      @pointerdown=${pointer.down} @pointermove=${pointer.move} @pointerleave=${pointer.leave}></explain-canvas>`;
  }

  private renderMap({ steps, grid }: Spread) {
    const values = new Float32Array(grid.bins * steps.length);
    let limit = 0;
    grid.counts.forEach((counts, column) => {
      counts.forEach((count, bin) => {
        const height = Math.sqrt(count);
        values[(grid.bins - 1 - bin) * steps.length + column] = height;
        limit = Math.max(limit, height);
      });
    });
    const edge = (bin: number) => tick(grid.lower + bin * grid.width);
    const describe = (row: number, column: number): [string, string] => {
      const bin = grid.bins - 1 - row;
      return [
        longStepName(this.run, steps[column]),
        `${thousands(grid.counts[column][bin])} values in ${edge(bin)} … ${edge(bin + 1)}`,
      ];
    };
    return html`<div class="map">
      <div class="ends caption"><span>${edge(grid.bins)}</span><span>${edge(0)}</span></div>
      <explain-epoch-map axis .steps=${steps} .values=${values} .rows=${grid.bins} .rowHeight=${(RIDGES_HEIGHT - 20) / grid.bins} .gap=${0}
        .limit=${limit} .describe=${describe} label=${`activations of ${this.layer.name} by epoch`}></explain-epoch-map>
    </div>`;
  }

  private renderKey() {
    const { epoch } = store.state;
    const drawn = drawnReference(store.state);
    const lacking = this.lacking(drawn);
    const shown = drawn && !lacking && !isPlace(drawn, this.run, epoch ?? Number.NaN) ? placeName(drawn, this.run) : "";
    const scaled = drawn && drawn.run.run !== this.run.run ? ", scaled to as many values" : "";
    const told = lacking || notDrawn(store.state);
    return html`<div class="key">
      <span><i style=${`background:${mix(this.colour, palette().bg, 0.5)}`}></i><b>${epoch === null ? "" : stepName(this.run, epoch)}</b></span>
      ${shown ? html`<span class="quiet clip" title=${shown + scaled}><i class="dashed"></i>${shown}</span>` : nothing}
      ${told ? html`<span class="faint clip" title=${told}>${told}</span>` : nothing}
    </div>`;
  }

  /** Why the other run has nothing to draw, if it has not. */
  private lacking(drawn: Place | null): string {
    const other = this.otherRun();
    if (!other) return "";
    if (!drawn) return `${other.label} explained nothing within half an epoch`;
    if (this.theirs.error) return `${other.label} cannot be read`;
    const theirs = this.theirLayer();
    return theirs && Object.keys(theirs.spreads).length === 0 ? `no ${this.layer.name} in ${other.label}` : "";
  }

  private renderHealth() {
    if (!this.health) return this.failed ? nothing : skeleton(RIDGES_HEIGHT);
    const { alarms, dark } = store.state;
    const theirs = this.theirLayer();
    const panels = this.panels(this.health, this.others, this.layer.name, this.run, theirs, alarms ?? NO_ALARMS, dark);
    const rest = this.others.length;
    const grey = rest > 0 ? `${rest} other layer${rest > 1 ? "s" : ""} grey` : "";
    const pair = theirs?.health ? [theirs.run, this.run] : [];
    const told = [this.layer.name, pair.length ? pair.map(({ label }) => label).join(", ") : "coloured", grey];
    return html`<p class="key faint"><span class="clip" title=${told.filter(Boolean).join(", ")}>${this.layer.name}${
      pair.length ? pair.map(runMark) : " coloured"
    }${grey && `, ${grey}`}</span></p>
      ${panels.map((panel) => html`<explain-curve-panel .panel=${panel}></explain-curve-panel>`)}`;
  }
}

const runMark = (run: RunEntry) =>
  html` <span class="dot" style=${`background:${runColour(run.index)}`}></span> ${run.label}`;

declare global {
  interface HTMLElementTagNameMap {
    "explain-layer": LayerElement;
  }
}
