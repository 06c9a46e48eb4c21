/** `<explain-model>`: what the model has learned as a whole: where it puts the samples, where it changes its mind, which rules come near it. */
import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { focusRun, store, Watch } from "../state";
import { base } from "../styles";
import { findTag } from "../tags";
import "./boundary_panel";
import "./embedding_panel";
import "./fidelity_panel";
import "./linear_panel";
import "./tree_panel";

@customElement("explain-model")
export class ModelView extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; }
      .columns { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 20px 32px; align-items: start; }
      .columns > * { min-width: 0; }
      .wide { grid-column: span 2; }
      .all { grid-column: 1 / -1; }
      .lower { padding-top: 12px; border-top: 1px solid var(--line); }
      .fits { display: grid; gap: 20px 32px; }
      @media (max-width: 1099px) {
        .columns { grid-template-columns: repeat(2, minmax(0, 1fr)); }
        .wide, .fits.alone { grid-column: 1 / -1; }
        .fits { padding-top: 0; border-top: 0; }
        .fits.alone { grid-template-columns: inherit; }
      }
      @media (max-width: 639px) {
        .columns, .fits.alone { grid-template-columns: minmax(0, 1fr); }
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, ["focus", "groups"]);
  }

  protected override render() {
    const run = focusRun(store.state);
    if (!run) return nothing;
    const has = (kind: string, ...names: string[]): boolean => findTag(run, kind, ...names) !== undefined;
    const [embedding, boundary] = [has("embedding"), has("boundary")];
    const [tree, linear] = [has("surrogate", "tree"), has("surrogate", "linear")];
    const fidelity = has("fidelity", "tree") || has("fidelity", "linear");
    const lower = embedding || boundary ? "lower" : "";
    return html`<div class="columns">
      ${embedding ? html`<explain-embedding class=${boundary ? "wide" : "all"}></explain-embedding>` : nothing}
      ${boundary ? html`<explain-boundary class=${embedding ? "" : "wide"}></explain-boundary>` : nothing}
      ${
        fidelity || linear
          ? html`<div class="fits ${lower} ${boundary ? "" : "alone"}">
              ${fidelity ? html`<explain-fidelity></explain-fidelity>` : nothing}
              ${linear ? html`<explain-linear></explain-linear>` : nothing}
            </div>`
          : nothing
      }
      ${tree ? html`<explain-tree class="wide ${lower}"></explain-tree>` : nothing}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-model": ModelView;
  }
}
