/** `<explain-amiss>`: what an address names and the log does not have, until that is accepted. Empty where all is there. */
import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { icon } from "../elements/icons";
import { store, Watch } from "../state";
import { base } from "../styles";
import { whatIsAmiss } from "./amiss";

@customElement("explain-amiss")
export class AmissBar extends LitElement {
  static override styles = [
    base,
    css`
      .bar { align-items: flex-start; padding: 4px 16px 4px 24px; border-bottom: 1px solid var(--line); background: var(--warn-bg); }
      .bar > svg { flex: none; margin-top: 6px; color: var(--warn); }
      .texts { flex: 1; min-width: 0; padding: 6px 0; overflow-wrap: anywhere; }
    `,
  ];

  constructor() {
    super();
    new Watch(this, ["view", "groups", "focus", "shown", "method", "manifests", "asked", "sample"]);
  }

  protected override render() {
    const amiss = whatIsAmiss(store.state);
    const accept = () => store.set(Object.assign({}, ...amiss.map(({ instead }) => instead)));
    return html`<div role="status">${
      amiss.length
        ? html`<div class="row bar">
            ${icon("alarm")}
            <div class="texts">${amiss.map(({ text }) => html`<p>${text}</p>`)}</div>
            <button class="icon" aria-label="Close" title="Go on with what is shown" @click=${accept}>${icon("close")}</button>
          </div>`
        : nothing
    }</div>`;
  }
}
