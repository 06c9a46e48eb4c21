/**
 * `<explain-hover-line>`: the step under the pointer, in whichever chart that is, as a line through a picture with an axis of epochs.
 * It lies over the box that it stands in and moves by itself: the picture is not drawn again.
 *
 * @property range  places that the width of the box stands for
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { type EpochRange, epochToX } from "../charts/epoch_axis";
import { cursorPlace, store, Watch } from "../state";

@customElement("explain-hover-line")
export class HoverLine extends LitElement {
  static override styles = css`
    :host { position: absolute; inset: 0; overflow: hidden; pointer-events: none; }
    i { position: absolute; top: 0; bottom: 0; width: 1px; background: var(--cursor); box-shadow: 0 0 0 1px var(--bg); opacity: 0.6; }
  `;

  @property({ attribute: false }) range!: EpochRange;
  protected watch = new Watch(this, ["hover"]);

  protected override render() {
    const { hover, epoch } = store.state;
    if (hover === null || hover === cursorPlace(store.state, epoch)) return nothing;
    return html`<i style=${styleMap({ left: `${epochToX(hover, this.range, 100)}%` })}></i>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-hover-line": HoverLine;
  }
}
