/**
 * `<explain-curve-list>`: all lines of a chart with their values at the step under the pointer, or at the cursor: beside the chart,
 * where its title row has no room for them.
 *
 * @property lines   whose values are listed, the largest first
 * @property figure  a line's value at a place, as text
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { type Line, valueAt } from "../charts/curve_data";
import { Watch } from "../state";
import { base } from "../styles";
import { marksNow } from "./marked";

const WIDTH = 240;
const ROW = 18;
const PADDING = 8;
const GAP = 8;

@customElement("explain-curve-list")
export class CurveList extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        position: fixed; z-index: 4; padding: ${PADDING}px; border: 1px solid var(--line2); border-radius: 6px; background: var(--bg);
        box-shadow: 0 4px 12px rgb(20 30 50 / .14); pointer-events: none; width: ${WIDTH}px;
      }
      li { display: flex; gap: 6px; align-items: center; height: ${ROW}px; }
      .focus { font-weight: 600; }
    `,
  ];

  @property({ attribute: false }) lines: readonly Line[] = [];
  @property({ attribute: false }) figure!: (line: Line, place: number | null) => string;
  /** Of the chart, on the page. */
  @property({ attribute: false }) beside!: DOMRect;

  constructor() {
    super();
    new Watch(this, ["epoch", "hover"]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.setAttribute("role", "tooltip");
  }

  protected override render() {
    const { hover, cursor } = marksNow();
    const place = hover ?? cursor;
    const known = (line: Line): number => {
      const value = place === null ? Number.NaN : valueAt(line, place);
      return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
    };
    const room = Math.floor((innerHeight - 2 * GAP - 2 * PADDING) / ROW);
    const sorted = [...this.lines].sort((a, b) => known(b) - known(a));
    const shown = sorted.length > room ? sorted.slice(0, room - 1) : sorted;
    this.place((shown.length + Number(shown.length < sorted.length)) * ROW + 2 * PADDING);
    return html`<ol>
      ${shown.map(
        (line) => html`<li class=${line.focus ? "focus" : ""}>
          <span class="dot" style=${styleMap({ background: line.colour })}></span><span class="clip spread">${line.label}</span>${this.figure(line, place)}
        </li>`,
      )}
      ${shown.length < sorted.length ? html`<li class="faint">and ${sorted.length - shown.length} lower</li>` : nothing}
    </ol>`;
  }

  /** To the chart's right if there is room, else to its left; all of it on the page. */
  private place(height: number): void {
    const { left, right, top } = this.beside;
    const x = right + GAP + WIDTH < innerWidth ? right + GAP : left - GAP - WIDTH;
    const y = Math.min(top, innerHeight - GAP - height);
    Object.assign(this.style, { left: `${Math.max(GAP, x)}px`, top: `${Math.max(GAP, y)}px` });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-curve-list": CurveList;
  }
}
