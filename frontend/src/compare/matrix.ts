/**
 * `<explain-similarity-matrix>`: the similarity of every pair of steps, with the cursor and the reference as its cross hair.
 * Click or drag sets the epoch, Shift-click the reference; ↑ ↓ move the reference, ← → move the epoch as everywhere.
 *
 * @property columns     the run whose steps lie from left to right, and those steps
 * @property rows        the same from top to bottom
 * @property values      [rows, columns], row by row: mean cosines; NaN is hatched
 * @property phases      of the columns' run, by the indices of its steps; boxed where rows are of the same run
 * @property reference   what cursor and rows are held against: a step of a run, or null
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { columnRange, nearestIndex } from "../charts/epoch_axis";
import { type Draw, putPixels } from "../elements/canvas";
import "../elements/canvas";
import "../elements/hover_line";
import { distance } from "../format";
import { memo } from "../memo";
import type { Place } from "../references";
import { setReference } from "../references";
import { cursorPlace, focusRun, type RunEntry, setPlace, store, Watch } from "../state";
import { longStepName, placeOf, placesAt, stepName } from "../steps";
import { base } from "../styles";
import { paletteOf } from "../theme";
import { axisLabels } from "./axis_labels";
import { crossHair, crossHairStyles } from "./cross_hair";
import { cellAt, drawPhases, hasOpposites, phaseEnds, type Similarities, similarityPixels } from "./matrix_picture";
import { type Phase, phaseName } from "./phases";

export interface Side {
  run: RunEntry;
  steps: readonly number[];
}

interface Hit {
  row: number;
  column: number;
  left: number;
  top: number;
}

const NO_PHASES: readonly Phase[] = [];

/** A phase narrower than these parts of the picture has no room for its epochs, or for its number either. */
const TOLD_PHASE = 0.45;
const NAMED_PHASE = 0.2;

