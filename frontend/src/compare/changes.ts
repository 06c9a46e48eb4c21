/**
 * `<explain-share-changes>`: which features gained and lost share between B and A; of an image also where they lie.
 *
 * @property features  what is compared
 * @property manifest  of A's run
 * @property regions   by input: the shape of its shares
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import type { Manifest } from "../api";
import { signedLut } from "../charts/color";
import { evenEdges, heatmapPixels, partAt } from "../charts/heatmap";
import { type Draw, putPixels } from "../elements/canvas";
import "../elements/canvas";
import "../elements/legend";
import { isolated, percent, plusMinus, points } from "../format";
import { memo } from "../memo";
import { store, Watch } from "../state";
import { base } from "../styles";
import { paletteOf } from "../theme";
import { openFeature } from "./scatter";
import { type ComparedFeature, finite } from "./scatter_model";

const LISTED = 8;

/** Largest changes first. */
export const byChange = (features: readonly ComparedFeature[]): ComparedFeature[] =>
  finite(features).sort((a, b) => Math.abs(b.change) - Math.abs(a.change));

@customElement("explain-share-changes")
export class ShareChanges extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; min-width: 0; }
      .body { display: flex; flex-wrap: wrap; gap: 8px 16px; margin-top: 8px; }
      .maps { flex: none; width: 104px; }
      .maps explain-canvas { width: 104px; outline: 1px solid var(--line); }
      .maps p { margin: 4px 0 8px; }
      .maps explain-legend { width: 104px; }
      table { flex: 1 1 232px; min-width: 0; max-width: 480px; border-collapse: collapse; table-layout: fixed; height: max-content; }
      th { font-weight: 400; color: var(--ink3); font-size: 11px; text-align: right; padding: 0 0 4px; white-space: nowrap; }
      th:first-child { text-align: left; }
      td { height: 24px; padding: 0; text-align: right; }
      td:first-child { text-align: left; }
      td:not(:first-child), th:not(:first-child) { width: 42px; padding-left: 4px; white-space: nowrap; }
      td.change.change, th.change.change { width: 108px; }
      .moved td.change b { font-weight: 600; }
      tr:not(.moved) .change { color: var(--ink3); }
      b { font-weight: inherit; }
      button { width: 100%; padding: 0; border: 0; background: none; text-align: left; cursor: pointer; }
      button:hover { text-decoration: underline; }
      .moved button { font-weight: 600; }
    `,
  ];

  @property({ attribute: false }) features: readonly ComparedFeature[] = [];
  @property({ attribute: false }) manifest!: Manifest;
  @property({ attribute: false }) regions: Readonly<Record<string, readonly number[]>> = {};
  @state() private pointed: ComparedFeature | undefined;
  protected watch = new Watch(this, ["dark"]);

  private sorted = memo(byChange);

  protected override render() {
    const sorted = this.sorted(this.features);
    if (sorted.length === 0) return html`<p class="quiet">No shares to compare.</p>`;
    const limit = Math.abs(sorted[0].change);
    const images = this.manifest.inputs.filter(
      ({ name, kind }) => kind === "image" && this.regions[name]?.length === 2,
    );
    return html`<div class="body">
      ${
        images.length
          ? html`<div class="maps">
              ${images.map(({ name }) => this.map(name, limit, images.length > 1))}
              <explain-legend signed ?dark=${store.state.dark} low=${points(-limit)} high=${points(limit)}></explain-legend>
              <p class="caption">${this.pointedAt()}</p>
            </div>`
          : nothing
      }
      ${this.list(sorted.slice(0, LISTED), sorted.length)}
    </div>`;
  }

  private pointedAt(): string {
    const { pointed } = this;
    return pointed ? `${isolated(pointed.name)}: ${points(pointed.change)}` : "points; orange: more in A";
  }

  private map(input: string, limit: number, named: boolean) {
    const [rows, columns] = this.regions[input];
    const own = this.features.filter((feature) => feature.input === input);
    const { theme } = paletteOf(store.state.dark);
    const draw: Draw = (context, { width, height, ratio }) => {
      const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
      const values = Float32Array.from(own, ({ change }) => change);
      putPixels(
        context,
        heatmapPixels(
          { values, rows, columns },
          {
            lut: signedLut[theme],
            signed: true,
            limit,
            theme,
            edges: evenEdges(columns, across),
            rowEdges: evenEdges(rows, down),
            gap: 0,
          },
        ),
      );
    };
    const find = (event: PointerEvent) => {
      const { left, top, width, height } = (event.currentTarget as Element).getBoundingClientRect();
      const [column, row] = [
        partAt(evenEdges(columns, width), event.clientX - left),
        partAt(evenEdges(rows, height), event.clientY - top),
      ];
      this.pointed = row < 0 || column < 0 ? undefined : own[row * columns + column];
    };
    return html`<explain-canvas style=${styleMap({ aspectRatio: `${columns} / ${rows}` })} .draw=${draw}
        label="Change of share by region of ${input}" @pointermove=${find} @pointerleave=${() => {
          this.pointed = undefined;
        }}></explain-canvas>
      ${named ? html`<p class="caption clip">${input}</p>` : nothing}`;
  }

  private list(shown: readonly ComparedFeature[], all: number) {
    return html`<table>
      <thead><tr><th>${all > shown.length ? `${shown.length} of ${all}` : nothing}</th><th>A, %</th><th>B, %</th><th class="change">points ± 2 SE</th></tr></thead>
      <tbody>${shown.map(
        (feature) => html`<tr class=${feature.beyondNoise ? "moved" : ""}>
          <td class="clip"><button class="clip" title=${feature.name} @click=${() => openFeature(feature)}>${feature.name}</button></td>
          <td>${percent(feature.here, { unit: false })}</td>
          <td>${percent(feature.there, { unit: false })}</td>
          <td class="change"><b>${points(feature.change)}</b><span class="faint">${plusMinus(feature.changeError)}</span></td>
        </tr>`,
      )}</tbody>
    </table>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-share-changes": ShareChanges;
  }
}
