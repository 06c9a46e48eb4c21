/**
 * `<explain-legend>`: the colour scale of a view.
 *
 * @property signed  whether zero is its middle
 * @property half      only from zero to the positive end of a signed scale: what values without a sign are drawn in
 * @property low, high  what stands at its ends; for signed scales what a value does to the label unless given, or to the output of a
 *                     regression, which has no label
 * @property dark    the theme
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { sequentialLut, signedLut } from "../charts/color";
import { makePixels, setPixel } from "../charts/marks";
import { focusManifest, store, Watch } from "../state";
import { base } from "../styles";
import { type Draw, putPixels } from "./canvas";
import "./canvas";

const ENDS = {
  label: ["against the label", "for the label"],
  output: ["lowers the output", "raises the output"],
} as const;

@customElement("explain-legend")
export class Legend extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; width: 232px; }
      explain-canvas { height: 8px; outline: 1px solid var(--line); }
      p { display: flex; justify-content: space-between; margin-top: 2px; }
    `,
  ];

  @property({ type: Boolean }) signed = false;
  @property({ type: Boolean }) dark = false;
  @property() low = "";
  @property() high = "";
  protected watch = new Watch(this, ["focus", "groups", "manifests"]);

  protected override render() {
    const lut = (this.signed ? signedLut : sequentialLut)[this.dark ? "dark" : "light"];
    const first = this.signed ? 1 : 0;
    const draw: Draw = (context, { width, height, ratio }) => {
      const pixels = makePixels(Math.round(width * ratio), Math.round(height * ratio));
      for (let x = 0; x < pixels.width; x++) {
        const at = 3 * (first + Math.round((x / Math.max(1, pixels.width - 1)) * (255 - first)));
        for (let y = 0; y < pixels.height; y++) setPixel(pixels, x, y, [lut[at], lut[at + 1], lut[at + 2]]);
      }
      putPixels(context, pixels);
    };
    const regression = focusManifest(store.state)?.outputs[0]?.task === "regression";
    const [against, towards] = this.signed ? ENDS[regression ? "output" : "label"] : ["0", ""];
    return html`<explain-canvas .draw=${draw}></explain-canvas>
      <p class="caption">
        <span>${this.low || against}</span>
        ${this.signed ? html`<span>0</span>` : nothing}
        <span>${this.high || towards}</span>
      </p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-legend": Legend;
  }
}
