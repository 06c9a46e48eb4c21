/** Below the table of features: what is left out, the colours' scale, and what the marks mean. */

import { css, html } from "lit";
import { nearestIndex } from "../charts/epoch_axis";
import "../elements/at_cursor";
import "../elements/legend";
import { capital, isolated, percent, signed, withError } from "../format";
import { methodTitle } from "../methods";
import { notDrawn, referenceRun } from "../references";
import { focusManifest, focusRun, store } from "../state";
import { type FeatureTable, featureColumn } from "./features_model";
import { type Moment, momentsOf } from "./features_moment";
import { remainder } from "./features_order";
import type { FeatureRows } from "./features_rows";

export const footStyles = css`
  .foot { flex: none; overflow: hidden; min-height: 34px; padding-top: 8px; }
  .foot p { grid-column: 3 / -1; }
  .foot explain-legend { width: min(232px, 100%); }
`;

/** @param limit the value at the end of the heat map's colours */
export function featureFoot(rows: FeatureRows, grid: string, limit: number) {
  const { dark } = store.state;
  const mean = rows.mode === "mean";
  return html`<div class="foot ${grid}">
    <span class="faint"><explain-at-cursor .content=${() => leftOut(rows)}></explain-at-cursor></span>
    ${
      rows.mode === "rank"
        ? html`<explain-legend ?dark=${dark} low="last" high="first"></explain-legend>`
        : html`<explain-legend ?dark=${dark} ?signed=${mean} low=${mean ? signed(-limit) : "0"} high=${mean ? signed(limit) : percent(limit)}></explain-legend>`
    }
    <p class="caption"><explain-at-cursor .content=${() => said(rows)}></explain-at-cursor></p>
  </div>`;
}

/** "6 more hold 9.2 %", "3 of 31 found", "corner holds 14.7 ± 0.8 %" */
function leftOut({ table, shown, found, others, region }: FeatureRows): string {
  if (region) return regionShare(region);
  if (found < table.names.length) return `${found} of ${table.names.length} found`;
  const { now } = momentsOf(store.state, table, others);
  const left = table.names.length - shown.length;
  const known = featureColumn(table, table.share, now).some(Number.isFinite);
  return left > 0 ? `${left} more${known ? ` hold ${percent(remainder(table, shown, now))}` : ""}` : "";
}

/** "corner holds 14.7 ± 0.8 %" */
function regionShare({ name, share }: NonNullable<FeatureRows["region"]>): string {
  const at = share.steps.length ? nearestIndex(share.steps, store.state.epoch ?? 0) : -1;
  const [value, error] = at < 0 ? [Number.NaN, Number.NaN] : share.at(at);
  return `${isolated(name)} holds ${withError(value, error)}`;
}

function said({ table, methods, training, others, mode }: FeatureRows): string {
  const { before } = momentsOf(store.state, table, others);
  const manifest = focusManifest(store.state);
  const byLoss = (manifest?.methods ?? []).filter(({ score }) => score === "loss");
  return [
    ...(mode !== "rank" && before.column >= 0
      ? [`${mode === "share" ? "Dashed" : "Line"}: ${isolated(before.name)}.`]
      : []),
    ...(training ? [`△: over ${manifest?.training_samples || ""} training samples.`] : []),
    ...heldAgainst(table, before),
    ...byLoss
      .filter(({ name }) => methods.some(({ method }) => method === name))
      .map(({ name }) => `${methodTitle(name)} is by loss.`),
  ].join(" ");
}

/** What is to be said of the reference where it is not drawn as it is. */
function heldAgainst(table: FeatureTable, before: Moment): string[] {
  const other = referenceRun(store.state);
  if (!other || other.run === focusRun(store.state)?.run) {
    const told = notDrawn(store.state);
    return told ? [`${capital(told)}.`] : [];
  }
  return before.column < 0 ? [`${other.label} has no such shares here by ${methodTitle(table.method)}.`] : [];
}
