/** Which cells, columns or tokens of one sample moved most, or weigh most: names, signed bars, values. */
import { css, html } from "lit";
import type { ManifestInput } from "../api";
import { drawSignedBar, strongest } from "../charts/bars";
import { scaleOf } from "../charts/color";
import { regionSums } from "../charts/overlay";
import type { Draw } from "../elements/canvas";
import { cellsOf, type LoggedSample, tokenText } from "../elements/sample_thumb";
import "../elements/canvas";
import { fixed, minus, signed } from "../format";
import { palette } from "../theme";
import { featureNames } from "./feature_names";
import type { Picture } from "./samples_data";
import { sampleOf } from "./samples_model";

export const movedStyles = css`
  .moved { display: grid; grid-template-columns: minmax(48px, 1fr) auto minmax(104px, 1.2fr) auto auto; column-gap: 12px; align-items: center; }
  .moved > * { height: 24px; line-height: 24px; }
  .moved .number { text-align: right; }
  .moved .arms { display: flex; justify-content: space-between; gap: 8px; min-width: 0; }
  .moved .heading { color: var(--ink3); font-size: 11px; }
`;

/** One sample's features: their names, their values now and at the reference, what they were in the input. */
export interface SampleFeatures {
  names: string[];
  now: ArrayLike<number>;
  reference: ArrayLike<number> | undefined;
  /** Standardised over the probe for tables; undefined where it has no meaning. */
  inputs: ArrayLike<number> | undefined;
}

/** Values of column `column` of sample `index`, in standard deviations from the probe's mean. */
export function standardised(data: ArrayLike<number>, features: number, index: number): Float32Array {
  const samples = data.length / features;
  return Float32Array.from({ length: features }, (_, j) => {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < samples; i++) sum += data[i * features + j];
    const mean = sum / samples;
    for (let i = 0; i < samples; i++) squares += (data[i * features + j] - mean) ** 2;
    const deviation = Math.sqrt(squares / samples);
    return deviation > 0 ? (data[index * features + j] - mean) / deviation : Number.NaN;
  });
}

/** An image's features are its regions; a table's its columns; a text's its tokens. */
export function sampleFeatures(
  picture: Picture,
  input: ManifestInput,
  index: number,
  logged: LoggedSample | undefined,
): SampleFeatures | undefined {
  const values = (frame: Picture["now"]) => {
    const array = frame?.values[input.name];
    const own = array && sampleOf(array, index);
    return own && input.kind === "image" ? regionSums(cellsOf(input, own), input.regions) : own;
  };
  const now = values(picture.now);
  if (!now) return undefined;
  const shape = input.kind === "image" ? input.regions : input.cells;
  const table = input.kind === "tabular" ? picture.inputs?.[input.name] : undefined;
  return {
    names:
      input.kind === "text"
        ? Array.from({ length: now.length }, (_, i) => tokenText(input, logged, i))
        : featureNames(input, shape),
    now,
    reference: values(picture.reference),
    inputs: table && standardised(table.data, now.length, index),
  };
}

/** The features sorted by how far they moved (images) or by their weight (tables), and the others' sum. */
export function movedTable(
  features: SampleFeatures,
  by: "change" | "weight",
  count: number,
  ends: readonly [low: string, high: string],
  step: string,
  signedValues: boolean,
) {
  const { names, now, reference, inputs } = features;
  const sorted =
    by === "change" && reference
      ? strongest(
          Float32Array.from(now, (value, i) => value - reference[i]),
          undefined,
          count,
        )
      : strongest(now, reference, count);
  const shown = sorted.bars.map(({ index }) => index);
  const limit = Math.max(
    0,
    ...shown
      .flatMap((i) => [now[i], reference?.[i] ?? 0])
      .filter(Number.isFinite)
      .map(Math.abs),
  );
  const scale = scaleOf(signedValues, palette().theme);
  const bar =
    (i: number): Draw =>
    (context, { width, height }) =>
      drawSignedBar(context, now[i], reference?.[i] ?? Number.NaN, { width, height, limit, scale, palette: palette() });
  const amount = signedValues ? signed : (value: number) => fixed(value);
  const rest = sorted.others.count;
  const others = Array.from(now).reduce((sum, v, i) => (shown.includes(i) || !Number.isFinite(v) ? sum : sum + v), 0);
  return html`<div class="moved">
    <span class="heading"></span>
    <span class="heading number">${inputs ? "value, σ" : ""}</span>
    <span class="heading arms">${signedValues ? html`<span>${ends[0]}</span><span class="clip" title=${ends[1]}>${ends[1]}</span>` : html`<span>0</span><span>strong</span>`}</span>
    <span class="heading number">${step}</span>
    <span class="heading number">${reference ? "change" : ""}</span>
    ${shown.map(
      (i) => html`
        <span class="clip" title=${names[i]}>${names[i]}</span>
        <span class="number quiet">${inputs ? minus(signed(inputs[i], 1)) : ""}</span>
        <explain-canvas .draw=${bar(i)}></explain-canvas>
        <span class="number">${amount(now[i])}</span>
        <span class="number faint">${reference ? signed(now[i] - reference[i]) : ""}</span>`,
    )}
    ${
      rest > 0
        ? html`<span class="faint clip" title="${rest} others together">${rest} others together</span><span></span><span></span>
          <span class="number faint">${amount(others)}</span><span></span>`
        : ""
    }
  </div>`;
}
