/**
 * `<explain-disagreements>`: the samples whose explanations differ most between A and B, with what each side says. Click opens one;
 * J and K, up and down go through them.
 *
 * @property reference   B: a step of a run
 * @property comparison  of A with B: how far each sample's explanation moved
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { Attribution, Comparison, Inputs, Manifest, ManifestInput } from "../api";
import { controlStyles, toggle } from "../elements/controls";
import { figureMenu } from "../elements/figure_menu";
import { itemKeys } from "../elements/item_keys";
import "../elements/legend";
import { note, problem, skeleton } from "../elements/states";
import type { WindowElement } from "../elements/window";
import "../elements/window";
import { capital } from "../format";
import { load } from "../loading";
import { memo } from "../memo";
import { type Place, standsFor } from "../references";
import { described, explained, focusMethod, type RunEntry, store, Watch } from "../state";
import { base } from "../styles";
import { runColour } from "../theme";
import { type Frames, loadFrames, loadInputs, loadVerdicts, type Verdicts } from "../views/samples_data";
import {
  filterRows,
  firstToken,
  type SampleRow,
  sampleOf,
  sampleRows,
  shownPerClass,
  sortRows,
} from "../views/samples_model";
import { sampleTable } from "../views/samples_table";
import { COLUMNS, Disagreement, layoutOf } from "./disagreement";
import "../elements/figure_title";
import { SAMPLES_HELP } from "./help_texts";

interface Held {
  run: RunEntry;
  manifest: Manifest;
  frames: Frames;
  verdicts: Verdicts;
  inputs: Inputs | undefined;
}

const ROW_HEIGHT = 62;
/** Rows that the list shows without scrolling. */
const ROOM = 5;

@customElement("explain-disagreements")
export class Disagreements extends LitElement {
  static override styles = [
    base,
    controlStyles,
    css`
      :host { display: flex; flex-direction: column; min-width: 0; }
      .row { min-height: 28px; }
      .tools { margin-top: 2px; min-height: 24px; }
      .tools + .caption { margin-top: 4px; }
      .heads { display: grid; gap: 8px; margin-top: 6px; }
      .heads .dot { margin-right: 4px; }
      explain-window { height: 310px; margin-top: 4px; scrollbar-gutter: stable; }
      .legend { margin-top: 8px; }
    `,
  ];

  @property({ attribute: false }) reference!: Place;
  @property({ attribute: false }) comparison!: Comparison;
  @state() private flippedOnly = false;
  @state() private balanced = true;
  /** Place in the list of the sample that the Tab key stops at. */
  @state() private stop = 0;
  @query("explain-window") private list!: WindowElement | null;
  protected keys = itemKeys(this, { move: (by) => void this.move(by) });

  private data = load(
    this,
    () => {
      const [of, about] = [explained(store.state), described(store.state)];
      if (!of || !about) return null;
      return [of.run, of.tag, about.manifest, this.comparison.step, this.reference.run, this.reference.step] as const;
    },
    async ([run, tag, manifest, step, other, at], signal): Promise<Held> => {
      const place = { run: other, step: at };
      const [frames, verdicts, inputs] = await Promise.all([
        loadFrames({ run, tag, manifest }, step, place, signal),
        loadVerdicts(run, step, place, signal),
        loadInputs(run, signal),
      ]);
      return { run, manifest, frames, verdicts, inputs };
    },
  );

  constructor() {
    super();
    new Watch(this, ["focus", "method", "groups", "manifests", "dark", "visible", "revision"]);
  }

  private rows = memo((held: Held, comparison: Comparison): SampleRow[] =>
    sortRows(sampleRows({ manifest: held.manifest, ...held.verdicts, comparison }), "drift"),
  );

  protected override render() {
    const held = this.data.value;
    return html`
      <div class="row">
        <explain-figure-title heading="Samples they disagree on" .help=${SAMPLES_HELP}></explain-figure-title>
        ${held?.frames.step === this.comparison.step ? figureMenu("Samples they disagree on", () => sampleTable(this.rows(held, this.comparison))) : nothing}
        <span class="faint beside">1 − cos</span>
      </div>
      ${this.content()}`;
  }

