/**
 * `<explain-picture-grid>`: rows and columns of small pictures on one canvas, with names at the left and heads above: with a canvas each the
 * browser would be busier with canvases than with what is in them. Pointed at, a picture tells of itself.
 *
 * @property names     of the rows: what stands at the left of each
 * @property heads     of the columns: what stands above each: words, a canvas, or a button, which may be of the class "cursor" or "reference"
 * @property paint     `(row, column, width, height) => Pixels`, a picture in screen pixels; undefined leaves an empty well. A new function is a new grid
 * @property describe  `(row, column, x, y) => [heading, text]`; x and y are parts of the picture's width and height
 * @property aspect    width of a picture by its height
 * @property most      CSS pixels that a picture is wide at most
 * @property beside    CSS pixels of the names
 * @property label     what a screen reader says
 * @fires cell  detail: { row, column, shift }
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import type { Pixels } from "../charts/marks";
import { memo } from "../memo";
import { base } from "../styles";
import { palette } from "../theme";
import { type Draw, putPixels } from "./canvas";
import "./canvas";
import { onResize } from "./resize";
import { type Said, tip, tipStyles } from "./tip";

export type Paint = (row: number, column: number, width: number, height: number) => Pixels | undefined;

export interface Cell {
  row: number;
  column: number;
  shift: boolean;
}

/** CSS pixels between pictures. */
const GAP = 4;
const LEAST = 20;

interface Hit extends Cell {
  /** Parts of the picture. */
  across: number;
  down: number;
  /** Of the window. */
  x: number;
  y: number;
}

@customElement("explain-picture-grid")
export class PictureGrid extends LitElement {
  static override styles = [
    base,
    tipStyles,
    css`
      :host { display: block; min-width: 0; overflow-x: auto; }
      .grid { display: grid; gap: ${GAP}px 8px; width: max-content; }
      .heads { grid-column: 2; display: grid; gap: ${GAP}px; align-items: end; }
      .heads > * { min-width: 0; font-size: 11px; color: var(--ink3); text-align: center; }
      .heads explain-canvas { margin-bottom: 2px; border: 1px solid var(--line); }
      .heads button { width: 100%; height: 24px; padding: 0; border: 1.5px solid transparent; border-radius: 3px; background: none; color: inherit; cursor: pointer; }
      .heads button:hover { background: var(--sunk); }
      .heads button:focus-visible { outline-offset: -2px; }
      .heads .reference { border: 1px dashed var(--ink2); }
      .heads .cursor { border: 1.5px solid var(--cursor); color: var(--ink); font-weight: 600; }
      .names { display: grid; row-gap: ${GAP}px; }
      .names > * { min-width: 0; overflow: hidden; align-self: center; }
      .picture { position: relative; }
      .hit { position: absolute; border: 1.25px solid var(--cursor); outline: 1px solid var(--bg); pointer-events: none; }
    `,
  ];

  @property({ attribute: false }) names: readonly unknown[] = [];
  @property({ attribute: false }) heads: readonly unknown[] = [];
  @property({ attribute: false }) paint: Paint = () => undefined;
  @property({ attribute: false }) describe: ((row: number, column: number, x: number, y: number) => Said) | undefined;
  @property({ type: Number }) aspect = 1;
  @property({ type: Number }) most = 80;
  @property({ type: Number }) beside = 120;
  @property() label = "";
  @state() private width = 0;
  @state() private hit: Hit | undefined;

  constructor() {
    super();
    onResize(this, ({ width }) => {
      this.width = Math.floor(width);
    });
  }

  /** Width and height of a picture, CSS pixels. */
  private get size(): [number, number] {
    const count = Math.max(1, this.heads.length);
    const room = (this.width - this.beside - 8 - GAP * (count - 1)) / count;
    const wide = Math.max(LEAST, Math.floor(Math.min(this.most, this.most * this.aspect, room)));
    return [wide, Math.max(4, Math.round(wide / this.aspect))];
  }

  private picture = memo((paint: Paint, rows: number, columns: number, wide: number, high: number): Draw => {
    return (context, { ratio }) => {
      const [width, height] = [Math.round(wide * ratio), Math.round(high * ratio)];
      context.fillStyle = palette().sunk;
      context.strokeStyle = palette().line;
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const [x, y] = [column * (wide + GAP), row * (high + GAP)];
          const pixels = paint(row, column, width, height);
          if (pixels) putPixels(context, pixels, Math.round(x * ratio), Math.round(y * ratio));
          else context.fillRect(x, y, wide, high);
          context.strokeRect(x + 0.5, y + 0.5, wide - 1, high - 1); // what is of the page's colour has an edge, too
        }
      }
    };
  });

  protected override render() {
    const { names, heads, hit } = this;
    if (!this.width) return html`<div style="height: 120px"></div>`;
    const [wide, high] = this.size;
    const [width, height] = [heads.length * (wide + GAP) - GAP, names.length * (high + GAP) - GAP];
    const draw = this.picture(this.paint, names.length, heads.length, wide, high);
    const outline = (at: Hit) =>
      styleMap({
        left: `${at.column * (wide + GAP) - 2}px`,
        top: `${at.row * (high + GAP) - 2}px`,
        width: `${wide + 4}px`,
        height: `${high + 4}px`,
      });
    const told = hit && hit.row < names.length && hit.column < heads.length ? hit : undefined;
    return html`<div class="grid" style=${`grid-template-columns: ${this.beside}px ${width}px`}>
      <div class="heads" style=${`grid-template-columns: repeat(${heads.length}, ${wide}px)`}>${heads.map((head) => html`<div>${head}</div>`)}</div>
      <div class="names" style=${`grid-template-rows: repeat(${names.length}, ${high}px)`}>${names.map((name) => html`<div style=${`max-height: ${high}px`}>${name}</div>`)}</div>
      <div class="picture" style=${styleMap({ width: `${width}px`, height: `${height}px` })}>
        <explain-canvas style="height: 100%" .draw=${draw} tabindex="0" role="img" aria-label=${this.label}
          @pointermove=${this.point} @pointerleave=${this.leave} @click=${this.press}></explain-canvas>
        ${told ? html`<div class="hit" style=${outline(told)}></div>` : nothing}
        ${told && this.describe ? tip(this.describe(told.row, told.column, told.across, told.down), told.x, told.y) : nothing}
      </div>
    </div>`;
  }

  /** The picture under the pointer; undefined between them. */
  private find(event: MouseEvent): Hit | undefined {
    const { left, top } = (event.currentTarget as Element).getBoundingClientRect();
    const [wide, high] = this.size;
    const [x, y] = [event.clientX - left, event.clientY - top];
    const [column, row] = [Math.floor(x / (wide + GAP)), Math.floor(y / (high + GAP))];
    const [across, down] = [(x - column * (wide + GAP)) / wide, (y - row * (high + GAP)) / high];
    const inside = row >= 0 && column >= 0 && row < this.names.length && column < this.heads.length;
    if (!inside || across >= 1 || down >= 1) return undefined;
    return { row, column, shift: event.shiftKey, across, down, x: event.clientX, y: event.clientY };
  }

  private point(event: PointerEvent): void {
    this.hit = this.find(event);
  }

  private leave(): void {
    this.hit = undefined;
  }

  private press(event: MouseEvent): void {
    const hit = this.find(event);
    if (hit) this.dispatchEvent(new CustomEvent<Cell>("cell", { detail: hit }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-picture-grid": PictureGrid;
  }
}
