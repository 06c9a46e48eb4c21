/**
 * `<explain-layer-units>`: what units of a layer answer most strongly to: a filmstrip a unit over the epochs, and how strongly.
 *
 * @property run       the focus run
 * @property manifest  its manifest
 * @property layer     as the manifest has it
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { getMaximized, type Manifest, type ManifestInput, type ManifestLayer } from "../api";
import { scaleOf } from "../charts/color";
import { inputPixels, overlayPixels } from "../charts/overlay";
import { scratchPixels } from "../elements/canvas";
import { controlStyles, picker } from "../elements/controls";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import "../elements/picture_grid";
import type { Cell, Paint } from "../elements/picture_grid";
import { note, problem, skeleton } from "../elements/states";
import { capital, figure } from "../format";
import type { Maximized } from "../layer_frames";
import { load } from "../loading";
import { memo } from "../memo";
import { setReference } from "../references";
import { type RunEntry, setEpoch, store, Watch } from "../state";
import { shortStep, stepName } from "../steps";
import { base } from "../styles";
import { findTag } from "../tags";
import { paletteOf } from "../theme";
import { cursorFrames } from "./layers_frames";
import { whenStyles, whenText } from "./layers_moments";
import { UNITS_HELP } from "./layers_pictures_help";
import {
  asColours,
  filmWith,
  loadFilm,
  reachedText,
  type UnitFilm,
  unitIn,
  unitName,
  unitsTable,
} from "./layers_units_model";
import "./layers_units_values";
import { loggedInputs } from "./samples_data";
import { sampleOf } from "./samples_model";

/** CSS pixels of a picture at most, and of the units' names. */
const [LARGEST, BESIDE] = [80, 128];

/** What the numbers are that gradient ascent moves. */
const HOW: Record<string, string> = { fourier: "Fourier space" };

@customElement("explain-layer-units")
export class LayerUnits extends LitElement {
  static override styles = [
    base,
    controlStyles,
    whenStyles,
    css`
      :host { display: block; }
      .row { flex-wrap: wrap; min-height: 28px; margin-bottom: 8px; }
      .when { flex: 1; }
      .units { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; margin-bottom: 8px; }
    `,
  ];

  @property({ attribute: false }) run!: RunEntry;
  @property({ attribute: false }) manifest!: Manifest;
  @property({ attribute: false }) layer!: ManifestLayer;
  /** The unit whose values are shown, where these are no images. */
  @state() private unit: number | undefined;
  protected watch = new Watch(this, ["epoch", "resting", "against", "dark", "visible", "revision"]);

