/**
 * `<explain-seed-null>`: each feature's share in A against those of its sibling runs, the farthest first, the farthest also in words.
 *
 * @property rows      features with a z, the farthest first
 * @property siblings  names of the sibling runs
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { percent } from "../format";
import { runsOf, store } from "../state";
import { base } from "../styles";
import { openFeature } from "./scatter";
import { NOTABLE, type SeedRow, seedSentence, siblingsNote, zText } from "./seed_null";

const LISTED = 100;
/** Sentences; the table has the rest. */
const TOLD = 2;

@customElement("explain-seed-null")
export class SeedNullPanel extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; min-width: 0; }
      .told { margin-top: 6px; }
      .told b { font-weight: 600; }
      .warn { color: var(--warn); margin-top: 6px; }
      .scroll { margin-top: 8px; max-height: 216px; overflow: hidden auto; scrollbar-gutter: stable; }
      table { width: 100%; border-collapse: collapse; table-layout: fixed; }
      th { position: sticky; top: 0; background: var(--bg); font-weight: 400; color: var(--ink3); font-size: 11px; text-align: right; padding: 0 0 4px; }
      td { height: 24px; padding: 0; text-align: right; }
      th:first-child, td:first-child { text-align: left; }
      td:nth-child(2), th:nth-child(2) { width: 44px; }
      td:nth-child(3), th:nth-child(3) { width: 96px; }
      td:nth-child(4), th:nth-child(4) { width: 44px; }
      .notable td { font-weight: 600; }
      tr:not(.notable) td:last-child { color: var(--ink3); }
      button { width: 100%; padding: 0; border: 0; background: none; font: inherit; text-align: left; cursor: pointer; }
      button:hover { text-decoration: underline; }
    `,
  ];

  @property({ attribute: false }) rows: readonly SeedRow[] = [];
  @property({ attribute: false }) siblings: readonly string[] = [];

  protected override render() {
    const { rows, siblings } = this;
    const lacking = siblingsNote(siblings.length);
    const labels = siblings.map((name) => runsOf(store.state).find(({ run }) => run === name)?.label ?? name);
    if (rows.length === 0)
      return html`<p class="told quiet">${lacking || "No share is finite in all siblings: there is nothing to hold these against."}</p>`;
    const notable = rows.filter(({ z }) => Math.abs(z) > NOTABLE);
    return html`
      ${
        notable.length
          ? notable.slice(0, TOLD).map((row) => html`<p class="told"><b>${seedSentence(row, siblings.length)}</b></p>`)
          : html`<p class="told">No feature lies more than ${NOTABLE} spreads from its siblings: another seed may do as much.</p>`
      }
      ${lacking ? html`<p class="warn">${lacking}</p>` : nothing}
      <div class="scroll" tabindex="0" role="region" aria-label="Shares against sibling runs"><table>
        <thead><tr><th>${rows.length > LISTED ? `farthest ${LISTED} of ${rows.length}` : "feature"}</th><th>A, %</th><th title=${labels.join(", ")}>${siblings.length} siblings, %</th><th>z</th></tr></thead>
        <tbody>${rows.slice(0, LISTED).map(
          ({ feature, center, spread, z }) => html`<tr class=${Math.abs(z) > NOTABLE ? "notable" : ""}>
            <td><button class="clip" title=${feature.name} @click=${() => openFeature(feature)}>${feature.name}</button></td>
            <td>${percent(feature.here, { unit: false })}</td>
            <td>${percent(center, { unit: false })} ± ${percent(spread, { unit: false })}</td>
            <td>${zText(z)}</td>
          </tr>`,
        )}</tbody>
      </table></div>
      <p class="caption clip" title=${labels.join(", ")}>Siblings: ${labels.join(", ")}</p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-seed-null": SeedNullPanel;
  }
}
