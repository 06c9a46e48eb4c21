/**
 * `<explain-canvas .draw=${draw} label="…">`: a canvas as large as its box, in the screen's own pixels.
 *
 * @property draw `(context, size) => void`, a pure function of what it closes over; a new function is a new picture.
 * @property label what a screen reader says of the picture; without it the canvas is hidden from screen readers.
 *                 Where the element itself can be focused, it is what carries the words.
 */
import { css, html, LitElement } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { makePixels, type Pixels } from "../charts/marks";
import { onResize } from "./resize";

export interface CanvasSize {
  /** CSS pixels: the units of the context. */
  width: number;
  height: number;
  /** Screen pixels a CSS pixel. */
  ratio: number;
}

export type Draw = (context: CanvasRenderingContext2D, size: CanvasSize) => void;

const scratch = new Map<string, Pixels>();
/** Sizes of pictures that stand in one view at once. */
const SIZES = 16;

/** What a picture of a size is drawn into to be put at once. There is one of each size: the next picture takes it, nothing is allocated. */
export function scratchPixels(width: number, height: number): Pixels {
  const size = `${width} ${height}`;
  const known = scratch.get(size);
  if (known) return known;
  if (scratch.size >= SIZES) scratch.clear();
  const pixels = makePixels(width, height);
  scratch.set(size, pixels);
  return pixels;
}

/** Puts a picture in screen pixels into a context, at a place given in screen pixels. */
export function putPixels(context: CanvasRenderingContext2D, pixels: Pixels, x = 0, y = 0): void {
  if (pixels.width > 0 && pixels.height > 0) {
    context.putImageData(new ImageData(pixels.data, pixels.width, pixels.height), x, y);
  }
}

@customElement("explain-canvas")
export class CanvasElement extends LitElement {
  static override styles = css`
    :host { display: block; }
    canvas { display: block; width: 100%; height: 100%; }
  `;

  @property({ attribute: false }) draw: Draw | undefined;
  @property() label = "";
  @query("canvas") private canvas!: HTMLCanvasElement;
  /** As last observed: asking the page for it in the midst of changes would make it lay itself out each time. */
  private box = { width: 0, height: 0 };

  constructor() {
    super();
    onResize(this, ({ width, height }) => {
      this.box = { width, height };
      this.paint();
    });
  }

  protected override render() {
    return this.label
      ? html`<canvas role="img" aria-label=${this.label}></canvas>`
      : html`<canvas aria-hidden="true"></canvas>`;
  }

  protected override updated(): void {
    this.paint();
  }

  private paint(): void {
    const { width, height } = this.box;
    if (!this.canvas || !this.draw || width === 0 || height === 0) return;
    const ratio = window.devicePixelRatio || 1;
    const [pixelsWide, pixelsHigh] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== pixelsWide || this.canvas.height !== pixelsHigh) {
      this.canvas.width = pixelsWide;
      this.canvas.height = pixelsHigh;
    }
    const context = this.canvas.getContext("2d");
    if (!context) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    this.draw(context, { width, height, ratio });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-canvas": CanvasElement;
  }
}
