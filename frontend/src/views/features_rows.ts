/** The columns of the features' table that follow the cursor: share now with its error, signed mean, rank, and what each method says. */
import { css, html, nothing, unsafeCSS } from "lit";
import type { Series } from "../api";
import { drawShareBar, drawSignedBar } from "../charts/bars";
import { scaleOf } from "../charts/color";
import { nearestIndex } from "../charts/epoch_axis";
import { roundUp } from "../charts/marks";
import { drawAgreement, drawMethodMark } from "../charts/ranks";
import type { CanvasSize, Draw } from "../elements/canvas";
import "../elements/canvas";
import { percent, points, signed } from "../format";
import { methodTitle, shortMethod } from "../methods";
import { focusRun, store } from "../state";
import { palette, paletteOf, runColour } from "../theme";
import { type FeatureTable, highest, maximum } from "./features_model";
import { momentsOf } from "./features_moment";
import type { Mode } from "./features_shown";
import { beyondNoise, gapAt, gapText } from "./training_gap";

/** CSS pixels. */
export const ROW = 24;

export const columnStyles = css`
  .column { position: relative; display: flex; gap: 8px; contain: layout paint; }
  .column explain-canvas { flex: 1; min-width: 0; }
  .numbers { flex: none; min-width: 32px; text-align: right; line-height: ${unsafeCSS(ROW)}px; }
  .numbers span { display: block; height: ${unsafeCSS(ROW)}px; white-space: nowrap; }
  .numbers .selected { font-weight: 600; }
  .gaps { color: var(--ink3); justify-content: flex-end; }
  .gaps .beyond { color: var(--ink); font-weight: 600; }
  .marks { display: flex; flex-wrap: wrap; gap: 0 8px; font-size: 11px; color: var(--ink3); }
  .marks span { display: inline-flex; align-items: center; gap: 2px; white-space: nowrap; }
  .marks explain-canvas { width: 12px; height: 12px; }
`;

export interface FeatureRows {
  table: FeatureTable;
  /** The table and those of the methods that know the same features; one where there is no room for more. */
  methods: readonly FeatureTable[];
  /** The table over training samples, where shares are shown. */
  training: FeatureTable | undefined;
  /** Tables of the run that this one is held against. */
  others: readonly FeatureTable[];
  mode: Mode;
  /** Indices of the features, in order. */
  shown: readonly number[];
  /** How many the search found. */
  found: number;
  /** Index of the selected feature; −1 for none. */
  selected: number;
  axes: Axes;
  /** Declared cells that the rows lie in, and their share as it was logged: [share, its error] a step. */
  region: { name: string; share: Series } | undefined;
}

/** What the ends of the columns' axes stand for: the same at all epochs. */
export interface Axes {
  share: number;
  mean: number;
  methods: number;
}

/** Of the epochs' highest shares so many lie within an axis; a single wild epoch does not flatten all others. */
const HELD = 0.95;

function shareAxis(tables: readonly FeatureTable[]): number {
  const peaks = tables.flatMap((table) => Array.from(highest(table))).sort((a, b) => a - b);
  return roundUp(peaks[Math.ceil(HELD * (peaks.length - 1))] ?? 0);
}

export const axesOf = (
  table: FeatureTable,
  training: FeatureTable | undefined,
  methods: readonly FeatureTable[],
): Axes => ({
  share: shareAxis(training ? [table, training] : [table]),
  mean: maximum(table.signedMean),
  methods: shareAxis(methods),
});

/** The colour of the focus run, for what is selected. */
export const selectedColour = (): string => runColour(focusRun(store.state)?.index ?? 0);

/** Colours of the methods' marks: ink for the first, then two that no run of the first three has. */
const METHOD_COLOURS = [false, true].map((dark) => [paletteOf(dark).ink, "#9334e6", "#e8710a", "#7cb342"]);
export const methodColours = (dark = store.state.dark): readonly string[] => METHOD_COLOURS[dark ? 1 : 0];

const at = (table: FeatureTable, matrix: Float32Array, feature: number, column: number): number =>
  column < 0 ? Number.NaN : matrix[feature * table.steps.length + column];

/** One picture of a row each: `draw` has its corner at the row's. */
const stacked =
  (
    features: readonly number[],
    draw: (context: CanvasRenderingContext2D, feature: number, size: CanvasSize, row: number) => void,
  ): Draw =>
  (context, size) =>
    features.forEach((feature, row) => {
      context.save();
      context.translate(0, row * ROW);
      draw(context, feature, { ...size, height: ROW }, row);
      context.restore();
    });

