/** Classes × features: what each column of a table contributes to each class, at the reference and now. */

import { css, html, nothing } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import type { ManifestInput } from "../api";
import { scaleOf } from "../charts/color";
import { tokenShade } from "../charts/tokens";
import { clippedName } from "../elements/clipped_name";
import { fixed, signed as withSign } from "../format";
import { placeName } from "../references";
import { store } from "../state";
import { stepName } from "../steps";
import type { ClassFrames } from "./class_head";
import { type ClassMean, strongestCells } from "./class_means";
import { featureNames } from "./feature_names";
import { meansLimit, meansOf } from "./features_class_maps";

const STRONGEST = 20;
/** CSS pixels of a class's column, and of all that stands beside the columns: names, the gap, the page's edge. */
const [COLUMN, BESIDE] = [74, 320];

/** How many classes have room, each with a column at the reference and one now. */
export const columnsWithin = (width: number): number => Math.max(1, Math.floor((width - BESIDE) / (2 * COLUMN)));

export const tableStyles = css`
  .means { overflow-x: auto; }
  .means table { border-collapse: separate; border-spacing: 2px 1px; }
  .means th { font-weight: 500; text-align: right; padding: 0 4px; }
  .means th.feature { text-align: left; font-weight: 400; padding: 0 12px 0 0; }
  .means th.feature div { display: flex; width: clamp(96px, 16vw, 240px); }
  .means th.when { color: var(--ink2); text-align: left; }
  .means td.gap { min-width: 24px; width: 24px; padding: 0; }
  .means th .clip { display: block; width: 72px; }
  .means td { min-width: 72px; height: 22px; padding: 0 6px; text-align: right; border-radius: 3px; }
  .means .within { opacity: 0.72; }
  .means .hatched { background: repeating-linear-gradient(135deg, var(--line2) 0 1px, var(--sunk) 1px 4px); }
  .means .count { color: var(--ink3); font-weight: 400; font-size: 11px; }
`;

export function classTable(frames: ClassFrames, input: ManifestInput) {
  const { picture, classes } = frames;
  const means = meansOf(frames, input);
  const limit = meansLimit(means);
  const cells = strongestCells(means.rested, STRONGEST);
  const names = featureNames(input, input.cells);
  const { referenceAt, run } = picture;
  const blocks = [
    ...(referenceAt && means.before.length ? [{ of: means.before, when: placeName(referenceAt, run) }] : []),
    { of: means.now, when: stepName(run, picture.nowStep) },
  ];
  const gap = (i: number, cell: unknown) => (i > 0 ? cell : nothing);
  const head = (count: (mean: ClassMean) => string) => (block: (typeof blocks)[number], i: number) =>
    html`${gap(i, html`<td class="gap"></td>`)}${classes.map(
      (own, at) =>
        html`<th scope="col" title=${own.name}><span class="clip">${own.name}</span><span class="count">${block.of[at] ? count(block.of[at]) : ""}</span></th>`,
    )}`;
  return html`<div class="means" tabindex="0" role="region" aria-label="Mean attribution of features by class"><table>
    <thead>
      <tr><td></td>${blocks.map(({ when }, i) => html`${gap(i, html`<td class="gap"></td>`)}<th class="when" scope="colgroup" colspan=${classes.length}>${when}</th>`)}</tr>
      <tr><th class="feature" scope="col">${cells.length < names.length ? `${cells.length} strongest of ${names.length}` : "Feature"}</th>
        ${blocks.map(head(({ count }) => `n ${count}`))}</tr>
    </thead>
    <tbody>${cells.map(
      (cell) => html`<tr>
        <th class="feature" scope="row" title=${names[cell]}><div>${clippedName(names[cell])}</div></th>
        ${blocks.map(({ of }, i) => html`${gap(i, html`<td class="gap"></td>`)}${classes.map((_, at) => meanCell(of[at], cell, limit, picture.signed))}`)}
      </tr>`,
    )}</tbody>
  </table></div>`;
}

function meanCell(mean: ClassMean | undefined, cell: number, limit: number, signed: boolean) {
  const [value, error] = [mean?.mean[cell] ?? Number.NaN, mean?.standardError[cell] ?? Number.NaN];
  const shade = tokenShade(value, limit, scaleOf(signed, store.state.dark ? "dark" : "light"));
  const within = Math.abs(value) <= 2 * error;
  const text = (signed ? withSign : fixed)(value);
  return html`<td class=${shade.hatched ? "hatched" : within ? "within" : ""} style=${styleMap({ backgroundColor: shade.background, color: shade.ink })}
    title=${Number.isFinite(error) ? `${text} ± ${fixed(2 * error)}` : text}>${text}</td>`;
}
