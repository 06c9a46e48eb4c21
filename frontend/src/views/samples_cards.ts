/**
 * `<explain-sample-cards>`: the samples that pass the filters, as many cards a row as fit, only those in sight drawn.
 *
 * @property picture  what is drawn
 * @property indices  of the samples, in order
 * @property row      `(index) => SampleRow`, what is known of one at the drawn step
 * @property most     the drift of a full bar
 * @property shown    which of the maps
 * @property pinned   how many of the first are pinned
 * @property chosen   index of the chosen sample, or null
 * @fires choose      detail: the sample's index
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import type { Inputs, Manifest } from "../api";
import { onResize } from "../elements/resize";
import { memo } from "../memo";
import { placeName } from "../references";
import { stepName } from "../steps";
import { base } from "../styles";
import "../elements/window";
import { linesOf, positionsOf, type Room, tokenText } from "../elements/sample_thumb";
import "./samples_card";
import type { Shown } from "./samples_asked";
import { columnsOf, rowHeightOf, textRoom } from "./samples_columns";
import { explainsInput, type Picture } from "./samples_data";
import { steady } from "./samples_live";
import { MAP_GAP } from "./samples_maps";
import type { SampleRow } from "./samples_model";
import { type Layout, loggedSample, type Moment, moments } from "./samples_moments";

const GAP = 24;
const CARD_WIDTH = { all: 224, one: 144 };
/** Of an image on a card: tall ones are made narrower, flat ones higher than their shape asks. */
const MAP_HEIGHT = { least: 24, most: 160 };
/** Of the captions of rows, in CSS pixels: as much as they need, but no more than this share of the row. */
const CAPTION_WIDTH = { least: 148, character: 7.5, share: 0.34 };

/** CSS pixels beside a text's lines, and beside the caption and the inputs of a row: scroll bar, paddings, the drift, the step. */
const TEXT_BESIDE = 84;
const ROW_BESIDE = 92;

/** The drift of a full bar: 1, or 2, the most there can be, where any is beyond it. */
export const fullBar = (rows: readonly SampleRow[]): number => (rows.some(({ drift }) => drift > 1) ? 2 : 1);

/** Characters of the longest caption there can be: "says malignant → benign, 100 %". */
function captionLength({ outputs, probe }: Manifest): number {
  const label = Math.max(2, ...(outputs[0]?.class_names ?? []).map(({ length }) => length));
  const name = Math.max(4, ...probe.sample_names.map(({ length }) => length));
  return Math.max(name + 4 + label, 15 + 2 * label);
}

export function layoutOf({ inputs }: Manifest): Layout {
  if (inputs.length !== 1) return "row";
  return inputs[0].kind === "image" ? "card" : inputs[0].kind === "text" ? "text" : "row";
}

