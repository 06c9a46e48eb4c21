/**
 * `<explain-layer-maps>`: what some channels of a layer answer where, on some samples: a row a channel, a column a sample.
 *
 * @property run       the focus run
 * @property manifest  its manifest
 * @property layer     as the manifest has it
 */
import { css, html, LitElement } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { getMaps, type Inputs, type Manifest, type ManifestInput, type ManifestLayer } from "../api";
import { scaleOf } from "../charts/color";
import { overlayPixels } from "../charts/overlay";
import { controlStyles } from "../elements/controls";
import "../elements/canvas";
import { scratchPixels } from "../elements/canvas";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import "../elements/legend";
import "../elements/picture_grid";
import type { Paint } from "../elements/picture_grid";
import { drawInput, sampleName } from "../elements/sample_strip";
import { imageOf } from "../elements/sample_thumb";
import { note, problem, skeleton } from "../elements/states";
import { figure } from "../format";
import type { ChannelMaps } from "../layer_frames";
import { memo } from "../memo";
import { type RunEntry, store, Watch } from "../state";
import { base } from "../styles";
import { paletteOf } from "../theme";
import { inputOf } from "./layers_attention_model";
import { cursorFrames } from "./layers_frames";
import { CLIP_PERCENTILE, cellAt, hasSign, largest, mapAt, mapLimit, mapsTable } from "./layers_maps_model";
import { type Moment, momentChoice, momentOf, whenStyles, whenText } from "./layers_moments";
import { MAPS_HELP } from "./layers_pictures_help";
import { loggedInputs } from "./samples_data";
import { loggedSample } from "./samples_moments";

/** CSS pixels of a map at most. */
const LARGEST = 104;
const BESIDE = 88;
/** Of maps of sequences, which are drawn less narrow than they are. */
const WIDEST = 6;

@customElement("explain-layer-maps")
export class LayerMaps extends LitElement {
  static override styles = [
    base,
    controlStyles,
    whenStyles,
    css`
      :host { display: block; }
      .row { flex-wrap: wrap; min-height: 28px; margin-bottom: 8px; }
      .when { flex: 1; }
      explain-legend { margin-top: 12px; max-width: 100%; }
    `,
  ];

  @property({ attribute: false }) run!: RunEntry;
  @property({ attribute: false }) manifest!: Manifest;
  @property({ attribute: false }) layer!: ManifestLayer;
  @state() private moment: Moment = "now";
  protected watch = new Watch(this, ["epoch", "resting", "against", "dark", "visible", "revision"]);

  private maps = cursorFrames(this, () => ["maps", this.layer.name], getMaps);
  private inputs = loggedInputs(this, () => this.run);
  private limit = memo(mapLimit);
  private signed = memo(hasSign);
  private paint = memo(paintOf);
  private heads = memo(headsOf);
  private names = memo(({ channels }: ChannelMaps) =>
    channels.map((channel) => html`<div class="clip">channel ${channel}</div>`),
  );

  protected override render() {
    const { maps, manifest } = this;
    const [held, reference] = [maps.now, maps.reference];
    const title = html`<explain-figure-title heading="What channels see" .help=${MAPS_HELP}></explain-figure-title>`;
    if (maps.error) return html`${title}${problem(maps.error, () => maps.again())}`;
    if (maps.early)
      return html`${title}${note("Not yet at this epoch", "The layer\u2019s maps were first logged at a later one.")}`;
    if (!held) return html`${title}${skeleton(640)}`;
    const { frame } = held;
    const { dark } = store.state;
    const moment = momentOf(this.moment, reference);
    const limit = this.limit(frame, reference?.frame);
    const signed = moment === "change" || this.signed(frame, reference?.frame);
    const input = inputOf(manifest, frame.input);
    const [, height, width] = frame.maps.shape;
    const describe = (row: number, column: number, across: number, down: number) => {
      const map = mapAt(frame, reference?.frame, moment, column, row);
      const heading = `channel ${frame.channels[row]}, ${sampleName(manifest, frame.samples[column])}`;
      if (!map) return [heading, "not logged at the reference"] as const;
      const [y, x] = cellAt(map, across, down);
      const value = map.data[y * map.width + x];
      const told = Number.isFinite(value) ? figure(value) : "not finite";
      return [heading, `${told} at row ${y + 1}, column ${x + 1}; largest ${figure(largest(map))}`] as const;
    };
    const shown = `${frame.channels.length} of ${frame.units} channels on ${frame.samples.length} samples`;
    const end = `${figure(limit)}, ${CLIP_PERCENTILE}th percentile`;
    return html`<section>
      <div class="row">${title}<span class="faint">${shown}</span>${whenText(held, reference)}
        ${momentChoice(held, reference, this.moment, (to) => {
          this.moment = to;
        })}
        ${figureMenu(`Channels of ${this.layer.name}`, () => mapsTable(frame, reference?.frame, (sample) => sampleName(manifest, sample)))}</div>
      <explain-picture-grid .names=${this.names(frame)} .heads=${this.heads(frame, manifest, input, this.inputs.value, dark)}
        .paint=${this.paint(frame, reference?.frame, moment, limit, signed, dark)} .describe=${describe} .aspect=${Math.min(WIDEST, Math.max(1 / WIDEST, width / height))} .most=${LARGEST} .beside=${BESIDE}
        label=${`Activation maps of ${this.layer.name}: ${shown}`}></explain-picture-grid>
      <explain-legend ?dark=${dark} ?signed=${signed} low=${signed ? `\u2212${figure(limit)}` : "0"} high=${end}></explain-legend>
    </section>`;
  }
}

function paintOf(
  now: ChannelMaps,
  reference: ChannelMaps | undefined,
  moment: Moment,
  limit: number,
  signed: boolean,
  dark: boolean,
): Paint {
  const { theme } = paletteOf(dark);
  const scale = scaleOf(signed, theme);
  return (row, column, width, height) => {
    const map = mapAt(now, reference, moment, column, row);
    return map && overlayPixels(map, undefined, { width, height, scale, limit, theme }, scratchPixels(width, height));
  };
}

/** Each sample above its column: as it was logged where it is an image, and by its name. */
function headsOf(
  { samples }: ChannelMaps,
  manifest: Manifest,
  input: ManifestInput | undefined,
  inputs: Inputs | undefined,
  dark: boolean,
) {
  return samples.map((sample) => {
    const name = sampleName(manifest, sample);
    const logged = input?.kind === "image" ? loggedSample(inputs, input, sample) : undefined;
    const image = logged && imageOf(logged);
    return html`<div>
      ${image && logged ? html`<explain-canvas style=${styleMap({ aspectRatio: `${image.width} / ${image.height}` })} .draw=${drawInput(logged, dark)} label=${`sample ${name}`}></explain-canvas>` : ""}
      <div class="clip" title=${name}>${name}</div></div>`;
  });
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-layer-maps": LayerMaps;
  }
}
