/**
 * `<explain-epoch-marks>`: the cursor, the reference and alarms as lines through a picture with an axis of epochs.
 * They lie over the box that the element stands in and move by themselves: the picture is not drawn again.
 *
 * @property range   places that the width of the box stands for
 * @property plain   for a picture of lines: without the halo that sets lines off a heat map
 * @property alarms  their places
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { type EpochRange, epochToX } from "../charts/epoch_axis";
import { markedStep } from "../references";
import { cursorPlace, store, Watch } from "../state";

@customElement("explain-epoch-marks")
export class EpochMarks extends LitElement {
  static override styles = css`
    :host { position: absolute; inset: 0; overflow: hidden; contain: strict; pointer-events: none; }
    i { position: absolute; top: 0; bottom: 0; box-sizing: border-box; }
    .cursor { width: 4px; margin-left: -2px; background: var(--cursor); border: solid var(--bg); border-width: 0 1.4px; }
    .reference { border-left: 1px dashed var(--ink2); box-shadow: 0 0 0 1px var(--bg); background: var(--bg); }
    :host([plain]) .cursor { width: 1.25px; margin-left: -0.6px; border: 0; }
    :host([plain]) .reference { box-shadow: none; background: none; }
    .alarm { border-left: 1px solid var(--alarm); opacity: 0.45; }
  `;

  @property({ attribute: false }) range!: EpochRange;
  @property({ attribute: false }) alarms: readonly number[] = [];
  protected watch = new Watch(this, ["epoch", "against", "groups", "focus"]);

  protected override render() {
    const { state } = store;
    const [cursor, reference] = [state.epoch, markedStep(state)].map((step) => cursorPlace(state, step));
    const line = (kind: string, place: number | null) =>
      place === null
        ? nothing
        : html`<i class=${kind} style=${styleMap({ left: `${epochToX(place, this.range, 100)}%` })}></i>`;
    return html`${this.alarms.map((place) => line("alarm", place))}
      ${line("reference", reference === cursor ? null : reference)} ${line("cursor", cursor)}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-epoch-marks": EpochMarks;
  }
}
