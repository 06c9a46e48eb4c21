/**
 * `<explain-sample-strip>`: a few samples of the probe to choose one from: images side by side, texts and others one below the other.
 * One stop of the Tab key; there J, K and the arrows up and down go from sample to sample, and left and right stay the epoch's.
 *
 * @property samples  which of the probe
 * @property chosen   one of them
 * @property manifest  of the run
 * @property input    what is shown of them
 * @property inputs   as logged; undefined where they are not
 * @property dark     the theme
 * @fires choose  detail: a sample
 */
import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import type { Inputs, Manifest, ManifestInput } from "../api";
import { inputPixels } from "../charts/overlay";
import { base } from "../styles";
import { paletteOf } from "../theme";
import { className, isRegression } from "../views/samples_model";
import { loggedSample } from "../views/samples_moments";
import { type Draw, putPixels } from "./canvas";
import "./canvas";
import { followChoice } from "./item_keys";
import { imageOf, type LoggedSample, positionsOf, tokenText } from "./sample_thumb";

/** Tokens of a text that stand in its line, at most: more are never in sight. */
const TOKENS = 40;
const KEYS: Record<string, 1 | -1> = { j: 1, J: 1, ArrowDown: 1, k: -1, K: -1, ArrowUp: -1 };

/** An image as it was logged, as large as its canvas. */
export const drawInput = (sample: LoggedSample, dark: boolean): Draw => {
  const { theme } = paletteOf(dark);
  return (context, { width, height, ratio }) =>
    putPixels(context, inputPixels(imageOf(sample), Math.round(width * ratio), Math.round(height * ratio), theme));
};

/** What a sample is called: its name, else its number. */
export const sampleName = ({ probe }: Manifest, sample: number): string => probe.sample_names[sample] || `#${sample}`;

@customElement("explain-sample-strip")
export class SampleStrip extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; min-width: 0; }
      .images { display: flex; flex-wrap: wrap; gap: 4px; }
      button { display: block; padding: 2px; border: 1.5px solid transparent; border-radius: 4px; background: none; font: inherit; color: inherit; text-align: left; cursor: pointer; }
      .images button { width: 52px; }
      .images .clip { display: block; font-size: 11px; color: var(--ink3); text-align: center; }
      .lines { max-height: 196px; overflow: hidden auto; padding: 2px; margin: -2px; }
      .lines button { display: flex; gap: 8px; width: 100%; height: 24px; padding: 0 6px; align-items: center; }
      .lines .name { flex: none; max-width: 40%; color: var(--ink3); }
      button:hover { background: var(--focus-bg); }
      button[aria-selected="true"] { border-color: var(--accent); background: var(--accent-bg); }
      button[aria-selected="true"] .name, .images button[aria-selected="true"] .clip { color: var(--ink); }
      .image { border: 1px solid var(--line); }
    `,
  ];

  @property({ attribute: false }) samples: readonly number[] = [];
  @property({ type: Number }) chosen = -1;
  @property({ attribute: false }) manifest!: Manifest;
  @property({ attribute: false }) input: ManifestInput | undefined;
  @property({ attribute: false }) inputs: Inputs | undefined;
  @property({ type: Boolean }) dark = false;

  protected override updated(): void {
    const chosen = this.renderRoot.querySelector<HTMLElement>("[aria-selected=true]");
    followChoice(this.renderRoot, "[role=option]", chosen);
  }

  protected override render() {
    const { samples, chosen } = this;
    const image = this.input?.kind === "image" && this.inputs !== undefined;
    return html`<div class=${image ? "images" : "lines"} role="listbox" aria-label="Sample" aria-orientation="vertical" @keydown=${this.key}>${samples.map(
      (
        sample,
        i,
      ) => html`<button role="option" aria-selected=${sample === chosen ? "true" : "false"} tabindex=${sample === chosen ? 0 : -1}
        aria-posinset=${i + 1} aria-setsize=${samples.length} title=${this.told(sample)}
        @click=${() => this.choose(sample)}>${this.picture(sample, image)}</button>`,
    )}</div>`;
  }

  /** "#3, is positive" */
  private told(sample: number): string {
    const { manifest } = this;
    const target = manifest.probe.targets[sample];
    const label = target === undefined || isRegression(manifest) ? "" : `, is ${className(manifest, target)}`;
    return sampleName(manifest, sample) + label;
  }

  private picture(sample: number, image: boolean) {
    const { input, inputs, manifest } = this;
    const logged = input && loggedSample(inputs, input, sample);
    const name = html`<span class="name clip">${sampleName(manifest, sample)}</span>`;
    if (!input || !logged) return name;
    if (image) {
      const { height, width } = imageOf(logged);
      return html`<explain-canvas class="image" style=${styleMap({ aspectRatio: `${width} / ${height}` })} .draw=${this.draw(logged)}></explain-canvas>
        <span class="clip">${sampleName(manifest, sample)}</span>`;
    }
    if (input.kind !== "text") return name;
    const positions = positionsOf(input, logged, logged.data.length).slice(0, TOKENS);
    const text = positions.map((i) => tokenText(input, logged, i)).join(" ");
    return html`${name}<span class="clip spread" dir="auto" title=${text}>${text}</span>`;
  }

  private draws = new WeakMap<LoggedSample, { dark: boolean; draw: Draw }>();

  private draw(sample: LoggedSample): Draw {
    const known = this.draws.get(sample);
    if (known?.dark === this.dark) return known.draw;
    const draw = drawInput(sample, this.dark);
    this.draws.set(sample, { dark: this.dark, draw });
    return draw;
  }

  private choose(sample: number): void {
    this.dispatchEvent(new CustomEvent("choose", { detail: sample }));
  }

  /** J and K are the layers' elsewhere in the view. */
  private key(event: KeyboardEvent): void {
    const by = KEYS[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const { samples } = this;
    const next = Math.min(samples.length - 1, Math.max(0, samples.indexOf(this.chosen) + by));
    this.choose(samples[next]);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-sample-strip": SampleStrip;
  }
}
