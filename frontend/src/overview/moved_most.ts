/** `<explain-moved-most>`: the samples whose explanation moved most, one of each class, at the reference and now. */
import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import type { Attribution, ManifestInput } from "../api";
import "../elements/legend";
import "../elements/sample_thumb";
import { note, problem, skeleton } from "../elements/states";
import { distance, minus } from "../format";
import { load } from "../loading";
import {
  attributionTag,
  cursorSteps,
  focusManifest,
  focusMethod,
  focusRun,
  referenceStep,
  stepName,
  store,
  Watch,
} from "../state";
import { base } from "../styles";
import { loadComparison, loadFrames, loadInputs, loadVerdicts } from "../views/samples_data";
import { filterRows, type SampleRow, sampleOf, sampleRows, sortRows } from "../views/samples_model";

const SHOWN = 5;

@customElement("explain-moved-most")
export class MovedMost extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; min-width: 0; }
      .grid { display: grid; gap: 6px; margin-top: 8px; align-items: center; }
      .image { grid-template-columns: minmax(16px, auto) repeat(5, minmax(0, 1fr)); }
      .rows { grid-template-columns: 84px minmax(0, 1fr) minmax(0, 1fr) 32px; gap: 8px; }
      .who { min-width: 0; }
      .who b { font-weight: 600; }
      .wrong { color: var(--alarm); font-weight: 600; }
      .open { display: block; min-width: 0; padding: 0; border: 0; background: none; text-align: left; cursor: pointer; }
      .under { display: flex; justify-content: space-between; gap: 4px; }
      explain-legend { width: auto; margin-top: 12px; }
    `,
  ];

  private data = load(
    this,
    () => {
      const { state } = store;
      const run = focusRun(state);
      const tag = run && attributionTag(state, run);
      const manifest = focusManifest(state);
      if (!run || !tag || !manifest || state.resting === null) return null;
      return [run, tag, manifest, state.resting, referenceStep({ ...state, epoch: state.resting })] as const;
    },
    async ([run, tag, manifest, step, reference], signal) => {
      const [frames, verdicts, comparison, inputs] = await Promise.all([
        loadFrames({ run, tag, manifest }, step, reference, signal),
        loadVerdicts(run, step, reference, signal),
        loadComparison({ run, tag, manifest }, step, reference, signal),
        loadInputs(run, signal),
      ]);
      const sources = { manifest, ...verdicts, attribution: frames.now, comparison };
      const rows = sampleRows(sources);
      // With few classes, several of each: the panel has room for so many.
      const perClass = Math.ceil(SHOWN / Math.max(1, new Set(rows.map(({ target }) => target)).size));
      const most = filterRows(sortRows(rows, "drift"), { class: null, flipped: false, wrong: false, perClass });
      const flipped = rows.filter((row) => row.flipped).length;
      return { manifest, frames, inputs, perClass, rows: most.slice(0, SHOWN), flipped, size: rows.length };
    },
  );

  constructor() {
    super();
    new Watch(this, ["resting", "against", "focus", "method", "groups", "manifests", "dark", "visible"]);
  }

  protected override render() {
    return html`
      <div class="row">
        <h2>Moved most</h2>
        <span class="faint clip beside">${this.note()}</span>
      </div>
      ${this.content()}
    `;
  }

  private note(): string {
    const { value } = this.data;
    if (!value?.frames.reference) return "";
    const chosen = value.rows.some(({ target }) => target >= 0)
      ? `${value.perClass === 1 ? "one" : value.perClass} per class`
      : "";
    const known = value.rows.some(({ now, reference }) => now && reference && now.class >= 0);
    const flips = known ? `${value.flipped} of ${value.size} predictions flipped` : "";
    return [chosen, flips].filter(Boolean).join(" · ");
  }

  private content() {
    const focus = focusRun(store.state);
    if (this.data.error) return problem(this.data.error, () => void this.data.run());
    if (focus && !attributionTag(store.state, focus))
      return note("No attributions", "This run explains no single samples.");
    const value = this.data.value;
    if (!value) return skeleton(220);
    const { manifest, frames } = value;
    if (!frames.reference || frames.referenceStep === null)
      return note("No reference", "There is no step to hold this one against.");
    if (frames.referenceStep === frames.step)
      return note(
        "The cursor is at the reference",
        "Move it, and the samples whose explanation moved most stand here.",
      );
    const [input] = manifest.inputs;
    const signed = focusMethod(store.state)?.signed ?? true;
    return html`
      ${input.kind === "image" ? this.images(input) : this.lines(input)}
      ${signed ? html`<explain-legend signed ?dark=${store.state.dark}></explain-legend>` : nothing}
    `;
  }

  private thumb(input: ManifestInput, row: SampleRow, frame: Attribution | undefined, step: number) {
    const value = this.data.value;
    const [array, logged] = [frame?.values[input.name], value?.inputs?.[input.name]];
    return html`<explain-sample-thumb
      .input=${input}
      .values=${array ? sampleOf(array, row.index) : undefined}
      .sample=${logged ? { data: sampleOf(logged, row.index), shape: logged.shape.slice(1) } : undefined}
      .limit=${value?.frames.cardLimit ?? 1}
      .dark=${store.state.dark}
      compact
      label="${row.name} at ${minus(step)}"
    ></explain-sample-thumb>`;
  }

  private caption(row: SampleRow) {
    const said = row.now?.says ?? "";
    const flip = row.flipped ? `${row.reference?.says} → ${said}` : said;
    const text = said ? `says ${flip}` : row.label;
    return html`<span class="clip ${row.now?.wrong ? "wrong" : "faint"}" title="is ${row.label}, ${text}">${text}</span>`;
  }

  private images(input: ManifestInput) {
    const value = this.data.value;
    if (!value) return nothing;
    const { frames, rows } = value;
    const line = (frame: Attribution | undefined, step: number) =>
      html`<span class="faint">${minus(step)}</span>${rows.map((row) => html`<button class="open" @click=${() => open(row)} aria-label="Sample ${row.name}">${this.thumb(input, row, frame, step)}</button>`)}
        ${fill(rows.length)}`;
    return html`<div class="grid image">
      ${line(frames.reference, frames.referenceStep ?? 0)} ${line(frames.now, frames.step)}
      <span></span>
      ${rows.map((row) => html`<div class="who"><p class="under"><span class="clip">${row.name}</span><span>${distance(row.drift)}</span></p><p class="clip">${this.caption(row)}</p></div>`)}
    </div>`;
  }

  private lines(input: ManifestInput) {
    const value = this.data.value;
    if (!value) return nothing;
    const { frames, rows } = value;
    const steps = cursorSteps(store.state);
    return html`<div class="grid rows">
      <span></span><span class="faint">${stepName(frames.referenceStep ?? 0, steps)}</span><b>${stepName(frames.step, steps)}</b><span class="faint">drift</span>
      ${rows.map(
        (
          row,
        ) => html`<button class="open who" @click=${() => open(row)}><p class="clip"><b>${row.name}</b></p><p class="clip">${this.caption(row)}</p></button>
          ${this.thumb(input, row, frames.reference, frames.referenceStep ?? 0)}${this.thumb(input, row, frames.now, frames.step)}
          <span>${distance(row.drift)}</span>`,
      )}
    </div>`;
  }
}

/** Empty places keep the columns where fewer classes than places exist. */
const fill = (count: number) => Array.from({ length: SHOWN - count }, () => html`<span></span>`);

const open = (row: SampleRow): void => store.set({ view: "samples", sample: row.index }, { push: true });
