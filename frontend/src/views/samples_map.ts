/** One sample by epoch, a row a feature: a text's tokens in order, a table's columns that were ever strongest. */

import { css, html, nothing } from "lit";
import type { ManifestInput } from "../api";
import { strongest } from "../charts/bars";
import { stepName } from "../steps";
import "../elements/epoch_map";
import { positionsOf } from "../elements/sample_thumb";
import { skeleton } from "../elements/states";
import { fixed, signed } from "../format";
import { explainsInput, type Picture } from "./samples_data";
import type { Film } from "./samples_film";
import { type SampleRow, sampleOf } from "./samples_model";
import { loggedSample } from "./samples_moments";
import { sampleFeatures } from "./samples_moved";

const ROWS = 12;
const TOKENS = 40;
const ROW_HEIGHT = 18;

export const mapStyles = css`
  .strip { display: grid; grid-template-columns: minmax(56px, 112px) minmax(0, 1fr) 48px; gap: 0 8px; text-align: right; }
  .strip span { display: block; line-height: 18px; }
`;

/** Rows of a table's strongest columns, or of all tokens, by epoch. */
export function epochRows(picture: Picture, row: SampleRow, input: ManifestInput, film: Film) {
  const logged = loggedSample(picture.inputs, input, row.index);
  const features = sampleFeatures(picture, input, row.index, logged);
  if (!features) return explainsInput(picture, input) ? skeleton(ROWS * ROW_HEIGHT) : nothing;
  const columns = film.frames.map(({ values }) => values[input.name] && sampleOf(values[input.name], row.index));
  const shown =
    input.kind === "text"
      ? tokensToShow(positionsOf(input, logged, features.now.length), columns)
      : strongestEver(columns, features.now.length);
  const all = input.kind === "text" ? positionsOf(input, logged, features.now.length).length : features.now.length;
  const values = shown.flatMap((position) => columns.map((column) => column?.[position] ?? Number.NaN));
  const finite = (value: number): string =>
    Number.isFinite(value) ? (picture.signed ? signed(value) : fixed(value)) : "not finite";
  const describe = (at: number, column: number): [string, string] => [
    features.names[shown[at]],
    `${finite(values[at * columns.length + column])} at ${stepName(picture.run, film.steps[column])}`,
  ];
  const strongestOf = `the ${shown.length} of ${all} that ever weighed most`;
  return html`${shown.length < all ? html`<p class="caption">${strongestOf}</p>` : nothing}<div class="strip">
    <div class="names">${shown.map((position) => html`<span class="clip" dir="auto" title=${features.names[position]}>${features.names[position]}</span>`)}</div>
    <explain-epoch-map axis ?signed=${picture.signed} .steps=${film.steps} .values=${values} .rows=${shown.length} .rowHeight=${ROW_HEIGHT}
      .limit=${picture.limits(row.index).cells} .describe=${describe} label=${`attribution of sample ${row.name} by epoch`}></explain-epoch-map>
    <div class="values">${shown.map((position) => html`<span>${Number.isFinite(features.now[position]) ? finite(features.now[position]) : "–"}</span>`)}</div>
  </div>`;
}

const finiteSize = (value = 0): number => (Number.isFinite(value) ? Math.abs(value) : 0);

type Steps = readonly (ArrayLike<number> | undefined)[];

const peakAt = (steps: Steps, position: number): number =>
  steps.reduce((most, values) => Math.max(most, finiteSize(values?.[position])), 0);

/** Positions of the columns that weighed most at any of the steps, the strongest first. */
export function strongestEver(steps: Steps, count: number): number[] {
  const peak = Float32Array.from({ length: count }, (_, i) => peakAt(steps, i));
  return strongest(peak, undefined, ROWS).bars.map(({ index }) => index);
}

/** All positions of a short text; of a long one those that weighed most at any of the steps. In the text's order. */
export function tokensToShow(positions: readonly number[], steps: Steps): number[] {
  if (positions.length <= TOKENS) return [...positions];
  const peaks = Float32Array.from(positions, (position) => peakAt(steps, position));
  const kept = strongest(peaks, undefined, TOKENS).bars.map(({ index }) => positions[index]);
  return kept.sort((a, b) => a - b);
}
