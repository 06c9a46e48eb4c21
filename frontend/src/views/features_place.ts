/** Where in an image a feature lies. */

import { css, html, nothing } from "lit";
import { sequentialLut } from "../charts/color";
import { evenEdges, gridPixels, partAt } from "../charts/heatmap";
import { type Draw, putPixels } from "../elements/canvas";
import { stepName } from "../steps";
import "../elements/canvas";
import "../elements/figure_title";
import { focusRun, store } from "../state";
import { palette } from "../theme";
import { PLACE_HELP } from "./features_help";
import { type FeatureTable, featureColumn } from "./features_model";
import type { Moment } from "./features_moment";
import { selectedColour } from "./features_rows";

export const placeStyles = css`
  .places { display: grid; margin-top: 4px; grid-template-columns: repeat(2, minmax(0, 120px)); gap: 16px; }
  .places p { color: var(--ink3); margin-bottom: 4px; }
  .places .now { color: var(--ink); font-weight: 600; }
  .places explain-canvas { border: 1px solid var(--line); cursor: pointer; }
`;

/** Where in an image the feature lies: the grid of shares at the reference and now. */
export function featurePlace(
  table: FeatureTable,
  feature: number,
  now: number,
  before: Moment,
  choose: (name: string) => void,
) {
  const part = table.parts.findLast(({ offset }) => offset <= feature);
  if (part?.shape.length !== 2) return nothing;
  const [rows, columns] = part.shape;
  const count = rows * columns;
  const shares = (of: FeatureTable, column: number) =>
    featureColumn(of, of.share, column).slice(part.offset, part.offset + count);
  const all = [...shares(table, now), ...shares(before.table, before.column)];
  const limit = Math.max(0, ...all.filter(Number.isFinite));
  const colours = palette();
  const map = ({ table: of, column, name }: Moment, kind: "now" | "") => {
    if (column < 0) return nothing;
    const values = shares(of, column);
    const draw: Draw = (context, { width, height, ratio }) => {
      const pixels = gridPixels(values, rows, columns, Math.round(width * ratio), Math.round(height * ratio), {
        lut: sequentialLut[colours.theme],
        limit,
        theme: colours.theme,
      });
      putPixels(context, pixels);
      const at = feature - part.offset;
      const [wide, high] = [width / columns, height / rows];
      context.strokeStyle = selectedColour();
      context.lineWidth = 2;
      context.strokeRect((at % columns) * wide + 1, Math.floor(at / columns) * high + 1, wide - 2, high - 2);
    };
    const pick = (event: PointerEvent) => {
      const { left, top, width, height } = (event.currentTarget as Element).getBoundingClientRect();
      const row = partAt(evenEdges(rows, height), event.clientY - top);
      const at = partAt(evenEdges(columns, width), event.clientX - left);
      if (row >= 0 && at >= 0) choose(table.names[part.offset + row * columns + at]);
    };
    return html`<div><p class="clip ${kind}" title=${name}>${name}</p>
      <explain-canvas style=${`aspect-ratio:${columns} / ${rows}`} .draw=${draw} @click=${pick}
        label="shares of the image's cells"></explain-canvas></div>`;
  };
  return html`<section><explain-figure-title heading="Where it lies" .help=${PLACE_HELP}></explain-figure-title>
    <div class="places">${map(before, "")} ${map({ table, column: now, name: stepName(focusRun(store.state), table.steps[now]) }, "now")}</div></section>`;
}