@customElement("explain-similarity-matrix")
export class SimilarityMatrix extends LitElement {
  static override styles = [
    base,
    crossHairStyles,
    css`
      :host { display: grid; grid-template: 22px auto 20px / 36px minmax(0, 1fr); }
      .phases, .picture, .down, .across { position: relative; }
      .phases { grid-area: 1 / 2; }
      .phases span { position: absolute; bottom: 3px; height: 18px; border-bottom: 2px solid var(--ink2); margin: 0 1px; text-align: center; font-size: 11px; font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .picture { grid-area: 2 / 2; aspect-ratio: 1; cursor: crosshair; touch-action: none; }
      explain-canvas { position: absolute; inset: 0; }
      .down { grid-area: 2 / 1; }
      .down span { position: absolute; right: 6px; transform: translateY(-50%); }
      .across { grid-area: 3 / 2; }
      .across span { position: absolute; top: 4px; transform: translateX(-50%); }
      .strong { color: var(--ink); font-weight: 600; }
      .tip {
        position: absolute; z-index: 2; pointer-events: none; width: max-content; max-width: 220px; padding: 6px 10px; border-radius: 6px;
        background: var(--bg); border: 1px solid var(--line2); box-shadow: 0 4px 12px rgb(20 30 50 / 0.14); overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) columns!: Side;
  @property({ attribute: false }) rows!: Side;
  @property({ attribute: false }) values: Float32Array = new Float32Array();
  @property({ attribute: false }) phases: readonly Phase[] = [];
  @property({ attribute: false }) reference: Place | null = null;
  @state() private hit: Hit | undefined;
  protected watch = new Watch(this, ["epoch", "dark", "groups", "focus"]);

  private places = memo(
    (columns: Side, rows: Side, values: Float32Array): Similarities => ({
      values,
      columns: placesAt(columns.run, columns.steps),
      rows: placesAt(rows.run, rows.steps),
    }),
  );

  /** Cells and phases: painted again only when they change. The cross hair lies over them. */
  private cells = memo((similarities: Similarities, phases: readonly Phase[], dark: boolean): Draw => {
    const colours = paletteOf(dark);
    const options = { signed: hasOpposites(similarities.values), theme: colours.theme };
    return (context, { width, height, ratio }) => {
      putPixels(
        context,
        similarityPixels(similarities, {
          ...options,
          width: Math.round(width * ratio),
          height: Math.round(height * ratio),
        }),
      );
      if (phases.length > 1) drawPhases(context, phases, similarities.columns, { width, height, palette: colours });
    };
  });
  private across = memo(({ columns }: Similarities) => columnRange(columns));
  private down = memo(({ rows }: Similarities) => columnRange(rows));

  private get similarities(): Similarities {
    return this.places(this.columns, this.rows, this.values);
  }

  private get cursor(): number | null {
    return cursorPlace(store.state, store.state.epoch);
  }

  /** Where the reference lies on the rows' axis; null where it is of another run. */
  private get referencePlace(): number | null {
    const { reference, rows } = this;
    return reference && reference.run.run === rows.run.run ? placeOf(reference.run, reference.step) : null;
  }

  protected override render() {
    const { similarities, cursor, referencePlace } = this;
    const boxed = this.rows.run.run === this.columns.run.run;
    return html`
      <div class="phases" aria-hidden="true">${this.renderPhases(similarities.columns)}</div>
      <div class="down caption" aria-hidden="true">${axisLabels(similarities.rows, referencePlace).map(
        ({ at, text, strong }) =>
          html`<span class=${strong ? "strong" : ""} style=${styleMap({ top: `${100 * at}%` })}>${text}</span>`,
      )}</div>
      <div class="picture">
        <explain-canvas .draw=${this.cells(similarities, boxed ? this.phases : NO_PHASES, store.state.dark)} tabindex="0" role="img" aria-label=${this.summary()}
          @pointerdown=${this.press} @pointermove=${this.move} @pointerleave=${this.leave} @keydown=${this.key}></explain-canvas>
        ${crossHair(this.across(similarities), this.down(similarities), cursor, referencePlace)}
        <explain-hover-line .range=${this.across(similarities)}></explain-hover-line>
        ${this.renderTip()}
      </div>
      <div class="across caption" aria-hidden="true">${axisLabels(similarities.columns, cursor).map(
        ({ at, text, strong }) =>
          html`<span class=${strong ? "strong" : ""} style=${styleMap({ left: `${100 * at}%` })}>${text}</span>`,
      )}</div>`;
  }

  private renderPhases(places: readonly number[]) {
    const { phases, columns } = this;
    if (phases.length < 2) return nothing;
    const range = columnRange(places);
    return phases.map((phase, i) => {
      const [left, right] = phaseEnds(phase, places, range, 1000);
      const place = styleMap({ left: `${left / 10}%`, width: `calc(${(right - left) / 10}% - 2px)` });
      const name = phaseName(phase, columns.steps, (step) => stepName(columns.run, step));
      const part = (right - left) / 1000;
      const text = part > TOLD_PHASE ? `phase ${i + 1}: ${name}` : part > NAMED_PHASE ? `phase ${i + 1}` : "";
      return html`<span style=${place} title=${name}>${text}</span>`;
    });
  }

  private value(row: number, column: number): string {
    const value = this.values[row * this.columns.steps.length + column];
    return Number.isFinite(value) ? `cos ${distance(value)}` : "not readable, or not finite";
  }

  /** "epoch 31 and epoch 19", with the runs' names where they differ. */
  private pair(row: number, column: number): string {
    const { rows, columns } = this;
    const different = rows.run.run !== columns.run.run;
    const named = ({ run, steps }: Side, index: number) =>
      `${different ? `${run.label} ` : ""}${longStepName(run, steps[index])}`;
    return `${named(columns, column)} and ${named(rows, row)}`;
  }

  private summary(): string {
    const { cursor, referencePlace, similarities } = this;
    const said = "Similarity of epochs";
    if (cursor === null || referencePlace === null) return said;
    const [row, column] = [nearestIndex(similarities.rows, referencePlace), nearestIndex(similarities.columns, cursor)];
    return `${said}: ${this.pair(row, column)}, ${this.value(row, column)}. Up and down move the reference.`;
  }

  private renderTip() {
    if (!this.hit) return nothing;
    const { row, column, left, top } = this.hit;
    const box = this.renderRoot.querySelector(".picture");
    const [width, height] = [box?.clientWidth ?? 0, box?.clientHeight ?? 0];
    const place = {
      ...(left > width / 2 ? { right: `${width - left + 12}px` } : { left: `${left + 12}px` }),
      ...(top > height - 72 ? { bottom: `${height - top + 12}px` } : { top: `${top + 16}px` }),
    };
    return html`<div class="tip" role="tooltip" style=${styleMap(place)}>${this.pair(row, column)}<br /><b>${this.value(row, column)}</b></div>`;
  }

  private find(event: PointerEvent): Hit | undefined {
    const { left, top, width, height } = (event.currentTarget as Element).getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const cell = cellAt(this.similarities, x, y, width, height);
    return cell && { ...cell, left: x, top: y };
  }

  private press(event: PointerEvent): void {
    const hit = this.find(event);
    if (!hit || event.button !== 0) return;
    if (event.shiftKey) {
      event.preventDefault(); // would select text
      this.setReference(hit.row);
      return;
    }
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    setPlace(this.similarities.columns[hit.column], { push: true });
  }

  private move(event: PointerEvent): void {
    this.hit = this.find(event);
    if (!this.hit) return;
    const place = this.similarities.columns[this.hit.column];
    store.set({ hover: place });
    if ((event.currentTarget as Element).hasPointerCapture(event.pointerId)) setPlace(place);
  }

  private leave(): void {
    this.hit = undefined;
    store.set({ hover: null });
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault(); // would scroll
    const { rows } = this.similarities;
    const at = this.referencePlace === null ? 0 : nearestIndex(rows, this.referencePlace);
    const by = (event.key === "ArrowDown" ? 1 : -1) * (event.shiftKey ? 10 : 1);
    this.setReference(Math.min(rows.length - 1, Math.max(0, at + by)));
  }

  private setReference(row: number): void {
    const { run, steps } = this.rows;
    if (run.run === focusRun(store.state)?.run) setReference(steps[row]);
    else store.set({ against: `run:${run.run}@${steps[row]}` }, { push: true });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-similarity-matrix": SimilarityMatrix;
  }
}
