/**
 * `<explain-sample-detail>`: one sample in full: the input beside both maps, completeness in words, the sample over the epochs,
 * its prediction and drift, and the features that moved most.
 *
 * @property picture  what is drawn
 * @property row      the sample
 * @property pinned   whether it stands first in the list
 * @fires close, pin
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import type { ManifestInput } from "../api";
import { inputPixels } from "../charts/overlay";
import { type Draw, putPixels } from "../elements/canvas";
import { shortStep, stepName } from "../steps";
import "../elements/curve_panel";
import { figureMenu } from "../elements/figure_menu";
import "../elements/sample_thumb";
import { channelsOf, imageOf } from "../elements/sample_thumb";
import { problem, skeleton } from "../elements/states";
import { load } from "../loading";
import { methodTitle } from "../methods";
import { type Place, placeName, setReference } from "../references";
import { setEpoch, store, Watch } from "../state";
import { base } from "../styles";
import { explainsInput, type Picture } from "./samples_data";
import { type Film, loadDriftPanel, loadFilm, loadPrediction, ownReference, withCursor } from "./samples_film";
import { epochRows, mapStyles } from "./samples_map";
import { isRegression, type SampleRow, sampleOf } from "./samples_model";
import { loggedSample, momentValues } from "./samples_moments";
import { movedStyles, movedTable, sampleFeatures } from "./samples_moved";
import { renderVerdict } from "./samples_says";
import { fitInWords, sumInWords } from "./samples_sum";
import { attributionTable } from "./samples_table";

const MOVED_CELLS = 4;
const MOVED_COLUMNS = 9;
/** Tokens; longer texts scroll, so that the rest of the detail stays near. */
const LONG_TEXT = 120;
/** CSS pixels of a map; taller images are made narrower. */
const TALLEST = 280;

@customElement("explain-sample-detail")
export class SampleDetail extends LitElement {
  static override styles = [
    base,
    movedStyles,
    mapStyles,
    css`
      :host { display: block; overflow: hidden auto; padding: 12px 16px 24px; scrollbar-gutter: stable; }
      /* Names of any length flow around the buttons and below them. */
      header { display: flow-root; min-height: 28px; overflow-wrap: anywhere; }
      header .row { float: right; margin-left: 8px; }
      header h2 { display: inline; font-size: 15px; line-height: 28px; }
      section { margin-top: 16px; }
      .fit.weak { width: fit-content; max-width: 100%; margin-bottom: 4px; padding: 2px 8px; border-radius: 4px; background: var(--warn-bg); color: var(--warn); font-weight: 600; }
      .maps { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(0, 1fr); gap: 16px; margin-top: 8px; }
      .maps p { color: var(--ink3); margin-bottom: 4px; }
      .maps .now { color: var(--ink); font-weight: 600; }
      .input { border: 1px solid var(--line); }
      .input-name { margin-top: 4px; }
      .film { display: grid; grid-template-columns: repeat(7, minmax(0, 1fr)); gap: 4px 6px; }
      .film button { padding: 2px; border: 1.5px solid transparent; border-radius: 3px; background: none; color: var(--ink3); cursor: pointer; font: inherit; line-height: 16px; }
      .film .reference { border: 1px dashed var(--ink2); }
      .film .cursor { border-color: var(--cursor); color: var(--ink); font-weight: 600; }
      .tokens-at { margin-top: 8px; display: grid; grid-template-columns: 28px minmax(0, 1fr); gap: 8px; }
      .tokens-at .long { max-height: 198px; overflow: hidden auto; }
      .tokens-at > span { line-height: 20px; text-align: right; color: var(--ink3); }
      .tokens-at > .now { color: var(--ink); font-weight: 600; }
    `,
  ];

  @property({ attribute: false }) picture!: Picture;
  @property({ attribute: false }) row!: SampleRow;
  @property({ type: Boolean }) pinned = false;
  protected watch = new Watch(this, ["epoch", "against", "dark", "visible", "hover"]);

  private film = load(
    this,
    () => [this.picture.run, this.picture.tag, this.picture.referenceAt?.run, this.picture.referenceAt?.step] as const,
    (_, signal) => loadFilm(this.picture, signal),
  );
  private prediction = load(
    this,
    () => [this.picture.run, this.row.index, store.state.dark] as const,
    ([, index, dark], signal) => loadPrediction(this.picture, index, dark, signal),
  );
  private drift = load(
    this,
    () => [this.film.value, this.picture.reference, this.row.index, store.state.dark] as const,
    ([film, , index, dark], signal) => loadDriftPanel(this.picture, index, film, dark, signal),
  );

