/**
 * `<explain-sample-card>`: one sample at the reference, now, and the change between them, with what the model says of it.
 *
 * @property picture  what is drawn, shared by all cards
 * @property row      the sample
 * @property shown    which of the maps
 * @property layout   "card" (an image), "row" (bars, or several inputs side by side) or "text"
 * @property most     the drift of a full bar
 * @property chosen   whether it is the sample of the detail pane
 * @property room     lines that a text may take
 * @property stop     whether the Tab key stops at it
 */

import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import type { ManifestInput } from "../api";
import { followChoice } from "../elements/item_keys";
import type { Room } from "../elements/sample_thumb";
import "../elements/sample_thumb";
import { distance, isolated, percent } from "../format";
import { store } from "../state";
import { shortStep } from "../steps";
import { base } from "../styles";
import type { Shown } from "./samples_asked";
import { columnsOf } from "./samples_columns";
import { explainsInput, type Picture } from "./samples_data";
import { drawMaps } from "./samples_maps";
import type { SampleRow } from "./samples_model";
import { type Layout, loggedSample, type Moment, moments, momentValues } from "./samples_moments";
import { renderSaying, saying, saysStyles } from "./samples_says";

/** Characters of a sample's name that are never cut. */
const SHORT = 8;

@customElement("explain-sample-card")
export class SampleCard extends LitElement {
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = [
    base,
    saysStyles,
    css`
      :host { display: block; min-width: 0; height: 100%; contain: strict; }
      :host([layout="card"]) { margin: 0 -8px; }
      button { position: relative; display: block; width: 100%; padding: 0; border: 0; background: none; text-align: left; cursor: pointer; border-radius: 6px; }
      button:focus-visible { outline-offset: -2px; }
      .card-layout { height: calc(100% - 6px); display: flex; flex-direction: column; padding: 7px; border: 1px solid transparent; }
      .card-layout[aria-pressed="true"] { background: var(--focus-bg); border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
      .maps { flex: 1; min-height: 0; }
      .says { flex: none; display: flex; gap: 5px; align-items: baseline; height: 20px; padding-top: 4px; white-space: nowrap; }
      .says > * { flex: none; }
      .says .text { flex: 0 1 auto; overflow: hidden; text-overflow: ellipsis; min-width: 0; }
      .says b.text { flex-shrink: 3; max-width: 50%; }
      .says .said { flex: 0 1 auto; }
      .says .label { flex-shrink: 8; }
      button.pinned::before { content: ""; position: absolute; top: 0; left: 8px; width: 24px; height: 3px; border-radius: 0 0 3px 3px; background: var(--accent); }
      .says > .drift { flex: 0 100 auto; min-width: 36px; justify-content: end; margin-left: auto; display: inline-flex; gap: 6px; align-items: baseline; }
      .bar { align-self: center; flex: 0 1 auto; width: 24px; min-width: 0; height: 4px; border-radius: 2px; background: var(--sunk); overflow: hidden; }
      .bar i { display: block; height: 100%; background: var(--ink2); }
      /* Two lines: what it is; what is said of it, beside its figures. */
      .single .says { flex-wrap: wrap; height: 36px; margin-bottom: 4px; column-gap: 6px; row-gap: 0; overflow: hidden; }
      .single .says .text { max-width: calc(50% - 3px); }
      .single .says .long { max-width: calc(100% - 80px); }
      .single .says > .drift { flex: 1 1 36px; }

      .row-layout { height: 100%; border-radius: 0; border-bottom: 1px solid var(--line); display: flex; gap: 12px; align-items: center; padding: 0 8px; }
      .row-layout[aria-pressed="true"], .text-layout[aria-pressed="true"] { background: var(--focus-bg); box-shadow: inset 2px 0 0 var(--accent); }
      .row-layout .who { flex: none; width: var(--who); overflow: hidden; }
      .who p { display: flex; gap: 4px; white-space: nowrap; }
      .who p > :not(.said, .text) { flex: none; }
      .who .text { flex: 0 1 auto; min-width: 0; overflow: hidden; text-overflow: ellipsis; }
      .who p .faint { font-weight: 400; }
      .row-layout .inputs { flex: 1; min-width: 0; display: grid; gap: 12px; height: 100%; align-items: center; }
      .row-layout explain-sample-thumb { overflow: hidden; max-height: 100%; }
      .row-layout .shift { flex: none; width: 36px; text-align: right; }

      .text-layout { height: 100%; border-radius: 0; border-bottom: 1px solid var(--line); padding: 8px 8px 0; overflow: hidden; }
      .line { display: flex; gap: 8px; margin-top: 4px; overflow: hidden; }
      .line .at { flex: none; width: 28px; line-height: 20px; color: var(--ink3); text-align: right; }
      .line .now { color: var(--ink); font-weight: 600; }
      .line explain-sample-thumb { flex: 1; }
    `,
  ];

  @property({ attribute: false }) picture!: Picture;
  @property({ attribute: false }) row!: SampleRow;
  @property({ attribute: false }) shown: Shown = "all";
  @property({ reflect: true }) layout: Layout = "card";
  @property({ type: Boolean }) chosen = false;
  /** Whether it stands first, whatever is sorted and filtered. */
  @property({ type: Boolean }) pinned = false;
  @property({ type: Boolean }) stop = false;
  @property({ type: Number }) most = 1;
  /** Lines of a text at one moment. */
  @property({ type: Number }) lines = 1;
  @property({ attribute: false }) room: Room | undefined;

