/**
 * `<explain-epoch-map>`: a heat map of rows by epoch with the cursor and the reference in it.
 * Click or drag sets the epoch, Shift-click the reference; a click tells of its row by the event `row` (detail: its index).
 *
 * @property steps      measured steps, ascending
 * @property values     [rows, steps], row by row; NaN is hatched
 * @property rows       number of rows
 * @property rowHeight  CSS pixels
 * @property gap        CSS pixels of page between rows
 * @property signed     whether zero is the middle of the scale
 * @property limit      value at the end of the scale
 * @property describe   `(row, column) => [heading, text]`, the tooltip
 * @property range      epochs the width stands for; those of the steps unless given. Steps are the focus run's
 * @property axis       whether epochs are written below
 * @property label      what a screen reader says
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { sequentialLut, signedLut } from "../charts/color";
import { columnEdges, columnRange, type EpochRange, epochToX, nearestIndex, xToEpoch } from "../charts/epoch_axis";
import { evenEdges, heatmapPixels } from "../charts/heatmap";
import { drawCursor, drawReference } from "../charts/marks";
import { markedStep } from "../references";
import { cursorPlace, focusRun, store, Watch } from "../state";
import { placesAt } from "../steps";
import { base } from "../styles";
import { palette } from "../theme";
import { type Draw, putPixels } from "./canvas";
import "./canvas";
import { epochPointer } from "./epoch_pointer";
import "./hover_line";
import { epochTickStyles, epochTicks } from "./epoch_ticks";

interface Hit {
  row: number;
  column: number;
  left: number;
  top: number;
}

@customElement("explain-epoch-map")
export class EpochMap extends LitElement {
  static override styles = [
    base,
    epochTickStyles,
    css`
      :host { display: block; position: relative; }
      explain-canvas { touch-action: none; cursor: crosshair; }
      .tip {
        position: absolute; z-index: 2; pointer-events: none; max-width: 260px; padding: 6px 10px; border-radius: 6px;
        background: var(--bg); border: 1px solid var(--line2); box-shadow: 0 4px 12px rgb(20 30 50 / 0.14); overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) steps: readonly number[] = [];
  @property({ attribute: false }) values: ArrayLike<number> = [];
  @property({ type: Number }) rows = 0;
  @property({ type: Number }) rowHeight = 24;
  @property({ type: Number }) gap = 1;
  @property({ type: Boolean }) signed = false;
  @property({ type: Number }) limit = 1;
  @property({ attribute: false }) describe: ((row: number, column: number) => readonly [string, string]) | undefined;
  @property({ attribute: false }) range: EpochRange | undefined;
  @property({ type: Boolean }) axis = false;
  @property() label = "";
  @state() private hit: Hit | undefined;
  protected watch = new Watch(this, ["epoch", "against", "dark", "groups"]);

  /** Places of the steps on the axis of epochs. */
  private get places(): number[] {
    return placesAt(focusRun(store.state), this.steps);
  }

  private get epochs(): EpochRange {
    return this.range ?? columnRange(this.places);
  }

  private pointer = epochPointer((event) => {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    return xToEpoch(event.clientX - left, this.epochs, width);
  });

  protected override render() {
    const height = this.rows * this.rowHeight;
    return html`
      <explain-canvas style=${styleMap({ height: `${height}px` })} .draw=${this.picture()} tabindex="0" role="img" aria-label=${this.label}
        @pointerdown=${this.press} @pointermove=${this.move} @pointerleave=${this.leave}></explain-canvas>
      <explain-hover-line style=${styleMap({ height: `${height}px` })} .range=${this.epochs}></explain-hover-line>
      ${this.axis ? epochTicks(this.places, this.epochs) : nothing}
      ${this.renderTip()}`;
  }

  private picture(): Draw {
    const { values, rows, rowHeight, gap, signed, limit, places, epochs, hit } = this;
    const cursor = cursorPlace(store.state, store.state.epoch);
    const reference = cursorPlace(store.state, markedStep(store.state));
    const colours = palette();
    const lut = (signed ? signedLut : sequentialLut)[colours.theme];
    return (context, { width, height, ratio }) => {
      const edges = columnEdges(places, epochs, Math.round(width * ratio));
      const pixels = heatmapPixels(
        { values, rows, columns: places.length },
        {
          lut,
          signed,
          limit,
          theme: colours.theme,
          edges,
          rowEdges: evenEdges(rows, Math.round(height * ratio)),
          gap: Math.round(gap * ratio),
        },
      );
      putPixels(context, pixels);
      if (hit && places.length > 0) {
        context.strokeStyle = colours.cursor;
        context.lineWidth = 1.25;
        const left = edges[hit.column] / ratio;
        context.strokeRect(left, hit.row * rowHeight, edges[hit.column + 1] / ratio - left, rowHeight - gap);
      }
      if (reference !== null) drawReference(context, epochToX(reference, epochs, width), 0, height, colours, true);
      if (cursor !== null) drawCursor(context, epochToX(cursor, epochs, width), 0, height, colours, true);
    };
  }

  private renderTip() {
    if (!this.hit || !this.describe) return nothing;
    const { row, column, left, top } = this.hit;
    const [heading, text] = this.describe(row, column);
    const beside =
      left > this.clientWidth / 2 ? { right: `${this.clientWidth - left + 12}px` } : { left: `${left + 12}px` };
    return html`<div class="tip" role="tooltip" style=${styleMap({ ...beside, top: `${top + 16}px` })}>
      <b>${heading}</b><br />${text}
    </div>`;
  }

  private find(event: PointerEvent): Hit | undefined {
    const { left, top, width } = (event.currentTarget as Element).getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const row = Math.floor(y / this.rowHeight);
    const column = nearestIndex(this.places, xToEpoch(x, this.epochs, width));
    return row < 0 || row >= this.rows || column < 0 ? undefined : { row, column, left: x, top: y };
  }

  private press(event: PointerEvent): void {
    const hit = this.find(event);
    this.pointer.down(event);
    if (hit) this.dispatchEvent(new CustomEvent("row", { detail: hit.row }));
  }

  private move(event: PointerEvent): void {
    this.pointer.move(event);
    this.hit = this.find(event);
  }

  private leave(): void {
    this.pointer.leave();
    this.hit = undefined;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-epoch-map": EpochMap;
  }
}
