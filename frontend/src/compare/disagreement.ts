/**
 * `<explain-disagreement>`: one sample's explanation on both sides, and what each side says of it. Click opens the sample.
 *
 * @property row       the sample
 * @property input     the input that is drawn
 * @property logged    what the sample looks like; undefined where inputs are not logged
 * @property here      its attribution in A, of `input`
 * @property there     in B
 * @property limit     |value| at the end of the colour scale, one for all rows
 * @property signed    whether zero is the middle of that scale
 * @property dark      the theme
 * @property place     in its list
 * @property stop      whether it is the one of its list that the Tab key stops at
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { ManifestInput } from "../api";
import { type LoggedSample, noneFinite } from "../elements/sample_thumb";
import "../elements/sample_thumb";
import { distance, isolated, percent } from "../format";
import { memo } from "../memo";
import { store } from "../state";
import { base } from "../styles";
import type { SampleRow, Verdict } from "../views/samples_model";

type Layout = "image" | "bars" | "text";
export const layoutOf = ({ kind }: ManifestInput): Layout => (kind === "image" || kind === "text" ? kind : "bars");

/** Columns of a row, and of the heads above all rows. */
export const COLUMNS: Record<Layout, string> = {
  image: "repeat(3, minmax(32px, 54px)) minmax(116px, 1fr)",
  bars: "repeat(2, minmax(0, 1fr)) 148px",
  text: "minmax(0, 1fr) 148px",
};

type Values = ArrayLike<number> | undefined;

/** A less B, cell by cell. */
export const difference = (here: Values, there: Values): Float32Array | undefined =>
  here && there && Float32Array.from(here, (value, i) => value - there[i]);

@customElement("explain-disagreement")
export class Disagreement extends LitElement {
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = [
    base,
    css`
      :host { display: block; min-width: 0; height: 100%; }
      button { display: grid; gap: 8px; align-items: center; width: 100%; height: 58px; padding: 0; border: 0; border-radius: 6px; background: none; text-align: left; cursor: pointer; }
      button:hover { background: var(--focus-bg); }
      button:focus-visible { outline-offset: -2px; }
      .lines { display: grid; gap: 4px; min-width: 0; }
      .lines explain-sample-thumb { height: 20px; overflow: hidden; }
      .bars explain-sample-thumb::part(bars) { height: 44px; }
      .who { min-width: 0; }
      .first { display: flex; gap: 6px; align-items: baseline; }
      .first b, .first .quiet { flex: 0 1 auto; min-width: 28px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .first b { font-weight: 600; }
      .first .end { flex: none; margin-left: auto; padding-right: 4px; font-weight: 600; }
      .says { display: flex; }
      .says span { flex: none; white-space: pre; }
      .wrong { color: var(--alarm); font-weight: 600; }
    `,
  ];

  @property({ attribute: false }) row!: SampleRow;
  @property({ attribute: false }) input!: ManifestInput;
  @property({ attribute: false }) logged: LoggedSample | undefined;
  @property({ attribute: false }) here: Values;
  @property({ attribute: false }) there: Values;
  @property({ type: Number }) limit = 1;
  @property({ type: Boolean }) signed = false;
  @property({ type: Boolean }) dark = false;
  @property({ type: Number }) place = 0;
  @property({ type: Boolean }) stop = false;

  private less = memo(difference);

  protected override render() {
    const { row, here, there } = this;
    const layout = layoutOf(this.input);
    const maps = html`${this.thumb(here, "A", true)}${this.thumb(there, "B", true)}`;
    return html`<button class=${layout} style="grid-template-columns: ${COLUMNS[layout]}" tabindex=${this.stop ? 0 : -1} @click=${this.open}>
      ${layout === "text" ? html`<div class="lines">${maps}</div>` : maps}
      ${layout === "image" ? this.thumb(this.less(here, there), "A − B", false) : nothing}
      <div class="who">
        <p class="first"><b>${row.name}</b><span class="quiet">${row.label ? html`is <bdi>${row.label}</bdi>` : ""}</span><span class="end">${distance(row.drift)}</span></p>
        ${says("A", row.now, here)}${says("B", row.reference, there)}
      </div>
    </button>`;
  }

  private thumb(values: Values, what: string, own: boolean) {
    return html`<explain-sample-thumb compact ?dark=${this.dark} .input=${this.input} .values=${values} .limit=${this.limit}
      .sample=${own ? this.logged : undefined} .signed=${this.signed || !own} label="${this.row.name}, ${what}"></explain-sample-thumb>`;
  }

  private open(): void {
    store.set({ view: "samples", sample: this.row.index }, { push: true });
  }
}

/** "A says 4, 76 %", a wrong one in the colour of alarms. */
function says(side: string, verdict: Verdict | undefined, values: Values) {
  if (!verdict) return values && noneFinite(values) ? html`<p class="quiet">${side}: not finite</p>` : nothing;
  const confidence = Number.isFinite(verdict.confidence) ? `, ${percent(verdict.confidence).replace(/\.\d/, "")}` : "";
  return html`<p class="says quiet" title="${side} says ${isolated(verdict.says)}${confidence}"><span>${side} says </span><bdi class="clip ${verdict.wrong ? "wrong" : ""}">${verdict.says}</bdi><span>${confidence}</span></p>`;
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-disagreement": Disagreement;
  }
}