/** The columns of some of the rows at the cursor. */
export function columnsNow(rows: FeatureRows, features: readonly number[]) {
  const { table, others, mode, training, methods } = rows;
  const { now, before } = momentsOf(store.state, table, others);
  const old = (matrix: (of: FeatureTable) => Float32Array, feature: number) =>
    at(before.table, matrix(before.table), feature, before.column);
  const numbers = (text: (feature: number) => string) =>
    html`<div class="numbers">${features.map((feature) => html`<span class=${feature === rows.selected ? "selected" : ""}>${text(feature)}</span>`)}</div>`;
  if (mode === "rank") {
    const text = (feature: number) =>
      rankText(
        at(table, table.rank, feature, now),
        old(({ rank }) => rank, feature),
      );
    return html`<div class="column">${numbers(text)}</div>${methods.length > 1 ? methodsColumn(rows, features, now) : nothing}`;
  }
  const colours = palette();
  if (mode === "mean") {
    const scale = scaleOf(true, colours.theme);
    const bars = stacked(features, (context, feature, size) =>
      drawSignedBar(
        context,
        at(table, table.signedMean, feature, now),
        old(({ signedMean }) => signedMean, feature),
        {
          ...size,
          limit: rows.axes.mean,
          scale,
          palette: colours,
        },
      ),
    );
    return html`<div class="column"><explain-canvas .draw=${bars}></explain-canvas>${numbers((feature) => signed(at(table, table.signedMean, feature, now)))}</div>
      ${methods.length > 1 ? methodsColumn(rows, features, now) : nothing}`;
  }
  const gaps = training && features.map((feature) => gapAt(table, training, feature, table.steps[now]));
  const chosen = selectedColour();
  const bars = stacked(features, (context, feature, size, row) => {
    const [share, error] = [table.share, table.standardError].map((matrix) => at(table, matrix, feature, now));
    drawShareBar(
      context,
      share,
      error,
      old((of) => of.share, feature),
      {
        ...size,
        limit: rows.axes.share,
        color: feature === rows.selected ? chosen : colours.line2,
        palette: colours,
        beside: gaps?.[row].training ?? Number.NaN,
      },
    );
  });
  return html`
    <div class="column"><explain-canvas .draw=${bars}></explain-canvas>${numbers((feature) => percent(at(table, table.share, feature, now), { unit: false }))}</div>
    ${
      gaps
        ? html`<div class="column gaps"><div class="numbers">${gaps.map(
            (gap) =>
              html`<span class="gap ${beyondNoise(gap) ? "beyond" : ""}" title=${gapText(gap)}>${points(gap.gap)}</span>`,
          )}</div></div>`
        : nothing
    }
    ${methods.length > 1 ? methodsColumn(rows, features, now) : nothing}`;
}

const rankText = (rank: number, old: number): string =>
  Number.isNaN(rank) ? "–" : Number.isNaN(old) || old === rank ? String(rank) : `${old} → ${rank}`;

/** Shares by each method at its measured step nearest to the cursor's. */
function methodsColumn({ table, methods, axes }: FeatureRows, features: readonly number[], now: number) {
  const columns = methods.map(({ steps }) => nearestIndex(steps, table.steps[now] ?? 0));
  const options = { limit: axes.methods, colors: methodColours(), palette: palette() };
  const draw = stacked(features, (context, feature, size) => {
    const marks = methods.map((of, i) => ({
      share: at(of, of.share, feature, columns[i]),
      standardError: at(of, of.standardError, feature, columns[i]),
    }));
    drawAgreement(context, marks, { ...size, ...options });
  });
  return html`<div class="column"><explain-canvas .draw=${draw}></explain-canvas></div>`;
}

/** The marks of the methods by their names. */
export function methodMarks(methods: readonly FeatureTable[]) {
  const colours = methodColours();
  const mark =
    (i: number): Draw =>
    (context, { width, height }) =>
      drawMethodMark(context, i, width / 2, height / 2, colours[i % colours.length], palette());
  return html`<span class="marks">${methods.map(
    ({ method }, i) =>
      html`<span title=${methodTitle(method)}><explain-canvas .draw=${mark(i)}></explain-canvas>${shortMethod(method)}</span>`,
  )}</span>`;
}
