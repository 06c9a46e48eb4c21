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
import type { Attribution, Inputs, ManifestInput, SampleArray } from "../api";
import { followChoice } from "../elements/item_keys";
import type { LoggedSample, Room } from "../elements/sample_thumb";
import { shortStep } from "../steps";
import "../elements/sample_thumb";
import { distance, percent } from "../format";
import { store } from "../state";
import { base } from "../styles";
import { explainsInput, type Picture } from "./samples_data";
import { drawMaps } from "./samples_maps";
import { type SampleRow, sampleOf } from "./samples_model";
import type { Shown } from "./samples_tools";

/** Height of an image in a row of its own, in CSS pixels. */
const IMAGE_HEIGHT = 56;

export type Layout = "card" | "row" | "text";
export type Moment = "reference" | "now" | "change";

/** The moments that a card shows, in order. */
export function moments(shown: Shown, layout: Layout, hasReference: boolean): Moment[] {
  if (!hasReference || shown === "now") return ["now"];
  if (shown === "change") return ["change"];
  return layout === "card" ? ["reference", "now", "change"] : ["reference", "now"];
}

const loggedSamples = new WeakMap<SampleArray, LoggedSample[]>();

/** One sample as logged: the same object every time, so that what is made of it can be remembered. */
export function loggedSample(
  inputs: Inputs | undefined,
  input: ManifestInput,
  index: number,
): LoggedSample | undefined {
  const array = inputs?.[input.name];
  if (!array) return undefined;
  const held = loggedSamples.get(array) ?? [];
  loggedSamples.set(array, held);
  held[index] ??= { data: sampleOf(array, index), shape: array.shape.slice(1) };
  return held[index];
}

/** A sample's attribution at a moment; undefined while it is not there. */
export function momentValues(picture: Picture, input: ManifestInput, index: number, moment: Moment) {
  const at = (frame: Attribution | undefined) => {
    const array = frame?.values[input.name];
    return array && sampleOf(array, index);
  };
  if (moment === "now") return at(picture.now);
  if (moment === "reference") return at(picture.reference);
  const [now, reference] = [at(picture.now), at(picture.reference)];
  return now && reference && difference(now, reference);
}

function difference(now: ArrayLike<number>, reference: ArrayLike<number>): Float32Array {
  const change = new Float32Array(now.length);
  for (let i = 0; i < change.length; i++) change[i] = now[i] - reference[i];
  return change;
}

/** "says 1 → 8" with its colour's class: right or wrong where it flipped, plain where it did not. */
export function saying(row: SampleRow): { text: string; tone: string } {
  const { now, reference, flipped } = row;
  if (!now) return { text: "", tone: "" };
  const moved = flipped || (now.class < 0 && reference !== undefined && reference.says !== now.says);
  const text = moved ? `says ${reference?.says} → ${now.says}` : `says ${now.says}`;
  return { text, tone: now.wrong ? "wrong" : flipped ? "right" : "" };
}

@customElement("explain-sample-card")
export class SampleCard extends LitElement {
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = [
    base,
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
      .says b.text { flex: none; max-width: 50%; }
      .says .label { flex-shrink: 8; }
      button.pinned::before { content: ""; position: absolute; top: 0; left: 8px; width: 24px; height: 3px; border-radius: 0 0 3px 3px; background: var(--accent); }
      .wrong { color: var(--alarm); font-weight: 600; }
      .right { color: var(--ok); font-weight: 600; }
      .says > .drift { flex: 0 100 auto; min-width: 36px; justify-content: end; margin-left: auto; display: inline-flex; gap: 6px; align-items: baseline; }
      .bar { align-self: center; flex: 0 1 auto; width: 24px; min-width: 0; height: 4px; border-radius: 2px; background: var(--sunk); overflow: hidden; }
      .bar i { display: block; height: 100%; background: var(--ink2); }
      .single .says { flex-wrap: wrap; height: 40px; column-gap: 6px; row-gap: 0; overflow: hidden; }

      .row-layout { height: 100%; border-radius: 0; border-bottom: 1px solid var(--line); display: flex; gap: 12px; align-items: center; padding: 0 8px; }
      .row-layout[aria-pressed="true"], .text-layout[aria-pressed="true"] { background: var(--focus-bg); box-shadow: inset 2px 0 0 var(--accent); }
      .row-layout .who { flex: none; width: var(--who); overflow: hidden; }
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
      .values=${momentValues(picture, input, row.index, moment)} .limit=${picture.cardLimit} .signed=${picture.signed || moment === "change"}></explain-sample-thumb>`;
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
    const content = html`<explain-canvas class="maps" .draw=${drawMaps(input, maps, picture.cardLimit)}></explain-canvas>
      <div class="says">${this.renderSays()} ${this.renderDrift()}</div>`;
    return this.button(`card-layout ${shown.length === 1 ? "single" : ""}`, content);
  }

  private renderSays() {
    const { row } = this;
    const { text, tone } = saying(row);
    const confidence = row.now && Number.isFinite(row.now.confidence) ? percentWhole(row.now.confidence) : "";
    const said = [row.name, row.label && `is ${row.label}`, text, confidence].filter(Boolean).join(" ");
    return html`<b class="text" title=${said}>${row.name}</b>${this.pinned ? html`<span class="unseen">pinned</span>` : nothing}
      ${row.label ? html`<span class="text label quiet" title=${said}>is ${row.label}</span>` : nothing}
      ${text ? html`<span class="text ${tone}" title=${said}>${text}</span>` : nothing}
      ${confidence ? html`<span class="faint">${confidence}</span>` : nothing}`;
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
    const { text, tone } = saying(row);
    const confidence = row.now && Number.isFinite(row.now.confidence) ? `, ${percentWhole(row.now.confidence)}` : "";
    const columns = styleMap({ gridTemplateColumns: inputs.map(rowColumn).join(" ") });
    const content = html`<div class="who">
        <p class="clip"><b>${row.name}</b> <span class="quiet">${row.label ? `is ${row.label}` : ""}</span></p>
        <p class="clip ${tone || "quiet"}" title=${text + confidence}><bdi>${text}</bdi>${confidence}</p>
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

/** CSS pixels of an image in a row of its own height. */
const imageWidth = ({ cells: [high, wide = 1] }: ManifestInput): number =>
  Math.round(IMAGE_HEIGHT * Math.min(2, wide / high));

/** Parts of what images leave of a row: a text has the most to say. */
const rowPart = ({ kind }: ManifestInput): number => (kind === "image" ? 0 : kind === "text" ? 3 : 1);

const rowColumn = (input: ManifestInput): string =>
  input.kind === "image" ? `${imageWidth(input)}px` : `minmax(0, ${rowPart(input)}fr)`;

/** CSS pixels between inputs in a row. */
const ROW_GAP = 12;

/** The room of a text beside other inputs in so many CSS pixels. */
export function textRoom(inputs: readonly ManifestInput[], width: number): Room {
  const taken = inputs.reduce((sum, input) => sum + (input.kind === "image" ? imageWidth(input) : 0), 0);
  const parts = inputs.reduce((sum, input) => sum + rowPart(input), 0);
  return { lines: 3, width: Math.max(1, (3 * (width - taken - ROW_GAP * (inputs.length - 1))) / Math.max(1, parts)) };
}

/** Confidences need no decimal on a card. */
const percentWhole = (share: number): string => percent(share).replace(/\.\d/, "");

declare global {
  interface HTMLElementTagNameMap {
    "explain-sample-card": SampleCard;
  }
}
