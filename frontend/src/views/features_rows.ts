/** The columns of the features' table: share now with its error, signed mean, rank, and what each method says. */
import { css, html } from "lit";
import { drawShareBar, drawSignedBar } from "../charts/bars";
import { scaleOf } from "../charts/color";
import { nearestIndex } from "../charts/epoch_axis";
import { drawAgreement, drawMethodMark } from "../charts/ranks";
import type { Draw } from "../elements/canvas";
import "../elements/canvas";
import { percent, points, signed } from "../format";
import { methodTitle, shortMethod } from "../methods";
import { focusRun, store } from "../state";
import { palette, paletteOf, runColour } from "../theme";
import { type FeatureTable, featureRow } from "./features_model";
import { beyondNoise, type Gap, gapText } from "./training_gap";

export const featureRowStyles = css`
  .columns { display: grid; grid-template-columns: minmax(96px, 168px) minmax(120px, 1fr) 136px; column-gap: 16px; }
  .columns.compared { grid-template-columns: minmax(96px, 160px) minmax(120px, 1fr) 128px 148px; }
  .columns.trained { grid-template-columns: minmax(96px, 168px) minmax(96px, 1fr) 136px 56px; }
  .columns.compared.trained { grid-template-columns: minmax(96px, 160px) minmax(104px, 1fr) 128px 56px 132px; }
  .heads explain-figure-title { font-size: 12px; line-height: 16px; }
  .cell.gap { justify-content: flex-end; color: var(--ink3); font-weight: 400; }
  .cell.gap.beyond { color: var(--ink); font-weight: 600; }
  .heads, .axes { position: sticky; z-index: 1; background: var(--bg); margin-left: -8px; padding-left: 8px; }
  .heads { top: 0; padding-top: 4px; padding-bottom: 8px; align-items: end; }
  .axes { bottom: 0; }
  .heads .faint { white-space: nowrap; }
  .ends { display: flex; justify-content: space-between; padding-top: 4px; }
  .ends.before-figures { margin-right: 40px; }
  .name { display: block; width: calc(100% + 8px); height: 24px; padding: 0 0 0 8px; margin-left: -8px; border: 0; background: none; text-align: left; font: inherit; color: inherit; cursor: pointer; }
  .name[aria-selected="true"] { background: var(--focus-bg); box-shadow: inset 2px 0 0 var(--accent), 16px 0 0 var(--focus-bg); font-weight: 600; }
  .name:focus-visible { outline-offset: -2px; }
  .cell { display: flex; align-items: center; gap: 8px; height: 24px; }
  .cell.selected { background: var(--focus-bg); box-shadow: -16px 0 0 var(--focus-bg); font-weight: 600; }
  .cell explain-canvas { flex: 1; height: 24px; }
  .cell .number { flex: none; min-width: 32px; text-align: right; }
  .marks { display: flex; flex-wrap: wrap; gap: 0 8px; font-size: 11px; color: var(--ink3); }
  .marks span { display: inline-flex; align-items: center; gap: 2px; white-space: nowrap; }
  .marks explain-canvas { width: 12px; height: 12px; }
`;

const at = (table: FeatureTable, matrix: Float32Array, feature: number, column: number): number =>
  column < 0 ? Number.NaN : featureRow(table, matrix, feature)[column];

/** Where shares are held against: a step of the same run's table or of another's; column −1 for none. */
export interface Moment {
  table: FeatureTable;
  column: number;
  /** "epoch 19", "cnn-wide, epoch 31" */
  name: string;
}

/** The colour of the focus run, for what is selected. */
export const selectedColour = (): string => runColour(focusRun(store.state)?.index ?? 0);

/** Colours of the methods' marks: ink for the first, then two that no run of the first three has. */
const METHOD_COLOURS = [false, true].map((dark) => [paletteOf(dark).ink, "#9334e6", "#e8710a", "#7cb342"]);
export const methodColours = (dark = store.state.dark): readonly string[] => METHOD_COLOURS[dark ? 1 : 0];

export function shareCell(
  table: FeatureTable,
  feature: number,
  now: number,
  before: Moment,
  limit: number,
  selected: boolean,
  beside: number,
) {
  const share = at(table, table.share, feature, now);
  const error = at(table, table.standardError, feature, now);
  const reference = at(before.table, before.table.share, feature, before.column);
  const draw: Draw = (context, { width, height }) =>
    drawShareBar(context, share, error, reference, {
      width,
      height,
      limit,
      color: selected ? selectedColour() : palette().line2,
      palette: palette(),
      beside,
    });
  return html`<div class="cell ${selected ? "selected" : ""}">
    <explain-canvas .draw=${draw}></explain-canvas><span class="number">${percent(share, { unit: false })}</span>
  </div>`;
}

export function meanCell(
  table: FeatureTable,
  feature: number,
  now: number,
  before: Moment,
  limit: number,
  selected: boolean,
) {
  const value = at(table, table.signedMean, feature, now);
  const reference = at(before.table, before.table.signedMean, feature, before.column);
  const draw: Draw = (context, { width, height }) =>
    drawSignedBar(context, value, reference, {
      width,
      height,
      limit,
      scale: scaleOf(true, palette().theme),
      palette: palette(),
    });
  return html`<div class="cell ${selected ? "selected" : ""}">
    <explain-canvas .draw=${draw}></explain-canvas><span class="number">${signed(value)}</span>
  </div>`;
}

export function rankCell(table: FeatureTable, feature: number, now: number, before: Moment, selected: boolean) {
  const [rank, old] = [
    at(table, table.rank, feature, now),
    at(before.table, before.table.rank, feature, before.column),
  ];
  const text = Number.isNaN(old) || old === rank ? String(rank) : `${old} → ${rank}`;
  return html`<div class="cell ${selected ? "selected" : ""}"><span class="number">${Number.isNaN(rank) ? "–" : text}</span></div>`;
}

/** How much more of the attribution it has over training samples. */
export const gapCell = (gap: Gap, selected: boolean) =>
  html`<div class="cell gap ${selected ? "selected" : ""} ${beyondNoise(gap) ? "beyond" : ""}" title=${gapText(gap)}>${points(gap.gap)}</div>`;

export function agreementHead(methods: readonly FeatureTable[]) {
  const colours = methodColours();
  const mark =
    (i: number): Draw =>
    (context, { width, height }) =>
      drawMethodMark(context, i, width / 2, height / 2, colours[i % colours.length], palette());
  return html`<span><b>Methods agree?</b>
    <span class="marks">${methods.map(
      ({ method }, i) =>
        html`<span title=${methodTitle(method)}><explain-canvas .draw=${mark(i)}></explain-canvas>${shortMethod(method)}</span>`,
    )}</span>
  </span>`;
}

/** Shares by each method at the measured step nearest to `step`. */
export function agreementCell(
  methods: readonly FeatureTable[],
  feature: number,
  step: number,
  limit: number,
  selected: boolean,
) {
  const marks = methods.map((table) => {
    const column = nearestIndex(table.steps, step);
    return {
      share: at(table, table.share, feature, column),
      standardError: at(table, table.standardError, feature, column),
    };
  });
  const draw: Draw = (context, { width, height }) =>
    drawAgreement(context, marks, { width, height, limit, colors: methodColours(), palette: palette() });
  return html`<div class="cell ${selected ? "selected" : ""}"><explain-canvas .draw=${draw}></explain-canvas></div>`;
}
