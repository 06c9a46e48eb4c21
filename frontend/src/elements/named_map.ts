/**
 * `<explain-named-map>`: a heat map whose rows and columns have names: rows at its left, columns above it, as many as there is room for.
 * Pointed at, a cell tells all of itself. A click tells of its row by the event `row` (detail: its index).
 *
 * @property values   [rows, columns], row by row; what is not finite is hatched
 * @property rows, columns  their names
 * @property chosen   index of the row that is marked; −1 for none
 * @property signed   whether zero is the middle of the scale
 * @property limit    value at the end of the scale
 * @property describe  `(row, column) => [heading, text]`
 * @property label    what a screen reader says
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { sequentialLut, signedLut } from "../charts/color";
import { evenEdges, heatmapPixels, partAt } from "../charts/heatmap";
import { memo } from "../memo";
import { store, Watch } from "../state";
import { base } from "../styles";
import { paletteOf } from "../theme";
import { type Draw, putPixels } from "./canvas";
import "./canvas";
import { onResize } from "./resize";
import { type Said, tip, tipStyles } from "./tip";

/** CSS pixels: of names beside and above, of a name's line, of a cell, of the picture at most. */
const [BESIDE, ABOVE, LINE, LEAST, MOST, HIGHEST] = [76, 56, 12, 3, 32, 400];
/** About as wide as a letter of a name. */
const LETTER = 6.4;

/** Side of a cell, CSS pixels, and each how many-th row or column has room for its name. */
export function cellSize(width: number, rows: number, columns: number): { side: number; named: number } {
  const wanted = Math.min(MOST, (width - BESIDE) / Math.max(1, columns), HIGHEST / Math.max(1, rows));
  const side = Math.max(LEAST, wanted >= 8 ? Math.floor(wanted) : wanted);
  return { side, named: Math.ceil(LINE / side) };
}

@customElement("explain-named-map")
export class NamedMap extends LitElement {
  static override styles = [
    base,
    tipStyles,
    css`
      :host { display: block; min-width: 0; }
      .map { position: relative; display: grid; grid-template-columns: ${BESIDE}px max-content; }
      .picture { position: relative; cursor: pointer; }
      .beside, .above { position: relative; font-size: 11px; line-height: ${LINE}px; color: var(--ink3); }
      .beside span { position: absolute; right: 6px; max-width: ${BESIDE - 6}px; transform: translateY(-50%); }
      .above { grid-column: 2; }
      .above span { position: absolute; bottom: 4px; transform: translateX(-50%) rotate(180deg); max-height: 100%; writing-mode: vertical-rl; }
      .now { color: var(--ink); font-weight: 600; }
      .hit, .chosen { position: absolute; border: 1.25px solid var(--cursor); outline: 1px solid var(--bg); pointer-events: none; }
    `,
  ];

  @property({ attribute: false }) values: ArrayLike<number> = [];
  @property({ attribute: false }) rows: readonly string[] = [];
  @property({ attribute: false }) columns: readonly string[] = [];
  @property({ type: Number }) chosen = -1;
  @property({ type: Boolean }) signed = false;
  @property({ type: Number }) limit = 1;
  @property({ attribute: false }) describe: (row: number, column: number) => Said = () => ["", ""];
  @property() label = "";
  @state() private width = 0;
  @state() private hit: { row: number; column: number; x: number; y: number } | undefined;
  protected watch = new Watch(this, ["dark"]);

  constructor() {
    super();
    onResize(this, ({ width }) => {
      this.width = Math.floor(width);
    });
  }

  private picture = memo(
    (values: ArrayLike<number>, rows: number, columns: number, signed: boolean, limit: number, dark: boolean): Draw => {
      const { theme } = paletteOf(dark);
      return (context, { width, height, ratio }) => {
        const [edges, rowEdges] = [
          evenEdges(columns, Math.round(width * ratio)),
          evenEdges(rows, Math.round(height * ratio)),
        ];
        const lut = (signed ? signedLut : sequentialLut)[theme];
        putPixels(
          context,
          heatmapPixels({ values, rows, columns }, { lut, signed, limit, theme, edges, rowEdges, gap: 0 }),
        );
      };
    },
  );

  protected override render() {
    const { rows, columns, width, hit } = this;
    if (!width) return html`<div style="height: 200px"></div>`;
    const { side, named } = cellSize(width, rows.length, columns.length);
    const draw = this.picture(this.values, rows.length, columns.length, this.signed, this.limit, store.state.dark);
    const longest = columns.reduce((most, name) => Math.max(most, name.length), 0);
    const above = Math.min(ABOVE, Math.ceil(longest * LETTER) + 8);
    const middle = (i: number) => `${(i + 0.5) * side}px`;
    const box = (row: number, column: number, across: number) =>
      styleMap({
        top: `${row * side}px`,
        left: `${column * side}px`,
        width: `${across * side}px`,
        height: `${side}px`,
      });
    const isNamed = (i: number, now: number | undefined) =>
      i === now || (i % named === 0 && (now === undefined || Math.abs(i - now) >= named));
    const name = (text: string, i: number, now: number | undefined, place: string) =>
      isNamed(i, now)
        ? html`<span class="clip ${i === now ? "now" : ""}" dir="auto" title=${text} style=${place}>${text}</span>`
        : nothing;
    return html`<div class="map" style=${`grid-template-rows: ${above}px max-content`}>
      <div class="above" aria-hidden="true">${columns.map((text, i) => name(text, i, hit?.column, `left: ${middle(i)}`))}</div>
      <div class="beside" aria-hidden="true">${rows.map((text, i) => name(text, i, hit?.row ?? (this.chosen >= 0 ? this.chosen : undefined), `top: ${middle(i)}`))}</div>
      <div class="picture" style=${styleMap({ width: `${columns.length * side}px`, height: `${rows.length * side}px` })}>
        <explain-canvas style="height: 100%" .draw=${draw} tabindex="0" role="img" aria-label=${this.label}
          @pointermove=${this.point} @pointerleave=${this.leave} @click=${this.press}></explain-canvas>
        ${this.chosen >= 0 && this.chosen < rows.length ? html`<div class="chosen" style=${box(this.chosen, 0, columns.length)}></div>` : nothing}
        ${hit && hit.row < rows.length && hit.column < columns.length ? html`<div class="hit" style=${box(hit.row, hit.column, 1)}></div>${tip(this.describe(hit.row, hit.column), hit.x, hit.y)}` : nothing}
      </div>
    </div>`;
  }

  private find(event: MouseEvent): typeof this.hit {
    const { left, top, width, height } = (event.currentTarget as Element).getBoundingClientRect();
    const row = partAt(evenEdges(this.rows.length, height), event.clientY - top);
    const column = partAt(evenEdges(this.columns.length, width), event.clientX - left);
    return row < 0 || column < 0 ? undefined : { row, column, x: event.clientX, y: event.clientY };
  }

  private point(event: PointerEvent): void {
    this.hit = this.find(event);
  }

  private leave(): void {
    this.hit = undefined;
  }

  private press(event: MouseEvent): void {
    const hit = this.find(event);
    if (hit) this.dispatchEvent(new CustomEvent("row", { detail: hit.row }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-named-map": NamedMap;
  }
}
