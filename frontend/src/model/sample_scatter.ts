/**
 * `<explain-sample-scatter>`: a picture with the probe's samples in it; the one that is pointed at is told of, a click chooses it.
 *
 * @property picture  draws it, given the sample that is pointed at
 * @property places   where the samples stand in a picture of a size
 * @property tell     what is said of a sample, or of a place (CSS pixels) without one; `nothing` for nothing
 * @property label    what a screen reader says
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import type { CanvasSize, Draw } from "../elements/canvas";
import "../elements/canvas";
import { base } from "../styles";
import { chosenStyles } from "./sample_chosen";
import { type Point, sampleNear } from "./scatter";
import { chooseSample } from "./words";

type Context = Parameters<Draw>[0];
export type ScatterDraw = (context: Context, size: CanvasSize, hovered: number | null) => void;

export interface Pointed {
  /** Null where the pointer is at none. */
  sample: number | null;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Room for what is told, CSS pixels. */
const TIP = { width: 220, height: 140 };

@customElement("explain-sample-scatter")
export class SampleScatter extends LitElement {
  static override styles = [
    base,
    chosenStyles,
    css`
      :host { display: block; position: relative; min-width: 0; }
      explain-canvas { height: 100%; }
      .hit { cursor: pointer; }
      .tip {
        position: absolute; z-index: 2; pointer-events: none; width: max-content; max-width: 220px; padding: 6px 10px; border-radius: 6px;
        background: var(--bg); border: 1px solid var(--line2); box-shadow: 0 4px 12px rgb(20 30 50 / 0.14); overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) picture!: ScatterDraw;
  @property({ attribute: false }) places!: (width: number, height: number) => readonly Point[];
  @property({ attribute: false }) tell: (pointed: Pointed) => unknown = () => nothing;
  @property() label = "";
  @state() private pointed: Pointed | undefined;

  protected override render() {
    const { picture, pointed } = this;
    const hovered = pointed?.sample ?? null;
    const draw: Draw = (context, size) => picture(context, size, hovered);
    return html`<explain-canvas class=${hovered === null ? "" : "hit"} .draw=${draw} tabindex="0" role="img" aria-label=${this.label}
        @pointermove=${this.point} @pointerleave=${this.leave} @click=${this.choose}></explain-canvas>
      ${pointed ? this.renderTip(pointed) : nothing}`;
  }

  private renderTip(pointed: Pointed) {
    const told = this.tell(pointed);
    if (told === nothing) return nothing;
    const { x, y, width, height } = pointed;
    const place = {
      ...(x + TIP.width + 12 > width ? { right: `${width - x + 12}px` } : { left: `${x + 12}px` }),
      ...(y + TIP.height > height ? { bottom: `${height - y + 12}px` } : { top: `${y + 12}px` }),
    };
    return html`<div class="tip" role="tooltip" style=${styleMap(place)}>${told}</div>`;
  }

  private point(event: PointerEvent): void {
    const { left, top, width, height } = (event.currentTarget as Element).getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    this.pointed = { sample: sampleNear(this.places(width, height), x, y), x, y, width, height };
  }

  private leave(): void {
    this.pointed = undefined;
  }

  private choose(): void {
    const sample = this.pointed?.sample ?? null;
    if (sample !== null) chooseSample(sample);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-sample-scatter": SampleScatter;
  }
}