  protected override render() {
    const { picture, row } = this;
    const { inputs } = picture.manifest;
    return html`
      <header>
        <div class="row">${figureMenu(`Sample ${row.name}`, () => attributionTable(picture, row.index))}
        <button class="control" aria-pressed=${this.pinned ? "true" : "false"} title="Pinned samples stand first, whatever is sorted and filtered"
          @click=${() => this.dispatchEvent(new CustomEvent("pin"))}>${this.pinned ? "Unpin" : "Pin"}</button>
        <button class="control" @click=${() => this.dispatchEvent(new CustomEvent("close"))}>Close</button></div>
        <h2>Sample <bdi>${row.name}</bdi></h2>
        <span class="quiet verdict">${renderVerdict(row)}${row.saidAt === undefined ? nothing : ` (of ${stepName(picture.run, row.saidAt)})`}</span>
      </header>
      ${inputs.map((input) => this.renderInput(input))}
      <section>${this.renderFit()}<p class="quiet">${this.completeness()}</p></section>
      ${this.renderFilm()}
      <section>${this.renderPanel(this.prediction)}</section>
      <section>${this.renderPanel(this.drift)}</section>
      ${inputs.map((input) => this.renderMoved(input))}`;
  }

  private renderFit() {
    const { picture, row } = this;
    const said = picture.now && fitInWords(picture.now, row.index);
    return said
      ? html`<p class="fit ${said.weak ? "weak" : "quiet"}">${said.weak ? html`<b aria-hidden="true">!</b> ` : nothing}${said.text}</p>`
      : nothing;
  }

  private completeness(): string {
    const { picture, row } = this;
    if (!picture.now) return "";
    return sumInWords(picture, picture.now, row);
  }

  private renderInput(input: ManifestInput) {
    if (!explainsInput(this.picture, input)) {
      return html`<p class="faint">${methodTitle(this.picture.method)} says nothing of ${input.name}.</p>`;
    }
    if (input.kind === "image") return this.renderImage(input);
    return input.kind === "tabular" ? nothing : this.renderLines(input);
  }

  private renderImage(input: ManifestInput) {
    const { picture, row } = this;
    const logged = loggedSample(picture.inputs, input, row.index);
    const [high, wide = 1] = input.cells;
    const drawInput: Draw = (context, { width, height, ratio }) => {
      if (!logged) return;
      const theme = store.state.dark ? "dark" : "light";
      putPixels(context, inputPixels(imageOf(logged), Math.round(width * ratio), Math.round(height * ratio), theme));
    };
    const map = (moment: "reference" | "now") =>
      html`<explain-sample-thumb ?dark=${store.state.dark} .input=${input} .sample=${logged} .limit=${picture.limits(row.index).cells}
        .signed=${picture.signed} .values=${momentValues(picture, input, row.index, moment)}></explain-sample-thumb>`;
    const narrow =
      high > 2 * wide ? styleMap({ maxWidth: `${Math.round((3 * TALLEST * wide) / high) + 32}px` }) : nothing;
    return html`<div class="maps" style=${narrow}>
      ${
        logged
          ? html`<div><p>input</p>
            <explain-canvas class="input" style=${styleMap({ aspectRatio: `${wide} / ${high}` })} .draw=${drawInput}
              label="the input"></explain-canvas></div>`
          : nothing
      }
      ${
        picture.referenceAt
          ? html`<div><p class="clip" title=${placeName(picture.referenceAt, picture.run)}>${placeName(picture.referenceAt, picture.run)}</p>${map("reference")}</div>`
          : nothing
      }
      <div><p class="now">${stepName(picture.run, picture.nowStep)}</p>${map("now")}</div>
    </div>
    ${picture.manifest.probe.inputs_logged ? nothing : html`<p class="caption">The samples themselves were not logged (log_inputs=False): the maps lie on the page.</p>`}`;
  }