  private get moments(): Moment[] {
    return moments(this.shown, this.layout, this.picture.reference !== undefined);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("chosen") && this.chosen) followChoice(this.getRootNode(), "explain-sample-card", this);
  }

  protected override render() {
    if (this.layout === "row") return this.renderRow();
    return this.layout === "text" ? this.renderText() : this.renderCard();
  }

  private button(kind: string, content: TemplateResult) {
    return html`<button class="${kind} ${this.pinned ? "pinned" : ""}" tabindex=${this.stop ? 0 : -1} aria-pressed=${this.chosen ? "true" : "false"}
      @click=${this.choose}>${content}</button>`;
  }

  private choose(): void {
    this.dispatchEvent(new CustomEvent("choose", { detail: this.row.index, bubbles: true, composed: true }));
  }

  private thumb(input: ManifestInput, moment: Moment) {
    const { picture, row } = this;
    const sample =
      moment === "change" && input.kind === "image" ? undefined : loggedSample(picture.inputs, input, row.index);
    return html`<explain-sample-thumb compact ?dark=${store.state.dark} .input=${input} .sample=${sample} .room=${this.room}
      .values=${momentValues(picture, input, row.index, moment)} .limit=${picture.limits(row.index).cards} .signed=${picture.signed || moment === "change"}></explain-sample-thumb>`;
  }

  private renderCard() {
    const { picture, row } = this;
    const [input] = picture.manifest.inputs;
    const shown = this.moments;
    const maps = shown.map((moment) => ({
      values: momentValues(picture, input, row.index, moment),
      sample: moment === "change" ? undefined : loggedSample(picture.inputs, input, row.index),
      signed: picture.signed || moment === "change",
    }));
    const content = html`<explain-canvas class="maps" .draw=${drawMaps(input, maps, picture.limits(row.index).cards)}></explain-canvas>
      <div class="says">${this.renderSays()} ${this.renderDrift()}</div>`;
    return this.button(`card-layout ${shown.length === 1 ? "single" : ""}`, content);
  }

  /** All that is said of it, for the pointer. */
  private get whole(): string {
    const { name, label } = this.row;
    return [isolated(name), label && `is ${isolated(label)}`, saying(this.row).text, this.confidence, this.saidAt]
      .filter(Boolean)
      .join(" ");
  }

  private get confidence(): string {
    const { now } = this.row;
    return now && Number.isFinite(now.confidence) ? percentWhole(now.confidence) : "";
  }

  /** Which step's predictions these are, where the drawn one has none. */
  private get saidAt(): string {
    const { saidAt } = this.row;
    return saidAt === undefined ? "" : `at ${shortStep(this.picture.run, saidAt)}`;
  }

  private get sayingRoom(): number | undefined {
    if (this.layout !== "card") return undefined;
    return this.moments.length === 1 ? 4 : 16;
  }

  private renderSays() {
    const { row, whole, confidence, saidAt } = this;
    const least = styleMap(row.name.length > SHORT ? { minWidth: `${SHORT}ch` } : { flexShrink: "0" });
    return html`<b class="text" style=${least} title=${whole}><bdi>${row.name}</bdi></b>${this.pinned ? html`<span class="unseen">pinned</span>` : nothing}
      ${row.label ? html`<span class="text label quiet" title=${whole}>is <bdi>${row.label}</bdi></span>` : nothing}
      ${renderSaying(row, whole, this.sayingRoom)}
      ${confidence ? html`<span class="faint">${confidence}</span>` : nothing}
      ${saidAt ? html`<span class="faint">${saidAt}</span>` : nothing}`;
  }

  private renderDrift() {
    const { drift } = this.row;
    if (!Number.isFinite(drift)) return nothing;
    const width = styleMap({ width: `${Math.min(100, (100 * drift) / this.most)}%` });
    return html`<span class="drift"><span class="bar"><i style=${width}></i></span>${distance(drift)}</span>`;
  }

  private renderRow() {
    const { row, picture } = this;
    const inputs = picture.manifest.inputs.filter((input) => explainsInput(picture, input));
    const { whole, confidence, saidAt } = this;
    const columns = styleMap({ gridTemplateColumns: columnsOf(inputs) });
    const content = html`<div class="who" title=${whole}>
        <p><b class="text"><bdi>${row.name}</bdi></b> ${row.label ? html`<span class="text quiet">is <bdi>${row.label}</bdi></span>` : nothing}</p>
        <p class=${saying(row).tone || "quiet"}>${renderSaying(row, whole)}${confidence ? html`<span class="faint">${confidence}</span>` : nothing}${
          saidAt ? html`<span class="faint">${saidAt}</span>` : nothing
        }</p>
      </div>
      ${this.moments.map(
        (moment) =>
          html`<div class="inputs" style=${columns}>${inputs.map((input) => this.thumb(input, moment))}</div>`,
      )}
      <span class="shift">${distance(row.drift)}</span>`;
    return this.button("row-layout", content);
  }

  private renderText() {
    const { picture } = this;
    const [input] = picture.manifest.inputs;
    const now = { run: picture.run, step: picture.nowStep };
    const at = { reference: picture.referenceAt ?? now, now, change: now };
    const height = styleMap({ height: `${22 * this.lines - 2}px` });
    const content = html`<div class="says" style="padding:0">${this.renderSays()} ${this.renderDrift()}</div>
      ${this.moments.map(
        (moment) => html`<div class="line" style=${height}>
          <span class="at ${moment === "reference" ? "" : "now"}">${moment === "change" ? "Δ" : shortStep(at[moment].run, at[moment].step)}</span>
          ${this.thumb(input, moment)}
        </div>`,
      )}`;
    return this.button("text-layout", content);
  }
}

/** Confidences need no decimal on a card. */
const percentWhole = (share: number): string => percent(share).replace(/\.\d/, "");

declare global {
  interface HTMLElementTagNameMap {
    "explain-sample-card": SampleCard;
  }
}
