/**
 * `<explain-window>`: a long list of rows of one height, of which only those in sight exist.
 *
 * @property count      number of items
 * @property columns    items a row
 * @property rowHeight  in CSS pixels
 * @property gap        CSS pixels between columns
 * @property item       `(index) => TemplateResult`, what stands at an index
 * @property chosen     index to keep in sight; −1 for none. Scrolled to when it changes, or leaves sight because the list got smaller
 */
import { css, html, LitElement, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { styleMap } from "lit/directives/style-map.js";
import { onResize } from "./resize";

export interface RowRange {
  first: number;
  /** One past the last. */
  end: number;
}

/** The rows that touch the viewport, and one more at either side, so that scrolling shows no gap. */
export function rowsInSight(scrollTop: number, viewport: number, rowHeight: number, rows: number): RowRange {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - 1);
  return { first: Math.min(first, rows), end: Math.min(rows, Math.ceil((scrollTop + viewport) / rowHeight) + 1) };
}

@customElement("explain-window")
export class WindowElement extends LitElement {
  static override styles = css`
    :host { display: block; overflow: hidden auto; position: relative; outline-offset: -2px; }
    .all { position: relative; }
    .rows { position: absolute; inset: 0 0 auto 0; display: grid; }
  `;

  @property({ type: Number }) count = 0;
  @property({ type: Number }) columns = 1;
  @property({ type: Number }) rowHeight = 48;
  @property({ type: Number }) gap = 0;
  @property({ attribute: false }) item: (index: number) => unknown = () => "";
  @property({ type: Number }) chosen = -1;
  @state() private top = 0;
  @state() private viewport = 0;
  @query(".all") private all!: HTMLElement;

  constructor() {
    super();
    onResize(this, () => {
      const top = this.chosenTop();
      const wasInSight = top >= this.scrollTop && top + this.rowHeight <= this.scrollTop + this.viewport;
      this.viewport = this.clientHeight;
      if (wasInSight) this.reveal();
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener("scroll", this.follow, { passive: true });
  }

  override disconnectedCallback(): void {
    this.removeEventListener("scroll", this.follow);
    super.disconnectedCallback();
  }

  private follow = (): void => {
    this.top = this.scrollTop;
  };

  protected override render() {
    const rows = Math.ceil(this.count / this.columns);
    const { first, end } = rowsInSight(this.top, this.viewport, this.rowHeight, rows);
    const from = first * this.columns;
    const indices = Array.from({ length: Math.min(this.count, end * this.columns) - from }, (_, i) => from + i);
    const place = styleMap({
      transform: `translateY(${first * this.rowHeight}px)`,
      gridTemplateColumns: `repeat(${this.columns}, minmax(0, 1fr))`,
      gridAutoRows: `${this.rowHeight}px`,
      columnGap: `${this.gap}px`,
    });
    return html`<div class="all" style=${styleMap({ height: `${rows * this.rowHeight}px` })}>
      <div class="rows" style=${place}>${repeat(
        indices,
        (index) => index,
        (index) => this.item(index),
      )}</div>
    </div>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (this.all && (changed.has("chosen") || changed.has("rowHeight"))) this.reveal();
  }

  private chosenTop(): number {
    return Math.floor(this.chosen / this.columns) * this.rowHeight;
  }

  private reveal(): void {
    this.viewport = this.clientHeight; // it may shrink before anybody tells of it
    if (this.chosen < 0) return;
    const top = this.chosenTop();
    if (top < this.scrollTop) this.scrollTop = top;
    else if (top + this.rowHeight > this.scrollTop + this.clientHeight) {
      this.scrollTop = top + this.rowHeight - this.clientHeight;
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-window": WindowElement;
  }
}
