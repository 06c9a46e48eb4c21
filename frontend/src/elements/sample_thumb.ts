/**
 * `<explain-sample-thumb>`: one sample's attribution at one step, drawn as its input's kind asks: an image's cells over
 * the faint input, a table's values as signed bars in fixed order, a sequence's curves over what each step contributed, a text's tokens shaded.
 * It draws what it is given and fetches nothing.
 *
 * @property input    `ManifestInput` the values belong to
 * @property values   the sample's attribution, flattened (`sampleOf(attribution.values[name], index)`);
 *                    undefined draws an empty well of the same size
 * @property sample   the sample as logged, `{ data, shape }` without the sample axis; undefined where inputs are not logged
 * @property signed   whether zero is the middle of the colour scale, not its end
 * @property limit    |value| at the end of the colour scale, one for all thumbs of a view
 * @property dark     the theme
 * @property compact  images of more than 16 cells a side are summed over 2 × 2
 * @property room     lines that a text may take; what does not fit is counted. All of it where it is undefined
 * @property label    what a screen reader says
 *
 * Images fill the host's width at their own aspect; bars and curves are 36 px high, and the channels of a sequence that is not compact 28 px each.
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import type { ManifestInput } from "../api";
import { drawSparkbars } from "../charts/bars";
import { type ColorScale, scaleOf, type Theme } from "../charts/color";
import { type Cells, type ImageInput, overlayPixels, pooled } from "../charts/overlay";
import { drawSequence } from "../charts/sequence";
import { hasPadding, textPositions, tokenShade } from "../charts/tokens";
import { signed } from "../format";
import { palette } from "../theme";
import { type CanvasSize, type Draw, putPixels, scratchPixels } from "./canvas";
import "./canvas";

export interface LoggedSample {
  data: ArrayLike<number>;
  shape: readonly number[];
}

const POOL_ABOVE = 16;
/** CSS pixels of a sequence's channel where each has a lane of its own. */
const LANE_HEIGHT = 28;

/** Channels of a sequence [steps, channels]. */
export const channelsOf = ({ shape }: ManifestInput): number => shape[1] ?? 1;

/** Whether a compact picture of the input is summed over 2 × 2. */
export const pools = (input: ManifestInput): boolean => input.kind === "image" && Math.max(...input.cells) > POOL_ABOVE;

export function imageOf(sample: LoggedSample): ImageInput {
  const [height, width, channels = 1] = sample.shape;
  return { data: sample.data, height, width, channels };
}

export function cellsOf(input: ManifestInput, values: ArrayLike<number>): Cells {
  const [height, width = 1] = input.cells;
  return { data: values, height, width };
}

const inScreen = ({ width, height, ratio }: CanvasSize) => ({
  width: Math.round(width * ratio),
  height: Math.round(height * ratio),
});

@customElement("explain-sample-thumb")
export class SampleThumb extends LitElement {
  static override styles = css`
    :host { display: block; min-width: 0; }
    explain-canvas { width: 100%; }
    .image, .well { border: 1px solid var(--line); box-sizing: border-box; }
    .well { background: var(--sunk); }
    .bars { height: 36px; }
    .tokens { display: flex; flex-wrap: wrap; gap: 2px 1px; font: 400 12px/20px system-ui, sans-serif; color: var(--ink); }
    .tokens span { padding: 0 4px; border-radius: 3px; white-space: pre; max-width: 24ch; overflow: hidden; text-overflow: ellipsis; }
    .broken {
      display: grid; place-items: center; font: 400 11px/16px system-ui, sans-serif; color: var(--ink2);
      background: repeating-linear-gradient(135deg, var(--line2) 0 1px, var(--sunk) 1px 4px);
    }
    @media (forced-colors: active) { .tokens span { forced-color-adjust: none; } }
    .tokens .padding { color: var(--ink3); }
    .tokens .hatched { background: repeating-linear-gradient(135deg, var(--line2) 0 1px, var(--sunk) 1px 4px); outline: 1px dashed var(--line2); outline-offset: -1px; color: var(--ink3); }
  `;

  @property({ attribute: false }) input: ManifestInput | undefined;
  @property({ attribute: false }) values: ArrayLike<number> | undefined;
  @property({ attribute: false }) sample: LoggedSample | undefined;
  @property({ attribute: false }) signed = true;
  @property({ type: Number }) limit = 1;
  @property({ type: Boolean }) dark = false;
  @property({ type: Boolean }) compact = false;
  @property({ attribute: false }) room: Room | undefined;
  @property() label = "";

  protected override render() {
    if (!this.input) return nothing;
    if (this.input.kind === "image") return this.renderImage(this.input);
    if (this.input.kind === "text") return this.renderTokens(this.input);
    return this.renderBars(this.input);
  }

  private get theme(): Theme {
    return this.dark ? "dark" : "light";
  }

  private get scale(): ColorScale {
    return scaleOf(this.signed, this.theme);
  }

  private renderImage(input: ManifestInput) {
    const [height, width = 1] = input.cells;
    const shape = styleMap({ aspectRatio: `${width} / ${height}` });
    if (!this.values) return html`<div class="well" style=${shape}></div>`;
    const full = cellsOf(input, this.values);
    const cells = this.compact && pools(input) ? pooled(full) : full;
    const under = this.sample && imageOf(this.sample);
    const { limit, theme, scale } = this;
    const draw: Draw = (context, size) => {
      const { width, height } = inScreen(size);
      const options = { width, height, scale, limit, theme };
      putPixels(context, overlayPixels(cells, under, options, scratchPixels(width, height)));
    };
    return html`<explain-canvas class="image" style=${shape} .draw=${draw} label=${this.label}></explain-canvas>`;
  }