  /** A text's tokens or a sequence's curves, one moment below the other. */
  private renderLines(input: ManifestInput) {
    const { picture, row } = this;
    const long = input.kind === "text" && input.cells[0] > LONG_TEXT;
    const at = (moment: "reference" | "now", place: Place) => html`<div class="tokens-at">
      <span class=${moment} title=${placeName(place, picture.run)}>${shortStep(place.run, place.step)}</span>
      <div class=${long ? "long" : ""} tabindex=${long ? "0" : nothing} role=${long ? "group" : nothing}
        aria-label=${long ? `the text, ${placeName(place, picture.run)}` : nothing}>
        <explain-sample-thumb ?dark=${store.state.dark} .input=${input} .sample=${loggedSample(picture.inputs, input, row.index)}
          .limit=${picture.limits(row.index).cells} .signed=${picture.signed} .values=${momentValues(picture, input, row.index, moment)}></explain-sample-thumb>
      </div>
    </div>`;
    const channels = input.kind === "sequence" && channelsOf(input) > 1 ? input.feature_names : [];
    return html`${picture.referenceAt ? at("reference", picture.referenceAt) : nothing} ${at("now", { run: picture.run, step: picture.nowStep })}
      ${channels.length ? html`<p class="caption">From the top: ${channels.join(", ")}.</p>` : nothing}`;
  }

  private renderFilm() {
    const { film } = this;
    if (film.error) return html`<section>${problem(film.error, () => void film.run())}</section>`;
    if (!film.value) return html`<section><h2>Across the epochs</h2>${skeleton(144)}</section>`;
    const { picture } = this;
    const shown = withCursor(film.value, picture.nowStep, picture.now, ownReference(picture));
    const count = `${shown.steps.length} of ${picture.steps.length} steps`;
    return html`<section>
      <div class="row"><h2 class="spread">Across the epochs</h2><span class="caption">${count}</span></div>
      ${picture.manifest.inputs.map((input) => html`${this.inputName(input)} ${input.kind === "image" ? this.renderStrip(input, shown) : epochRows(picture, this.row, input, shown)}`)}
    </section>`;
  }

  /** Above what is of one of several inputs. */
  private inputName({ name }: ManifestInput) {
    return this.picture.manifest.inputs.length > 1
      ? html`<p class="caption input-name clip" title=${name}>${name}</p>`
      : nothing;
  }

  private renderStrip(input: ManifestInput, film: Film) {
    const { picture, row } = this;
    const sample = loggedSample(picture.inputs, input, row.index);
    return html`<div class="film">${film.steps.map((step, at) => {
      const array = film.frames[at].values[input.name];
      const marks = [step === picture.nowStep ? "cursor" : "", step === ownReference(picture) ? "reference" : ""].join(
        " ",
      );
      return html`<button class=${marks} aria-label=${`go to ${stepName(picture.run, step)}`}
        @click=${(event: MouseEvent) => (event.shiftKey ? setReference(step) : setEpoch(step, { push: true }))}
        @pointerenter=${(event: PointerEvent) => event.buttons === 1 && !event.shiftKey && setEpoch(step)}>
        <explain-sample-thumb ?dark=${store.state.dark} .input=${input} .sample=${sample} .limit=${picture.limits(row.index).cells}
          .signed=${picture.signed} .values=${array && sampleOf(array, row.index)}></explain-sample-thumb>
        ${shortStep(picture.run, step)}
      </button>`;
    })}</div>`;
  }

  private renderPanel(task: typeof this.prediction | typeof this.drift) {
    if (task.error) return problem(task.error, () => void task.run());
    return task.value ? html`<explain-curve-panel .panel=${task.value}></explain-curve-panel>` : nothing;
  }

  private renderMoved(input: ManifestInput) {
    if (input.kind === "text") return nothing;
    const { picture, row } = this;
    const features = sampleFeatures(picture, input, row.index, loggedSample(picture.inputs, input, row.index));
    if (!features) return nothing;
    const image = input.kind === "image";
    const title =
      image && features.reference ? "Cells that moved most" : image ? "Strongest cells" : "Strongest features";
    const ends = isRegression(picture.manifest)
      ? (["lowers", "raises"] as const)
      : (["against", `for ${row.label}`] as const);
    return html`<section>
      ${this.inputName(input)}
      <div class="row">
        <h2>${title}</h2><span class="faint spread">${picture.unit}</span>
        ${picture.referenceAt ? html`<span class="caption">line: ${placeName(picture.referenceAt, picture.run)}</span>` : nothing}
      </div>
      ${movedTable(features, image ? "change" : "weight", image ? MOVED_CELLS : MOVED_COLUMNS, ends, stepName(picture.run, picture.nowStep), picture.signed)}
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-sample-detail": SampleDetail;
  }
}
