/**
 * `<explain-epoch-map>`: a heat map of rows by epoch with the cursor, the reference and alarms over it.
 * It is drawn when its values change; what moves lies over it. Click or drag sets the epoch, Shift-click the reference; a click tells of its row by the event `row` (detail: its index).
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
 * @property alarms     their places on the axis of epochs
 * @property axis       whether epochs are written below
 * @property label      what a screen reader says
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { sequentialLut, signedLut } from "../charts/color";
import { columnEdges, columnRange, type EpochRange, nearestIndex, xToEpoch } from "../charts/epoch_axis";
import { evenEdges, heatmapPixels } from "../charts/heatmap";
import { memo } from "../memo";
import { focusRun, type RunEntry, store, Watch } from "../state";
import { placesAt } from "../steps";
import { base } from "../styles";
import { paletteOf } from "../theme";
import { type Draw, putPixels } from "./canvas";
import "./canvas";
import "./epoch_marks";
import { epochPointer } from "./epoch_pointer";
import "./hover_line";
import { epochTickStyles, epochTicks } from "./epoch_ticks";
import { tip, tipStyles } from "./tip";

/** What is under the pointer, which is at (x, y) of the window. */
interface Hit {
  row: number;
  column: number;
  x: number;
  y: number;
}

@customElement("explain-epoch-map")
export class EpochMap extends LitElement {
  static override styles = [
    base,
    epochTickStyles,
    tipStyles,
    css`
      :host { display: block; position: relative; }
      explain-canvas { touch-action: none; cursor: crosshair; }
      .picture { position: relative; }
      .hit { position: absolute; border: 1.25px solid var(--cursor); outline: 1px solid var(--bg); pointer-events: none; }
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
  @property({ attribute: false }) alarms: readonly number[] = [];
  @property({ type: Boolean }) axis = false;
  @property() label = "";
  @state() private hit: Hit | undefined;
  protected watch = new Watch(this, ["dark", "groups", "focus"]);

  /** Places of the steps on the axis of epochs. */
  private placesOf = memo((run: RunEntry | undefined, steps: readonly number[]): readonly number[] =>
    placesAt(run, steps),
  );
  private rangeOf = memo((places: readonly number[]): EpochRange => columnRange(places));
  private edgesOf = memo(columnEdges);

  private get places(): readonly number[] {
    return this.placesOf(focusRun(store.state), this.steps);
  }

  private get epochs(): EpochRange {
    return this.range ?? this.rangeOf(this.places);
  }

  private pointer = epochPointer((event) => {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    return xToEpoch(event.clientX - left, this.epochs, width);
  });

  protected override render() {
    const { values, rows, gap, signed, limit, places, epochs } = this;
    const draw = this.picture(values, rows, gap, signed, limit, places, epochs, store.state.dark);
    return html`
      <div class="picture" style=${styleMap({ height: `${rows * this.rowHeight}px` })}>
        <explain-canvas style="height:100%" .draw=${draw} tabindex="0" role="img" aria-label=${this.label}
          @pointerdown=${this.press} @pointermove=${this.move} @pointerleave=${this.leave}></explain-canvas>
        ${this.renderHit()}
        <explain-epoch-marks .range=${epochs} .alarms=${this.alarms}></explain-epoch-marks>
        <explain-hover-line .range=${epochs}></explain-hover-line>
      </div>
      ${this.axis ? epochTicks(places, epochs) : nothing} ${this.renderTip()}`;
  }

  /** Parts of its own as arguments: as long as they are the same, so is the picture. */
  private picture = memo(
    (
      values: ArrayLike<number>,
      rows: number,
      gap: number,
      signed: boolean,
      limit: number,
      places: readonly number[],
      epochs: EpochRange,
      dark: boolean,
    ): Draw => {
      const { theme } = paletteOf(dark);
      return (context, { width, height, ratio }) =>
        putPixels(
          context,
          heatmapPixels(
            { values, rows, columns: places.length },
            {
              lut: (signed ? signedLut : sequentialLut)[theme],
              signed,
              limit,
              theme,
              edges: columnEdges(places, epochs, Math.round(width * ratio)),
              rowEdges: evenEdges(rows, Math.round(height * ratio)),
              gap: Math.round(gap * ratio),
            },
          ),
        );
    },
  );

  /** The cell under the pointer. */
  private renderHit() {
    const { hit, rowHeight, gap, places, epochs } = this;
    const width = this.renderRoot.querySelector(".picture")?.clientWidth ?? 0;
    if (!hit || hit.row >= this.rows || width === 0) return nothing;
    const edges = this.edgesOf(places, epochs, width);
    const [left, right] = [edges[hit.column], edges[hit.column + 1]];
    return html`<div class="hit" style=${styleMap({ left: `${left}px`, top: `${hit.row * rowHeight}px`, width: `${Math.max(2, right - left)}px`, height: `${rowHeight - gap}px` })}></div>`;
  }

  private renderTip() {
    if (!this.hit || this.hit.row >= this.rows || !this.describe) return nothing;
    const { row, column, x, y } = this.hit;
    return tip(this.describe(row, column), x, y);
  }

  private find(event: PointerEvent): Hit | undefined {
    const { left, top, width } = (event.currentTarget as Element).getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const row = Math.floor(y / this.rowHeight);
    const column = nearestIndex(this.places, xToEpoch(x, this.epochs, width));
    return row < 0 || row >= this.rows || column < 0 ? undefined : { row, column, x: event.clientX, y: event.clientY };
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