  private renderBars(input: ManifestInput) {
    const lanes = input.kind === "sequence" && !this.compact ? channelsOf(input) : 1;
    const height = styleMap(lanes > 1 ? { height: `${lanes * LANE_HEIGHT}px` } : {});
    if (!this.values) return html`<div class="bars" style=${height}></div>`;
    if (noneFinite(this.values)) return html`<div class="bars broken">not finite</div>`;
    const { values, sample, limit, scale } = this;
    const options = { limit, scale, palette: palette() };
    const sequence = { values, steps: input.cells[0], signal: sample?.data, channels: channelsOf(input) };
    const draw: Draw = (context, { width, height }) =>
      input.kind === "sequence" && (sample || sequence.channels > 1)
        ? drawSequence(context, sequence, { ...options, width, height, lanes: lanes > 1 })
        : drawSparkbars(context, values, { ...options, width, height });
    return html`<explain-canvas class="bars" part="bars" style=${height} .draw=${draw} label=${this.label}></explain-canvas>`;
  }

  private renderTokens(input: ManifestInput) {
    const { values, sample } = this;
    if (!values) return html`<div class="tokens"><span>…</span></div>`;
    const positions = positionsOf(input, sample, values.length);
    const tokens = positions.map((i) => tokenText(input, sample, i));
    const shown = this.room ? positions.slice(0, tokensWithin(this.room, tokens)) : positions;
    const more = positions.length - shown.length;
    // Widths are guessed: a line too much is left out whole.
    const height = styleMap(this.room ? { maxHeight: `${LINE * this.room.lines}px`, overflow: "hidden" } : {});
    return html`<div class="tokens" part="tokens" dir="auto" style=${height}>${shown.map((i, place) => {
      const shade = tokenShade(values[i], this.limit, this.scale);
      const style = styleMap({ backgroundColor: shade.background, color: shade.ink });
      const kind = shade.hatched ? "hatched" : isPadding(input, sample, i) ? "padding" : "";
      const text = tokens[place];
      const value = Number.isFinite(values[i]) ? signed(values[i]) : "not finite";
      return html`<span class=${kind} style=${style} title=${`${text} ${value}`}>${text}</span>`;
    })}${more > 0 ? html`<span class="padding" dir="ltr" title="${more} more tokens, in the detail">… ${more} more</span>` : nothing}</div>`;
  }
}

/** CSS pixels of a line of tokens with the gap below it. */
const LINE = 22;

/** Lines that a text may take, and the CSS pixels of one. */
export interface Room {
  lines: number;
  width: number;
}

/** About the CSS pixels of a token; long ones are cut. */
const tokenWidth = (token: string): number => 9 + 7.7 * Math.min(24, token.length);

/** About the CSS pixels of the words that say how many tokens more there are. */
const MORE_WIDTH = 96;

/** How many of these tokens, from the first on, fit into a room: all of them, or so many that the words for the others fit too. */
export function tokensWithin({ lines, width }: Room, tokens: readonly string[]): number {
  let [line, used, fitting] = [1, 0, 0];
  for (const [i, token] of tokens.entries()) {
    const wide = Math.min(width, tokenWidth(token));
    if (used + wide > width) [line, used] = [line + 1, 0];
    if (line > lines) return fitting;
    used += wide;
    if (line < lines || used + MORE_WIDTH <= width) fitting = i + 1;
  }
  return tokens.length;
}

/** Lines of such a width that the tokens take. */
export function linesOf(width: number, tokens: readonly string[]): number {
  let [line, used] = [1, 0];
  for (const token of tokens) {
    const wide = Math.min(width, tokenWidth(token));
    if (used + wide > width) [line, used] = [line + 1, 0];
    used += wide;
  }
  return line;
}

/** Whether none of the values is finite: the weights have overflowed. */
export const noneFinite = (values: ArrayLike<number>): boolean =>
  values.length > 0 && !Array.prototype.some.call(values, Number.isFinite);

/** Positions of a text's tokens that are shown: all of them where the inputs are not logged. */
export const positionsOf = (input: ManifestInput, sample: LoggedSample | undefined, count: number): number[] =>
  sample ? textPositions(sample.data, input.vocabulary) : Array.from({ length: count }, (_, i) => i);

const isPadding = (input: ManifestInput, sample: LoggedSample | undefined, position: number): boolean =>
  sample !== undefined && Number(sample.data[position]) === 0 && hasPadding(input.vocabulary);

const PADDING = "·";

/**
 * What stands at a position of a text: its token, else its id, else (inputs not logged) its position. Padding within a text is a dot; breaks
 * of lines, tabs and blanks alone have signs, since they would be seen as nothing or tear the line apart.
 */
export function tokenText(input: ManifestInput, sample: LoggedSample | undefined, position: number): string {
  if (!sample) return `[${position}]`;
  if (isPadding(input, sample, position)) return PADDING;
  return tokenName(input, sample.data[position]);
}

/** A token by its id. */
export function tokenName({ vocabulary }: ManifestInput, id: number): string {
  const token = vocabulary[id] || String(id);
  return /^\s+$|[\n\r\t]/.test(token)
    ? token
        .replace(/\r\n|[\n\r]/g, "↵")
        .replaceAll("\t", "⇥")
        .replaceAll(" ", "␣")
    : token;
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-sample-thumb": SampleThumb;
  }
}
