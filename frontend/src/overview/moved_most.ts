/** `<explain-moved-most>`: the samples whose explanation moved most, one of each class, at the reference and now. */

import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import type { Attribution, ManifestInput } from "../api";
import { clippedName, clippedNameStyles } from "../elements/clipped_name";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import { shortStep, stepName } from "../steps";
import "../elements/legend";
import "../elements/sample_thumb";
import { note, problem, skeleton } from "../elements/states";
import { capital, distance } from "../format";
import { load } from "../loading";
import { drawnReference, isPlace, type Place, placeName, standsFor } from "../references";
import { attributionTag, cursorSteps, explained, focusManifest, focusMethod, focusRun, store, Watch } from "../state";
import { base } from "../styles";
import { runColour } from "../theme";
import { loadComparison, loadFrames, loadInputs, loadVerdicts } from "../views/samples_data";
import {
  filterRows,
  firstToken,
  type SampleRow,
  sampleOf,
  sampleRows,
  shownPerClass,
  sortRows,
} from "../views/samples_model";
import { saying } from "../views/samples_says";
import { sampleTable } from "../views/samples_table";
import { FIGURES } from "./figure_help";

const SHOWN = 5;
/** Of tables and of texts, whose lines take more of the panel. */
const ROWS = 4;
const TEXTS = 3;

@customElement("explain-moved-most")
export class MovedMost extends LitElement {
  static override styles = [
    base,
    clippedNameStyles,
    css`
      :host { display: block; min-width: 0; }
      .grid { display: grid; gap: 6px; margin-top: 8px; align-items: center; }
      .image { grid-template-columns: minmax(16px, auto) repeat(5, minmax(0, 1fr)); }
      .lines { display: grid; gap: 6px; margin-top: 8px; }
      .lines explain-sample-thumb::part(bars) { height: 22px; }
      .lines .open { width: 100%; }
      .pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 12px; align-items: baseline; }
      .texts .pair { grid-template-columns: 28px minmax(0, 1fr); gap: 2px 8px; text-align: right; line-height: 20px; }
      .texts explain-sample-thumb { height: 20px; overflow: hidden; text-align: left; }
      .lines .under { justify-content: start; gap: 6px; }
      .lines .under > :not(.clip, .name) { flex: none; }
      .lines .name { display: flex; flex: 0 1 auto; min-width: 30%; }
      .image .clip { font-weight: 400; }
      .end { margin-left: auto; }
      .who { min-width: 0; }
      .who b { font-weight: 600; }
      .wrong { color: var(--alarm); font-weight: 600; }
      .right { color: var(--ok); font-weight: 600; }
      .none { margin-top: 12px; }
      .open { display: block; min-width: 0; padding: 0; border: 0; background: none; text-align: left; cursor: pointer; }
      .under { display: flex; justify-content: space-between; gap: 4px; }
      .grid-caption { font-size: 11px; }
      explain-legend { width: auto; margin-top: 12px; }
      .stands { margin-top: 8px; }
    `,
  ];

  private data = load(
    this,
    () => {
      const { state } = store;
      const of = explained(state);
      const manifest = focusManifest(state);
      if (!of || !manifest || state.resting === null) return null;
      const drawn = drawnReference({ ...state, epoch: state.resting });
      return [of.run, of.tag, manifest, state.resting, state.against, drawn?.run, drawn?.step] as const;
    },
    async ([run, tag, manifest, step, against, other, at], signal) => {
      const reference = other && at !== undefined ? { run: other, step: at } : null;
      const [frames, verdicts, comparison, inputs] = await Promise.all([
        loadFrames({ run, tag, manifest }, step, reference, signal),
        loadVerdicts(run, step, reference, signal),
        loadComparison({ run, tag, manifest }, step, reference, against, signal),
        loadInputs(run, signal),
      ]);
      const sources = { manifest, ...verdicts, attribution: frames.now, comparison };
      const rows = sampleRows(sources);
      const perClass = shownPerClass(rows, SHOWN);
      const most = filterRows(sortRows(rows, "drift"), { class: null, flipped: false, wrong: false, perClass });
      const flipped = rows.filter((row) => row.flipped).length;
      return { run, manifest, frames, inputs, perClass, rows: most.slice(0, SHOWN), flipped, size: rows.length };
    },
  );

  constructor() {
    super();
    new Watch(this, ["resting", "against", "focus", "method", "groups", "manifests", "dark", "visible"]);
  }

  protected override render() {
    const rows = this.data.value?.rows ?? [];
    return html`
      <div class="row">
        <explain-figure-title heading="Moved most" .help=${FIGURES.movedMost}></explain-figure-title>${rows.length ? figureMenu("Moved most", () => sampleTable(rows)) : nothing}
        <span class="faint clip beside">${this.note()}</span>
      </div>
      ${this.content()}
    `;
  }

  private get signed(): boolean {
    return focusMethod(store.state)?.signed ?? true;
  }

  private note(): string {
    const { value } = this.data;
    if (!value?.frames.reference || isPlace(value.frames.referenceAt, value.run, value.frames.step)) return "";
    const chosen = value.rows.some(({ target }) => target >= 0)
      ? `${value.perClass === 1 ? "one" : value.perClass} per class`
      : "";
    const known = value.rows.some(({ now, reference }) => now && reference && now.class >= 0);
    const flips = known ? `${value.flipped} of ${value.size} flipped` : "";
    return [chosen, flips].filter(Boolean).join(" · ");
  }

