/** `<explain-curve-panel>`: a title row with the values at the cursor (or under the pointer), and the curves below. */
import { css, html, LitElement, nothing, unsafeCSS } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import uPlotCss from "uplot/dist/uPlot.min.css?inline";
import { valueAt } from "../charts/curve_data";
import { type CurveChart, type Curves, curves } from "../charts/curves";
import { markedStep, setReferencePlace } from "../references";
import { cursorPlace, cursorStepNear, setPlace, store, Watch } from "../state";
import { base } from "../styles";
import { paletteOf } from "../theme";
import { onResize } from "./resize";
import "./words_dialog";
import { type FigureHelp, saidOf } from "./words_dialog";

/** A chart with its words. */
export interface Panel extends CurveChart {
  title: string;
  unit: string;
  /** What it means, told when its title is pressed. */
  help?: FigureHelp;
  /** Whether values in the title row stand with their lines' names. */
  named?: boolean;
}

/** More would push the title out of its row: so much room for the title, so much for a value. */
const TITLE_WIDTH = 170;
const VALUE_WIDTH = 48;
const MOST_VALUES = 4;
const HEIGHT = 80;

@customElement("explain-curve-panel")
export class CurvePanel extends LitElement {
  static override styles = [
    base,
    unsafeCSS(uPlotCss),
    css`
      :host { display: block; }
      .title { height: 16px; gap: 12px; }
      .title b, .about { font-weight: 500; }
      .about { padding: 0; border: 0; background: none; cursor: help; }
      .about:hover { text-decoration: underline dotted; text-underline-offset: 3px; }
      .about:focus-visible { outline-offset: -1px; }
      .value { display: inline-flex; align-items: center; gap: 4px; flex: none; }
      .value.focus { font-weight: 600; }
      .values { display: flex; gap: 12px; flex: none; }
      .plot { position: relative; cursor: crosshair; touch-action: pan-y; border-radius: 3px; }
      .u-over { overflow: visible; }
      .mark { position: absolute; top: 0; bottom: 0; left: 0; width: 0; pointer-events: none; }
      .mark.cursor { border-left: 1.25px solid var(--cursor); margin-left: -0.6px; }
      .mark.reference { border-left: 1px dashed var(--ink2); }
      .mark.hover { border-left: 1px solid var(--line2); }
      .point { position: absolute; top: -3px; left: -3px; width: 6px; height: 6px; border-radius: 50%; pointer-events: none; }
      .label {
        position: absolute; top: 0; left: 0; padding: 0 1px; pointer-events: none; white-space: nowrap;
        font-size: 11px; line-height: 14px; color: var(--ink2);
        text-shadow: 0 0 2px var(--bg), 0 0 2px var(--bg), 0 0 2px var(--bg);
      }
      .label.limit { color: var(--ink3); }
      .label.alarm { color: var(--alarm); font-weight: 500; }
      .point.focus { top: -5px; left: -5px; width: 10px; height: 10px; border: 1.5px solid; }
    `,
  ];

  @property({ attribute: false }) panel?: Panel;

  @state() private helping = false;

  private chart?: Curves;
  private drawn: unknown[] = [];
  private width = 0;

  constructor() {
    super();
    onResize(this, ({ width }) => {
      if (Math.round(width) === this.width) return;
      this.width = Math.round(width);
      this.requestUpdate();
    });
    new Watch(this, ["epoch", "against", "hover", "dark", "groups", "focus", "method"]);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.chart?.destroy();
    this.chart = undefined;
    this.drawn = [];
  }

  protected override render() {
    if (!this.panel) return nothing;
    const { title, unit, help } = this.panel;
    const tell = (helping: boolean) => () => {
      this.helping = helping;
    };
    return html`
      <div class="row title">
        <span class="spread clip" title=${unit ? `${title}, ${unit}` : title}
          >${
            help
              ? html`<button class="about" aria-haspopup="dialog" title="What this means" @click=${tell(true)}>${title}</button>`
              : html`<b>${title}</b>`
          } <span class="faint">${unit}</span></span
        >
        ${this.panel.ends ? nothing : html`<span class="values">${this.values()}</span>`}
      </div>
      <div
        class="plot"
        tabindex="0"
        role="img"
        aria-label=${this.summary()}
        @pointermove=${this.point}
        @pointerleave=${() => store.set({ hover: null })}
        @pointerdown=${this.pick}
      ></div>
      ${help && this.helping ? html`<explain-words .heading=${title} .rows=${saidOf(help)} @close=${tell(false)}></explain-words>` : nothing}
    `;
  }

  protected override updated(): void {
    const root = this.renderRoot.querySelector<HTMLElement>(".plot");
    if (!root || !this.panel || this.width < 80) return;
    const { dark, epoch, hover } = store.state;
    const key = [this.panel, dark, this.width, devicePixelRatio];
    if (!this.chart || key.some((part, i) => part !== this.drawn[i])) {
      this.chart?.destroy();
      this.chart = curves(root, this.panel, paletteOf(dark), this.width, HEIGHT);
      this.drawn = key;
    }
    const at = (step: number | null) => cursorPlace(store.state, step);
    this.chart.mark({ cursor: at(epoch), reference: at(markedStep(store.state)), hover });
  }

  /** The focus run first, then as many others as fit. */
  private shownValues() {
    const { epoch, hover } = store.state;
    const place = hover ?? cursorPlace(store.state, epoch);
    const room = Math.min(MOST_VALUES, Math.max(1, Math.floor((this.width - TITLE_WIDTH) / VALUE_WIDTH)));
    const lines = (this.panel?.lines ?? []).filter((line) => !line.dotted && !line.dashed && !line.aside);
    const ordered = [...lines].sort((a, b) => Number(b.focus) - Number(a.focus)).slice(0, room);
    return ordered.map((line) => ({ line, value: place === null ? Number.NaN : valueAt(line, place) }));
  }

  private values() {
    return this.shownValues().map(
      ({ line, value }) => html`<span class="value ${line.focus ? "focus" : ""}" title=${line.label}>
        <span class="dot" style="background: ${line.colour}"></span>${this.panel?.named ? line.name?.replace(/\.?$/, ":") : nothing}
        ${this.panel?.figure(value)}
      </span>`,
    );
  }

  private summary(): string {
    const values = this.shownValues().map(({ line, value }) => `${line.label} ${this.panel?.figure(value)}`);
    return `${this.panel?.title} ${this.panel?.unit}: ${values.join(", ") || "no values"}`;
  }

  private point(event: PointerEvent): void {
    if (!this.chart) return;
    const epoch = this.chart.epochAt(event.clientX);
    store.set({ hover: cursorPlace(store.state, cursorStepNear(store.state, epoch) ?? null) });
    if (event.buttons === 1 && !event.shiftKey) setPlace(epoch);
  }

  private pick(event: PointerEvent): void {
    if (!this.chart || event.button !== 0) return;
    const epoch = this.chart.epochAt(event.clientX);
    if (event.shiftKey) {
      event.preventDefault(); // would select text
      setReferencePlace(epoch);
    } else {
      (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
      setPlace(epoch, { push: true });
    }
  }
}
