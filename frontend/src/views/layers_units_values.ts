/**
 * `<explain-unit-values>`: what a unit answers most strongly to where that is no image: its features as bars, now and at the reference, and
 * over the epochs.
 *
 * @property input     as the manifest has it
 * @property inputs    samples as logged: values are told in deviations from their mean; undefined where they are not
 * @property film      frames over the run
 * @property now       the frame that is drawn as now
 * @property reference  its values at the reference; undefined where there are none
 * @property unit      which unit
 */
import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Inputs, ManifestInput } from "../api";
import { drawSignedBar } from "../charts/bars";
import { magnitudeAt, scaleOf } from "../charts/color";
import type { Draw } from "../elements/canvas";
import "../elements/canvas";
import "../elements/epoch_map";
import { signed } from "../format";
import type { Maximized } from "../layer_frames";
import { memo } from "../memo";
import { type RunEntry, store, Watch } from "../state";
import { stepName } from "../steps";
import { base } from "../styles";
import { paletteOf } from "../theme";
import {
  deviations,
  isEmbedded,
  type Spread,
  spreadOver,
  type UnitFilm,
  unitIn,
  unitValues,
  valueNames,
} from "./layers_units_model";
import { strongestEver } from "./samples_map";

const CLIP_PERCENTILE = 99;
const ROW_HEIGHT = 24;

const valuesOf = (
  frame: Maximized | undefined,
  input: ManifestInput,
  unit: number,
  spread: Spread,
): Float32Array | undefined => {
  const [array, at] = [frame?.values[input.name], unitIn(frame, unit)];
  return array && at >= 0 ? deviations(unitValues(input, array, at), spread) : undefined;
};

/** Where bars and colours end: over all units and frames of the film. */
function limitOf({ frames }: UnitFilm, input: ManifestInput, spread: Spread): number {
  const all = frames.flatMap((frame) => frame.units.map((unit) => valuesOf(frame, input, unit, spread) ?? []));
  return magnitudeAt(all, CLIP_PERCENTILE);
}

@customElement("explain-unit-values")
export class UnitValues extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; }
      .rows { display: grid; grid-template-columns: minmax(64px, 176px) minmax(80px, 1fr) 56px minmax(120px, 1.6fr); gap: 0 12px; }
      .rows > .clip, .rows > .number { line-height: ${ROW_HEIGHT}px; }
      .number { text-align: right; }
      explain-canvas { height: ${ROW_HEIGHT}px; }
      explain-epoch-map { grid-column: 4; }
    `,
  ];

  @property({ attribute: false }) run!: RunEntry;
  @property({ attribute: false }) input!: ManifestInput;
  @property({ attribute: false }) inputs: Inputs | undefined;
  @property({ attribute: false }) film!: UnitFilm;
  @property({ attribute: false }) now!: Maximized;
  @property({ attribute: false }) reference: Maximized | undefined;
  @property({ type: Number }) unit = 0;
  protected watch = new Watch(this, ["dark"]);
  private spread = memo(spreadOver);
  private limit = memo(limitOf);
  private columns = memo(({ frames }: UnitFilm, input: ManifestInput, unit: number, spread: Spread) =>
    frames.map((frame) => valuesOf(frame, input, unit, spread)),
  );
  private values = memo((columns: readonly (Float32Array | undefined)[], shown: readonly number[]) =>
    shown.flatMap((feature) => columns.map((column) => column?.[feature] ?? Number.NaN)),
  );
  private strongest = memo(strongestEver);

  protected override render() {
    const { input, now, film, unit, run } = this;
    const array = now.values[input.name];
    if (!array) return html`<p class="faint">Nothing was logged of ${input.name}.</p>`;
    const names = valueNames(input, array);
    const spread = this.spread(this.inputs, input, names.length);
    const columns = this.columns(film, input, unit, spread);
    const shown = this.strongest(columns, names.length);
    const limit = this.limit(film, input, spread);
    const values = this.values(columns, shown);
    const [own, before] = [valuesOf(now, input, unit, spread), valuesOf(this.reference, input, unit, spread)];
    const colours = paletteOf(store.state.dark);
    const scale = scaleOf(true, colours.theme);
    const bar =
      (feature: number): Draw =>
      (context, { width, height }) =>
        drawSignedBar(context, own?.[feature] ?? Number.NaN, before?.[feature] ?? Number.NaN, {
          width,
          height,
          limit,
          scale,
          palette: colours,
        });
    const told = (value: number) => (Number.isFinite(value) ? signed(value) : "not finite");
    const describe = (row: number, column: number) =>
      [
        names[shown[row]],
        `${told(values[row * columns.length + column])} at ${stepName(run, film.steps[column])}`,
      ] as const;
    const unitText = spread
      ? "in deviations from the probe\u2019s mean"
      : isEmbedded(input, array)
        ? "the length of each token\u2019s vector, behind the embedding"
        : "as the input has them";
    const some = shown.length < names.length ? `the ${shown.length} of ${names.length} that were ever farthest, ` : "";
    return html`<p class="caption">${some}${unitText}; scales end at the ${CLIP_PERCENTILE}th percentile, ${limit.toFixed(2)}</p>
      <div class="rows">
        ${shown.map(
          (
            feature,
            row,
          ) => html`<span class="clip" style=${`grid-row: ${row + 1}`} title=${names[feature]}>${names[feature]}</span>
          <explain-canvas style=${`grid-row: ${row + 1}`} .draw=${bar(feature)}></explain-canvas>
          <span class="number" style=${`grid-row: ${row + 1}`}>${own ? told(own[feature]) : "–"}</span>`,
        )}
        <explain-epoch-map axis signed style=${`grid-row: 1 / ${shown.length + 1}`} .steps=${film.steps} .values=${values} .rows=${shown.length}
          .rowHeight=${ROW_HEIGHT} .limit=${limit} .describe=${describe} label=${`${input.name} that the unit answers most strongly to, by epoch`}></explain-epoch-map>
      </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-unit-values": UnitValues;
  }
}