  private content() {
    const focus = focusRun(store.state);
    if (this.data.error) return problem(this.data.error, () => void this.data.run());
    if (focus && !attributionTag(store.state, focus))
      return note("No attributions", `${focus.label} has none of single samples by this method.`);
    const value = this.data.value;
    if (!value) return skeleton(220);
    const { manifest, frames } = value;
    if (!frames.reference || !frames.referenceAt)
      return note("No reference", "There is no explanation to hold this one against.");
    if (cursorSteps(store.state).length === 1 && frames.referenceAt.run.run === value.run.run)
      return html`<p class="faint none">Nothing has moved yet: there is one explanation.</p>`;
    if (isPlace(frames.referenceAt, value.run, frames.step))
      return note(
        "The cursor is at the reference",
        "Move it, and the samples whose explanation moved most stand here.",
      );
    const input = manifest.inputs.find(({ name }) => Object.hasOwn(frames.now.values, name)) ?? manifest.inputs[0];
    const signed = this.signed;
    return html`
      ${input.kind === "image" ? this.images(input) : this.lines(input)}
      <explain-legend ?signed=${signed} ?dark=${store.state.dark} high=${signed ? "" : "strong"}></explain-legend>
      ${standsFor(store.state) ? html`<p class="caption stands">${capital(standsFor(store.state))}.</p>` : nothing}
    `;
  }

  /** @param from the first token that is shown of a text */
  private thumb(
    input: ManifestInput,
    row: SampleRow,
    frame: Attribution | undefined,
    { run, step }: Place,
    from: number | undefined = undefined,
  ) {
    const value = this.data.value;
    const [array, logged] = [frame?.values[input.name], value?.inputs?.[input.name]];
    return html`<explain-sample-thumb
      .input=${input}
      .values=${array ? sampleOf(array, row.index).slice(from) : undefined}
      .sample=${logged ? { data: sampleOf(logged, row.index).slice(from), shape: logged.shape.slice(1) } : undefined}
      .limit=${value?.frames.limits.all(row.index).cards ?? 1}
      .signed=${this.signed}
      .dark=${store.state.dark}
      compact
      label="${row.name} at ${run.label} ${stepName(run, step)}"
    ></explain-sample-thumb>`;
  }

  private images(input: ManifestInput) {
    const value = this.data.value;
    if (!value) return nothing;
    const { run, frames, rows } = value;
    const now = { run, step: frames.step };
    const line = (frame: Attribution | undefined, place: Place) =>
      html`<span class="faint" title=${placeName(place, run)}>${this.short(place)}</span>${rows.map((row) => html`<button class="open" @click=${() => open(row)} aria-label="Sample ${row.name}">${this.thumb(input, row, frame, place)}</button>`)}
        ${fill(rows.length)}`;
    return html`<div class="grid image">
      ${line(frames.reference, frames.referenceAt ?? now)} ${line(frames.now, now)}
      <span></span>
      ${rows.map((row) => html`<div class="who grid-caption"><p class="under"><span class="clip">${row.name}</span><span>${distance(row.drift)}</span></p>${says(row, "brief")}</div>`)}
    </div>`;
  }

  /** A caption a sample, and below it bars side by side, or a text's tokens one moment a line. */
  private lines(input: ManifestInput) {
    const value = this.data.value;
    if (!value) return nothing;
    const { run, frames, rows } = value;
    const now = { run, step: frames.step };
    const before = frames.referenceAt ?? now;
    const text = input.kind === "text";
    return html`<div class=${text ? "lines texts" : "lines"}>
      ${text ? nothing : html`<p class="pair"><span class="faint">${placeName(before, run)}</span><b>${stepName(run, frames.step)}</b></p>`}
      ${rows.slice(0, text ? TEXTS : ROWS).map((row) => {
        const from = text ? this.textStart(input, row) : undefined;
        return html`<button class="open" @click=${() => open(row)}>
          <p class="under"><b class="name" title=${row.name}>${clippedName(row.name)}</b><span class="quiet clip">${row.label ? `is ${row.label}` : ""}</span>${says(row)}<span class="end">${distance(row.drift)}</span></p>
          <div class="pair">
            ${text ? html`<span class="faint" title=${placeName(before, run)}>${this.short(before)}</span>` : nothing}${this.thumb(input, row, frames.reference, before, from)}
            ${text ? html`<b>${this.short(now)}</b>` : nothing}${this.thumb(input, row, frames.now, now, from)}
          </div>
        </button>`;
      })}
    </div>`;
  }

  private textStart({ name }: ManifestInput, { index }: SampleRow): number {
    const { now, reference } = this.data.value?.frames ?? {};
    const [array, other] = [now?.values[name], reference?.values[name]];
    return array && other ? firstToken(sampleOf(array, index), sampleOf(other, index)) : 0;
  }

  /** Another run is known by its dot. */
  private short({ run, step }: Place) {
    const other = run.run !== this.data.value?.run.run;
    return html`${other ? html`<span class="dot" style=${styleMap({ background: runColour(run.index) })}></span> ` : nothing}${shortStep(run, step)}`;
  }
}

/** What the model says of a sample; a flip in brief leaves out the verb, for which a thumb's width has no room. */
function says(row: SampleRow, length: "full" | "brief" = "full") {
  const { text, tone } = saying(row);
  const shown = length === "brief" && text.includes("→") ? text.replace(/^says /, "") : text;
  return html`<p class="clip ${tone || "faint"}" title=${`is ${row.label}, ${text}`}>${shown}</p>`;
}

/** Empty places keep the columns where fewer classes than places exist. */
const fill = (count: number) => Array.from({ length: SHOWN - count }, () => html`<span></span>`);

const open = (row: SampleRow): void => store.set({ view: "samples", sample: row.index }, { push: true });