  private content() {
    if (this.data.error) return problem(this.data.error, () => void this.data.run());
    const held = this.data.value;
    // Rows of one pair must not stand beside the maps of another.
    if (!held || held.frames.step !== this.comparison.step) return skeleton(390);
    const all = this.rows(held, this.comparison);
    const flips = all.filter(({ flipped }) => flipped).length;
    const perClass = shownPerClass(all, ROOM);
    const classes = perClass < ROOM;
    const shown = filterRows(all, {
      class: null,
      flipped: this.flippedOnly,
      wrong: false,
      perClass: classes && this.balanced ? perClass : null,
    });
    const input = held.manifest.inputs.find(({ name }) => Object.hasOwn(held.frames.now.values, name));
    if (!input) return note("No attributions", "This method says nothing of any input.");
    const signed = focusMethod(store.state)?.signed ?? true;
    const stop = Math.min(this.stop, shown.length - 1);
    const item = (i: number) => this.sample(shown[i], input, signed, held, i, i === stop);
    return html`
      <div class="tools">
        ${toggle("Predictions differ", flips, this.flippedOnly, (on) => {
          this.flippedOnly = on;
        })}
        ${
          classes
            ? toggle(`${perClass === 1 ? "One" : perClass} per class`, undefined, this.balanced, (on) => {
                this.balanced = on;
              })
            : nothing
        }
      </div>
      ${this.mind(held, input)} ${this.heads(input)}
      ${
        shown.length === 0
          ? note("None", "Both sides say the same of every sample.")
          : html`<explain-window role="group" aria-label="Samples" .count=${shown.length} .rowHeight=${ROW_HEIGHT} .item=${item} .chosen=${stop}
              @keydown=${this.press} @focusin=${this.enter}></explain-window>`
      }
      <explain-legend class="legend" signed ?dark=${store.state.dark} low=${signed ? "" : "less in A"} high=${signed ? "" : "more in A"}></explain-legend>`;
  }

  private press(event: KeyboardEvent): void {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault(); // would scroll
    void this.move(by);
  }

  /** Tab comes back to where the keyboard's focus was; what is pressed must not move. */
  private enter(event: FocusEvent): void {
    const path = event.composedPath();
    const at = path.find((target) => target instanceof Disagreement);
    if (at && (path[0] as Element).matches(":focus-visible")) this.stop = at.place;
  }

  /** The focus to the sample after or before the one that has it; first to the one that the Tab key stops at. */
  private async move(by: number): Promise<void> {
    const { list } = this;
    if (!list) return;
    const last = list.count - 1;
    const within = list.shadowRoot?.activeElement instanceof Disagreement;
    this.stop = Math.max(0, Math.min(last, Math.min(this.stop, last) + (within ? by : 0)));
    const find = async () => {
      await this.updateComplete;
      await list.updateComplete;
      return [...list.renderRoot.querySelectorAll("explain-disagreement")].find(({ place }) => place === this.stop);
    };
    let found = await find();
    if (!found) {
      await new Promise(requestAnimationFrame); // the list scrolls there
      found = await find();
    }
    found?.focus();
  }

  /** Where less is drawn than the figures are of. */
  private mind({ frames, manifest }: Held, input: ManifestInput) {
    const explained = manifest.inputs.filter(({ name }) => Object.hasOwn(frames.now.values, name));
    const said = [
      standsFor(store.state),
      explained.length > 1 ? `drawn is ${input.name}; drift is over all ${explained.length} inputs` : "",
    ].filter(Boolean);
    return said.length ? html`<p class="caption">${capital(said.join("; "))}</p>` : nothing;
  }

  private heads(input: ManifestInput) {
    const layout = layoutOf(input);
    if (layout === "text") return nothing;
    const names = layout === "image" ? ["A", "B", "A − B"] : ["A", "B"];
    const colours = [this.data.value?.run.index ?? 0, this.reference.run.index];
    return html`<div class="heads caption" style="grid-template-columns: ${COLUMNS[layout]}">${names.map(
      (name, i) =>
        html`<span>${i < 2 ? html`<span class="dot" style="background: ${runColour(colours[i])}"></span>` : nothing}${name}</span>`,
    )}</div>`;
  }

  private sample(
    row: SampleRow,
    input: ManifestInput,
    signed: boolean,
    { frames, inputs }: Held,
    place: number,
    stop: boolean,
  ) {
    const at = (frame: Attribution | undefined) => {
      const values = frame?.values[input.name];
      return values && sampleOf(values, row.index);
    };
    const [here, there, array] = [at(frames.now), at(frames.reference), inputs?.[input.name]];
    const from = input.kind === "text" && here && there ? firstToken(here, there) : 0;
    const logged = array && { data: sampleOf(array, row.index).slice(from), shape: array.shape.slice(1) };
    return html`<explain-disagreement .row=${row} .input=${input} .logged=${logged} .here=${from ? here?.slice(from) : here} .there=${from ? there?.slice(from) : there}
      .limit=${frames.limits.all(row.index).cards} .place=${place} ?stop=${stop} ?signed=${signed} ?dark=${store.state.dark}></explain-disagreement>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-disagreements": Disagreements;
  }
}