@customElement("explain-sample-cards")
export class SampleCards extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: flex; flex-direction: column; min-height: 0; }
      explain-window { flex: 1; min-height: 0; scrollbar-gutter: stable; margin-left: -8px; padding-left: 8px; }
      .heads { display: grid; flex: none; padding: 0 0 4px; overflow: hidden; scrollbar-gutter: stable; }
      .heads div { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(0, 1fr); gap: 8px; color: var(--ink3); }
      .heads div > b, .heads div > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .heads .row { display: flex; align-items: start; gap: 12px; padding: 0 8px; }
      .heads .who { flex: none; width: var(--who); }
      .heads .shift { flex: none; width: 36px; text-align: right; }
      .heads .inputs { display: grid; gap: 12px; font-size: 11px; }
      .heads b { color: var(--ink); font-weight: 600; }
    `,
  ];

  @property({ attribute: false }) picture!: Picture;
  @property({ attribute: false }) indices: readonly number[] = [];
  @property({ attribute: false }) row!: (index: number) => SampleRow;
  @property({ attribute: false }) most = 1;
  @property({ attribute: false }) shown: Shown = "all";
  @property({ type: Number }) pinned = 0;
  @property({ attribute: false }) chosen: number | null = null;
  @state() private width = 0;

  constructor() {
    super();
    onResize(this, ({ width }) => {
      this.width = width;
    });
  }

  protected override render() {
    if (this.width === 0) return nothing;
    const { picture, indices, row, shown, most } = this;
    const layout = layoutOf(picture.manifest);
    const sight = moments(shown, layout, picture.reference !== undefined);
    const { columns, rowHeight, lines } = this.metrics(layout, sight);
    const room = this.room(layout, lines, sight.length);
    const chosenAt = this.chosen === null ? -1 : indices.indexOf(this.chosen);
    this.style.setProperty("--who", `${this.captionWidth(picture.manifest, this.width)}px`);
    const item = (
      at: number,
    ) => html`<explain-sample-card .picture=${picture} .row=${row(indices[at])} .shown=${shown} .layout=${layout}
      .most=${most} .lines=${lines} .room=${room} ?chosen=${at === chosenAt} ?pinned=${at < this.pinned} ?stop=${at === Math.max(0, chosenAt)}></explain-sample-card>`;
    return html`${this.renderHeads(layout, sight, columns)}
      <explain-window @keydown=${(event: KeyboardEvent) => this.moveRows(event, columns, chosenAt)} .count=${indices.length} .columns=${columns} .rowHeight=${rowHeight} .gap=${GAP} .item=${item}
        .chosen=${chosenAt}></explain-window>`;
  }

  /** ↑ ↓: the sample above and below. ← → are the epochs' everywhere. */
  private moveRows(event: KeyboardEvent, columns: number, chosenAt: number): void {
    const by = event.key === "ArrowDown" ? columns : event.key === "ArrowUp" ? -columns : 0;
    if (by === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault(); // would scroll
    const to = chosenAt < 0 ? 0 : chosenAt + by;
    if (to in this.indices) this.dispatchEvent(new CustomEvent("choose", { detail: this.indices[to] }));
  }

  private captionWidth = memo((manifest: Manifest, width: number): number => {
    const { least, character, share } = CAPTION_WIDTH;
    return Math.round(Math.max(least, Math.min(character * captionLength(manifest), share * width)));
  });

  private metrics(layout: Layout, sight: readonly Moment[]): { columns: number; rowHeight: number; lines: number } {
    const width = this.width - 16;
    const { inputs } = this.picture.manifest;
    if (layout === "row") return { columns: 1, lines: 1, rowHeight: rowHeightOf(inputs) };
    if (layout === "text") {
      const lines = this.textLines(this.picture.manifest, this.picture.inputs, this.indices, this.width - TEXT_BESIDE);
      return { columns: 1, lines, rowHeight: 16 + 20 + sight.length * (22 * lines + 2) };
    }
    const wanted = sight.length === 1 ? CARD_WIDTH.one : CARD_WIDTH.all;
    const columns = Math.max(1, Math.floor((width + GAP) / (wanted + GAP)));
    const card = (width - GAP * (columns - 1)) / columns;
    const map = (card - MAP_GAP * (sight.length - 1)) / sight.length;
    const [high, wide = 1] = inputs[0].cells;
    const caption = sight.length === 1 ? 40 : 20;
    const mapHeight = Math.min(MAP_HEIGHT.most, Math.max(MAP_HEIGHT.least, Math.ceil((map * high) / wide)));
    return { columns, lines: 1, rowHeight: mapHeight + caption + 20 };
  }

  /** What a text on a card may take; the same object while it is the same. */
  private room(layout: Layout, lines: number, moments: number): Room {
    const { manifest } = this.picture;
    if (layout === "text") return this.steadyRoom({ lines, width: this.width - TEXT_BESIDE });
    const who = this.captionWidth(manifest, this.width);
    const each = (this.width - ROW_BESIDE - who) / moments - 12;
    return this.steadyRoom(textRoom(manifest.inputs, each));
  }

  private steadyRoom = steady<Room>();

  /** Lines that the longest text needs, at most three: longer ones are read in the detail. */
  private textLines = memo(
    ({ inputs: [input] }: Manifest, inputs: Inputs | undefined, indices: readonly number[], width: number): number => {
      const lines = indices.map((index) => {
        const sample = loggedSample(inputs, input, index);
        return linesOf(
          width,
          positionsOf(input, sample, input.cells[0]).map((i) => tokenText(input, sample, i)),
        );
      });
      return lines.reduce((most, count) => Math.min(3, Math.max(most, count)), 1);
    },
  );

  private renderHeads(layout: Layout, sight: readonly Moment[], columns: number) {
    const { picture } = this;
    if (layout === "text") return nothing;
    const name = {
      reference: picture.referenceAt ? placeName(picture.referenceAt, picture.run) : "",
      now: stepName(picture.run, picture.nowStep),
      change: "change",
    };
    const heads = sight.map((moment) =>
      moment === "now"
        ? html`<b>${name.now}</b>`
        : html`<span class="clip" title=${name[moment]}>${name[moment]}</span>`,
    );
    if (layout === "row") {
      const [input] = picture.manifest.inputs;
      const what =
        picture.manifest.inputs.length === 1
          ? `${input.cells[0]} ${input.kind === "sequence" ? "steps" : "values"} in order`
          : "";
      const inputs = picture.manifest.inputs.filter((input) => explainsInput(picture, input));
      const place = styleMap({ gridTemplateColumns: columnsOf(inputs) });
      const names = what
        ? nothing
        : html`<span class="inputs" style=${place}>${inputs.map(({ name }) => html`<span class="clip" title=${name}>${name}</span>`)}</span>`;
      return html`<div class="heads"><div class="row">
        <span class="who">${what}</span>${heads.map((head) => html`<span class="spread">${head}${names}</span>`)}<span class="shift">drift</span>
      </div></div>`;
    }
    const place = styleMap({ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`, columnGap: `${GAP}px` });
    const shown = Math.min(columns, this.indices.length);
    return html`<div class="heads" style=${place}>${Array.from({ length: shown }, () => html`<div>${heads}</div>`)}</div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-sample-cards": SampleCards;
  }
}
