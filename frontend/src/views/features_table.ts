/** The table of features: names, the heat map by epoch, the figures now, what the methods say, and the scale below. */

import { html, nothing } from "lit";
import { columnRange, nearestIndex } from "../charts/epoch_axis";
import { roundUp } from "../charts/marks";
import { longStepName, placesAt, stepName } from "../steps";
import "../elements/epoch_map";
import "../elements/figure_title";
import { epochTicks } from "../elements/epoch_ticks";
import { figureMenu } from "../elements/figure_menu";
import "../elements/legend";
import { capital, percent, signed, tick } from "../format";
import { methodTitle } from "../methods";
import { notDrawn, referenceRun } from "../references";
import { cursorSteps, focusManifest, focusRun, store } from "../state";
import { type FeatureTable, featureColumn, rankShade, remainder, rowsOf } from "./features_model";
import { agreementCell, agreementHead, gapCell, type Moment, meanCell, rankCell, shareCell } from "./features_rows";
import type { Mode } from "./features_tools";
import { sharesTable } from "./figure_tables";
import { gapAt, TRAINING_HELP } from "./training_gap";

export interface FeatureRows {
  table: FeatureTable;
  /** The table and those of the methods that know the same features. */
  methods: readonly FeatureTable[];
  /** The table over training samples. */
  training: FeatureTable | undefined;
  mode: Mode;
  /** Indices of the features, in order. */
  shown: readonly number[];
  /** How many the search found. */
  found: number;
  /** Index of the cursor's step; −1 for none. */
  now: number;
  before: Moment;
  /** Index of the selected feature; −1 for none. */
  selected: number;
  /** Whether there is room for what every method says. */
  roomy: boolean;
  choose(feature: string): void;
}

const ROW = 24;

export function featureRows(rows: FeatureRows) {
  const { table, methods, mode, shown, now, before, selected, roomy, choose } = rows;
  const training = trainingOf(rows);
  const step = table.steps[now];
  const gaps = training && table.names.map((_, feature) => gapAt(table, training, feature, step));
  const picture = pictureOf(table, mode, shown);
  const columns = epochRange(table);
  const limit = roundUp(
    Math.max(
      shareLimit(table, now),
      shareLimit(before.table, before.column),
      ...(gaps ?? []).map((gap) => gap.training || 0),
    ),
  );
  const methodLimit = roundUp(
    Math.max(...methods.map((other) => shareLimit(other, nearestIndex(other.steps, table.steps[now] ?? 0)))),
  );
  const compared = methods.length > 1 && roomy;
  const at = capital(stepName(focusRun(store.state), table.steps[now] ?? 0));
  const grid = gridOf(rows);
  return html`<div class="table">
    <div class="heads ${grid}">
      <b>Feature</b>
      <span><b>${picture.title}</b> <span class="faint">${picture.unit}</span> ${figureMenu(picture.title, () => sharesTable(table, shown, placesAt(focusRun(store.state), table.steps)))}</span>
      <span><b>${at}</b> <span class="faint">${mode === "share" ? "%, ± 2 SE" : mode === "mean" ? "mean" : `of ${table.names.length}`}</span></span>
      ${gaps ? html`<span><explain-figure-title heading="Training" .help=${TRAINING_HELP}></explain-figure-title><span class="faint">points</span></span>` : nothing}
      ${compared ? agreementHead(methods) : nothing}
    </div>
    <div class=${grid}>
      <div role="listbox" aria-label="Features">${shown.map(
        (feature) => html`<button class="name clip" role="option" title=${table.names[feature]}
          tabindex=${feature === (selected < 0 ? shown[0] : selected) ? 0 : -1}
          aria-selected=${feature === selected ? "true" : "false"}
          @click=${() => choose(table.names[feature])}>${table.names[feature]}</button>`,
      )}</div>
      <explain-epoch-map .steps=${table.steps} .values=${picture.values} .rows=${shown.length} .rowHeight=${ROW} .gap=${1}
        ?signed=${mode === "mean"} .limit=${picture.limit} .range=${columns}
        .describe=${(row: number, column: number) => describe(table, shown[row], column)}
        @row=${({ detail }: CustomEvent<number>) => choose(table.names[shown[detail]])}
        label=${`${picture.title} by epoch of ${shown.length} features`}></explain-epoch-map>
      <div>${shown.map((feature) =>
        mode === "share"
          ? shareCell(table, feature, now, before, limit, feature === selected, gaps?.[feature].training ?? Number.NaN)
          : mode === "mean"
            ? meanCell(table, feature, now, before, picture.limit, feature === selected)
            : rankCell(table, feature, now, before, feature === selected),
      )}</div>
      ${gaps ? html`<div>${shown.map((feature) => gapCell(gaps[feature], feature === selected))}</div>` : nothing}
      ${compared ? html`<div>${shown.map((feature) => agreementCell(methods, feature, table.steps[now] ?? 0, methodLimit, feature === selected))}</div>` : nothing}
    </div>
    <div class="axes ${grid}">
      <span></span>${epochTicks(placesAt(focusRun(store.state), table.steps), columns)}
      ${mode === "share" ? ends("before-figures", "0", limit) : mode === "mean" ? ends("before-figures", signed(-picture.limit), signed(picture.limit)) : html`<span></span>`}
      ${gaps ? html`<span></span>` : nothing} ${compared ? ends("", "0", methodLimit) : nothing}
    </div>
  </div>`;
}

