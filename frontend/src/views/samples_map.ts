/** One sample by epoch, a row a feature: a text's tokens in order, a table's columns that were ever strongest. */
import { css, html } from "lit";
import type { ManifestInput } from "../api";
import { strongest } from "../charts/bars";
import { textLength } from "../charts/tokens";
import "../elements/epoch_map";
import type { LoggedSample } from "../elements/sample_thumb";
import { skeleton } from "../elements/states";
import { signed } from "../format";
import { stepName } from "../state";
import { loggedSample } from "./samples_card";
import type { Picture } from "./samples_data";
import type { Film } from "./samples_film";
import { type SampleRow, sampleOf } from "./samples_model";
import { sampleFeatures } from "./samples_moved";

const ROWS = 12;
const ROW_HEIGHT = 18;

export const mapStyles = css`
  .strip { display: grid; grid-template-columns: minmax(56px, 112px) minmax(0, 1fr) 48px; gap: 0 8px; text-align: right; }
  .strip span { display: block; line-height: 18px; }
`;

/** Rows of a table's strongest columns, or of all tokens, by epoch. */
export function epochRows(picture: Picture, row: SampleRow, input: ManifestInput, film: Film) {
  const logged = loggedSample(picture, input, row.index);
  const features = sampleFeatures(picture, input, row.index, logged);
  if (!features) return skeleton(ROWS * ROW_HEIGHT);
  const columns = film.frames.map(({ values }) => values[input.name] && sampleOf(values[input.name], row.index));
  const shown =
    input.kind === "text" ? tokens(logged, features.now.length) : strongestEver(columns, features.now.length);
  const values = shown.flatMap((position) => columns.map((column) => column?.[position] ?? Number.NaN));
  const describe = (at: number, column: number): [string, string] => [
    features.names[shown[at]],
    `${signed(values[at * columns.length + column])} at ${stepName(film.steps[column], picture.steps)}`,
  ];
  return html`<div class="strip">
    <div class="names">${shown.map((position) => html`<span class="clip" title=${features.names[position]}>${features.names[position]}</span>`)}</div>
    <explain-epoch-map axis signed .steps=${film.steps} .values=${values} .rows=${shown.length} .rowHeight=${ROW_HEIGHT}
      .limit=${picture.limit} .describe=${describe} label=${`attribution of sample ${row.name} by epoch`}></explain-epoch-map>
    <div class="values">${shown.map((position) => html`<span>${signed(features.now[position])}</span>`)}</div>
  </div>`;
}

/** Positions of a text's tokens, its padding left out. */
const tokens = (logged: LoggedSample | undefined, count: number): number[] =>
  Array.from({ length: logged ? textLength(logged.data) : count }, (_, i) => i);

/** Positions of the columns that weighed most at any of the steps, the strongest first. */
export function strongestEver(steps: readonly (ArrayLike<number> | undefined)[], count: number): number[] {
  const peak = Float32Array.from({ length: count }, (_, i) =>
    steps.reduce((most, values) => Math.max(most, Math.abs(values?.[i] ?? 0) || 0), 0),
  );
  return strongest(peak, undefined, ROWS).bars.map(({ index }) => index);
}