  private frames = cursorFrames(this, () => ["maximized", this.layer.name], getMaximized);
  private inputs = loggedInputs(this, () => this.run);
  private film = load(
    this,
    () => {
      const tag = findTag(this.run, "maximized", this.layer.name);
      return tag ? ([this.run, tag] as const) : null;
    },
    async ([run, tag], signal) => ({ of: `${run.run} ${tag}`, film: await loadFilm(run, tag, signal) }),
  );
  private shown = memo((film: UnitFilm, step: number, frame: Maximized) => filmWith(film, { step, frame }));
  private paint = memo(paintOf);

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.get("layer")) this.unit = undefined;
  }

  protected override render() {
    const { frames } = this;
    const held = frames.now;
    const title = html`<explain-figure-title heading="What units look for" .help=${UNITS_HELP}></explain-figure-title>`;
    const error = frames.error ?? this.film.error;
    const again = () => {
      frames.again();
      if (this.film.error) void this.film.run();
    };
    if (error) return html`${title}${problem(error, again)}`;
    if (frames.early)
      return html`${title}${note("Not yet at this epoch", "The layer\u2019s units were first looked at at a later one.")}`;
    const film = held && this.film.value?.of === `${this.run.run} ${held.tag}` ? this.film.value.film : undefined;
    if (!held || !film) return html`${title}${skeleton(640)}`;
    const shown = this.shown(film, held.step, held.frame);
    const { parameterization, values } = held.frame;
    const isImage = (name: string) => this.manifest.inputs.some((one) => one.name === name && one.kind === "image");
    const how =
      parameterization && Object.keys(values).some(isImage)
        ? `optimized in ${HOW[parameterization] ?? parameterization}`
        : "";
    return html`<section>
      <div class="row">${title}<span class="faint">${how}</span>${whenText(held, frames.reference)}
        ${figureMenu(`Units of ${this.layer.name}`, () => unitsTable(shown, this.run, this.manifest))}</div>
      ${Object.keys(values).map((name) => {
        const input = this.manifest.inputs.find((one) => one.name === name);
        return input?.kind === "image"
          ? this.renderStrips(held.frame, shown, input)
          : this.renderValues(held.frame, frames.reference?.frame, shown, input);
      })}
    </section>`;
  }

  private renderStrips(now: Maximized, film: UnitFilm, input: ManifestInput) {
    const [, height, width] = now.values[input.name].shape;
    const frames = this.frames;
    const own = frames.reference?.run.run === this.run.run ? frames.reference.step : null;
    const heads = film.steps.map((step) => {
      const marks = [step === frames.now?.step ? "cursor" : "", step === own ? "reference" : ""].join(" ");
      return html`<button class=${marks} aria-label=${`go to ${stepName(this.run, step)}`} @click=${(event: MouseEvent) => go(step, event.shiftKey)}>${shortStep(this.run, step)}</button>`;
    });
    const names = now.units.map((_, at) => {
      const name = unitName(now, at, this.manifest);
      return html`<div title=${`${name}: ${reachedText(now, at)}`}><b class="name clip">${name}</b>
        <div class="clip">${figure(now.activation.data[at])} <span class="faint">probe ${figure(now.reference.data[at])}</span></div></div>`;
    });
    const describe = (row: number, column: number) => {
      const at = unitIn(film.frames[column], now.units[row]);
      const heading = `${unitName(now, row, this.manifest)}, ${stepName(this.run, film.steps[column])}`;
      return [heading, at < 0 ? "not logged" : reachedText(film.frames[column], at)] as const;
    };
    return html`<explain-picture-grid .names=${names} .heads=${heads} .paint=${this.paint(film, now.units, input.name, store.state.dark)} .describe=${describe}
      .aspect=${width / height} .most=${LARGEST} .beside=${BESIDE} label=${`What ${now.units.length} units of ${this.layer.name} answer most strongly to, at ${film.steps.length} steps`}
      @cell=${({ detail }: CustomEvent<Cell>) => go(film.steps[detail.column], detail.shift)}></explain-picture-grid>`;
  }

  private renderValues(
    now: Maximized,
    reference: Maximized | undefined,
    film: UnitFilm,
    input: ManifestInput | undefined,
  ) {
    if (!input) return nothing;
    const at = Math.max(0, unitIn(now, this.unit ?? -1));
    const choices = now.units.map((unit, i) => ({ id: String(unit), title: unitName(now, i, this.manifest) }));
    return html`<div class="units">${picker(capital(now.unit), String(now.units[at]), choices, (id) => {
      this.unit = Number(id);
    })}<span class="quiet">${reachedText(now, at)}</span></div>
    <explain-unit-values .run=${this.run} .input=${input} .inputs=${this.inputs.value} .film=${film} .now=${now} .reference=${reference} .unit=${now.units[at]}></explain-unit-values>`;
  }
}

/** Click sets the epoch, Shift-click the reference. */
const go = (step: number, shift: boolean): void => (shift ? setReference(step) : setEpoch(step, { push: true }));

/** Pictures of units whose answer is not finite are hatched. */
function paintOf({ frames }: UnitFilm, units: readonly number[], input: string, dark: boolean): Paint {
  const { theme } = paletteOf(dark);
  return (row, column, width, height) => {
    const frame = frames[column];
    const [at, array] = [unitIn(frame, units[row]), frame.values[input]];
    if (at < 0 || !array) return undefined;
    if (Number.isFinite(frame.activation.data[at])) {
      return inputPixels(asColours(sampleOf(array, at), array.shape.slice(1)), width, height, theme);
    }
    const options = { width, height, scale: scaleOf(false, theme), limit: 1, theme };
    return overlayPixels({ data: [Number.NaN], height: 1, width: 1 }, undefined, options, scratchPixels(width, height));
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-layer-units": LayerUnits;
  }
}