/** The table over training samples where there is something to say of it: shares alone are held against each other. */
const trainingOf = ({ training, mode }: FeatureRows): FeatureTable | undefined =>
  mode === "share" ? training : undefined;

const gridOf = (rows: FeatureRows): string =>
  `columns ${rows.methods.length > 1 && rows.roomy ? "compared" : ""} ${trainingOf(rows) ? "trained" : ""}`;

/** What stands at both ends of a column's axis; a share as a number. */
const ends = (kind: string, low: string, high: string | number) =>
  html`<div class="ends caption ${kind}" aria-hidden="true"><span>${low}</span><span>${typeof high === "string" ? high : `${tick(100 * high)}\u202f%`}</span></div>`;

/** What is left out, the colours' scale, and what the marks mean. */
export function featureScale(rows: FeatureRows) {
  const { table, methods, mode, shown, found, now, before } = rows;
  const left = table.names.length - shown.length;
  const known = featureColumn(table, table.share, now).some(Number.isFinite);
  const rest = left > 0 && known ? `${left} more hold ${percent(remainder(table, shown, now))}` : "";
  const mean = mode === "mean";
  const limit = mean ? maximum(table.signedMean) : maximum(table.share);
  const byLoss = focusManifest(store.state)?.methods.filter(({ score }) => score === "loss") ?? [];
  const said = [
    ...(mode !== "rank" && before.column >= 0 ? [`${mode === "share" ? "Dashed" : "Line"}: ${before.name}.`] : []),
    ...(trainingOf(rows) ? [`△: over ${focusManifest(store.state)?.training_samples || ""} training samples.`] : []),
    ...heldAgainst(rows),
    ...byLoss
      .filter(({ name }) => methods.some(({ method }) => method === name))
      .map(({ name }) => `${methodTitle(name)} is by loss.`),
  ];
  return html`<div class="foot ${gridOf(rows)}">
    <span class="faint">${found < table.names.length ? `${found} of ${table.names.length} found` : rest}</span>
    ${
      mode === "rank"
        ? html`<explain-legend ?dark=${store.state.dark} low="last" high="first"></explain-legend>`
        : html`<explain-legend ?dark=${store.state.dark} ?signed=${mean} low=${mean ? signed(-limit) : "0"}
            high=${mean ? signed(limit) : percent(limit)}></explain-legend>`
    }
    <p class="caption">${said.join(" ")}</p>
  </div>`;
}

/** What is to be said of the reference where it is not drawn as it is. */
function heldAgainst({ table, before }: FeatureRows): string[] {
  const other = referenceRun(store.state);
  if (!other || other.run === focusRun(store.state)?.run) {
    const told = notDrawn(store.state);
    return told ? [`${capital(told)}.`] : [];
  }
  return before.column < 0 ? [`${other.label} has no such shares here by ${methodTitle(table.method)}.`] : [];
}

/** Methods explained at other steps share the axis of the cursor. */
function epochRange(table: FeatureTable) {
  const steps = [...new Set([...cursorSteps(store.state), ...table.steps])].sort((a, b) => a - b);
  return columnRange(placesAt(focusRun(store.state), steps));
}

const maximum = (values: Float32Array): number =>
  values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);

function shareLimit(table: FeatureTable, column: number): number {
  const errors = featureColumn(table, table.standardError, column);
  return Math.max(0, ...featureColumn(table, table.share, column).map((share, i) => share + 2 * (errors[i] || 0) || 0));
}

function pictureOf(table: FeatureTable, mode: Mode, shown: readonly number[]) {
  if (mode === "mean") {
    return {
      title: "Signed mean by epoch",
      unit: "",
      values: rowsOf(table, table.signedMean, shown),
      limit: maximum(table.signedMean),
    };
  }
  if (mode === "rank") {
    const values = rankShade(rowsOf(table, table.rank, shown), table.names.length);
    return { title: "Rank by epoch", unit: `of ${table.names.length}`, values, limit: 1 };
  }
  return { title: "Share by epoch", unit: "%", values: rowsOf(table, table.share, shown), limit: maximum(table.share) };
}

function describe(table: FeatureTable, feature: number, column: number): [string, string] {
  const at = feature * table.steps.length + column;
  const where = `${table.names[feature]} at ${longStepName(focusRun(store.state), table.steps[column])}`;
  const share = `${percent(table.share[at], { unit: false })} ± ${percent(2 * table.standardError[at])}`;
  const mean = table.signedMean[at];
  const parts = [share, `rank ${Math.round(table.rank[at])} of ${table.names.length}`];
  if (!Number.isNaN(mean)) parts.push(`signed mean ${signed(mean)}`);
  return [where, Number.isFinite(table.share[at]) ? parts.join(", ") : "not finite"];
}
