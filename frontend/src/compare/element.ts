/** `<explain-compare>`: two epochs, or two runs, against each other: epoch by epoch, feature by feature, sample by sample. */

import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import type { Comparison } from "../api";
import { figureMenu } from "../elements/figure_menu";
import { methodOffer } from "../elements/method_offer";
import { note, problem, skeleton } from "../elements/states";
import { load } from "../loading";
import { memo } from "../memo";
import { drawnReference, isPlace, type Place, referenceName, referenceRun } from "../references";
import {
  comparable,
  cursorSteps,
  described,
  explained,
  focusManifest,
  focusRun,
  nearest,
  type RunEntry,
  runsOf,
  setEpoch,
  store,
  Watch,
} from "../state";
import { stepName } from "../steps";
import { base } from "../styles";
import { runColour } from "../theme";
import { loadComparison } from "../views/samples_data";
import { byChange } from "./changes";
import "./disagreements";
import "../elements/figure_title";
import { changesTable, seedTable } from "./figure_tables";
import { CHANGE_HELP, SCATTER_HELP, SEED_HELP } from "./help_texts";
import "./matrix_panel";
import "./over_time";
import "./scatter";
import { comparedFeatures } from "./scatter_model";
import { seedRows } from "./seed_null";
import "./seed_panel";
import "./sides";

/** Where there is nothing to say of a pair: why, and what to do. */
interface Told {
  title: string;
  text: string;
  /** A step at which there is. */
  step?: number;
}

/** A comparison with what it is of. */
interface Held {
  run: RunEntry;
  /** B, or what is drawn for it. */
  place: Place;
  answer: Comparison;
  /** What B is called. */
  name: string;
}

@customElement("explain-compare")
export class Compare extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; }
      .columns { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 16px 32px; margin-top: 12px; }
      .below { margin-top: 12px; padding-top: 12px; border-top: 1px solid var(--line); }
      .row { min-height: 28px; }
      .below .row { min-height: 20px; }
      .wide { grid-column: span 2; }
      .wide .control { margin-top: 12px; }
      explain-sides + .card, .card + .columns { margin-top: 12px; }
      @media (max-width: 959px) {
        .columns { grid-template-columns: repeat(2, minmax(0, 1fr)); }
      }
      @media (max-width: 639px) { .columns { grid-template-columns: minmax(0, 1fr); } .wide { grid-column: auto; } }
    `,
  ];

  private comparison = load(
    this,
    () => {
      const { state } = store;
      const [of, about] = [explained(state), described(state)];
      const step = state.resting;
      if (!of || !about || step === null) return null;
      const place = drawnReference({ ...state, epoch: step });
      if (!place || isPlace(place, of.run, step)) return null;
      return [of.run, of.tag, about.manifest, step, state.against, place.run, place.step, state.revision] as const;
    },
    async ([run, tag, manifest, step, against, other, at], signal): Promise<Held | undefined> => {
      const place = { run: other, step: at };
      const answer = await loadComparison({ run, tag, manifest }, step, place, against, signal);
      return answer && { run, place, answer, name: referenceName({ ...store.state, epoch: step }) };
    },
  );

  constructor() {
    super();
    new Watch(this, [
      "epoch",
      "resting",
      "against",
      "best",
      "focus",
      "method",
      "groups",
      "manifests",
      "dark",
      "visible",
      "revision",
    ]);
  }

  private features = memo(comparedFeatures);
  private seeds = memo(seedRows);
  /** The same object for as long as it is the same place. */
  private place = memo((run: RunEntry | undefined, step: number | undefined): Place | null =>
    run && step !== undefined ? { run, step } : null,
  );

  protected override render() {
    const { state } = store;
    const run = focusRun(state);
    if (!run) return nothing;
    const offer = methodOffer(run);
    if (offer) return offer;
    const drawn = drawnReference(state);
    const place = this.place(drawn?.run, drawn?.step);
    const told = this.told(run, place);
    const held = this.comparison.value;
    const current = told || this.comparison.error || held?.run.run !== run.run ? undefined : held;
    return html`
      <explain-sides .reference=${place} .comparison=${current?.answer}></explain-sides>
      <div class="columns">
        <explain-similarity-panel .reference=${place} .other=${referenceRun(state)}></explain-similarity-panel>
        ${this.pair(told, current)}
      </div>
      ${current ? this.below(run, current.place, current.answer) : nothing}`;
  }

  /** Why there is nothing to compare, if there is not. */
  private told(run: RunEntry, place: Place | null): Told | undefined {
    const { state } = store;
    const other = referenceRun(state);
    if (other && !place)
      return {
        title: "No explanation at this epoch",
        text: `${other.label} has none within half an epoch of ${stepName(run, state.epoch ?? 0)}: move the cursor to an epoch that both runs explained.`,
        step: nearest(
          cursorSteps(state).filter((step) => drawnReference({ ...state, epoch: step })),
          state.epoch ?? 0,
        ),
      };
    if (cursorSteps(state).length === 1 && !other)
      return {
        title: "One explanation so far",
        text: `Nothing can differ yet. The next explained epoch can be compared with this one${runsOf(state).length > 1 ? ", or choose another run as B" : ""}.`,
      };
    if (!place)
      return {
        title: "No reference",
        text: "There is no step before this one: move the cursor, or choose another reference.",
      };
    if (isPlace(place, run, state.epoch ?? Number.NaN))
      return {
        title: "A and B are the same explanation",
        text: "Move the cursor, Shift-click another epoch in the picture, or choose another run as B.",
      };
    return undefined;
  }

  private offer({ step }: Told) {
    if (step === undefined) return nothing;
    return html`<button class="control" @click=${() => setEpoch(step, { push: true })}>Go to ${stepName(focusRun(store.state), step)}</button>`;
  }

  private pair(told: Told | undefined, current: Held | undefined) {
    if (told) return html`<div class="wide">${note(told.title, told.text, "note")} ${this.offer(told)}</div>`;
    if (this.comparison.error)
      return html`<div class="wide">${problem(this.comparison.error, () => void this.comparison.run())}</div>`;
    const [run, manifest] = [focusRun(store.state), focusManifest(store.state)];
    if (!current || !run || !manifest) return html`<div>${skeleton(420)}</div><div>${skeleton(420)}</div>`;
    const { place, answer, name } = current;
    const heading = `Share of each ${manifest.inputs.some(({ kind }) => kind === "image") ? "region" : "feature"}`;
    return html`
      <section>
        <div class="row">
          <explain-figure-title .heading=${heading} .help=${SCATTER_HELP}></explain-figure-title>
          ${figureMenu(heading, () => changesTable(this.features(answer, manifest)))}
          <span class="faint clip beside">log scale</span>
        </div>
        <explain-share-scatter .features=${this.features(answer, manifest)} color=${runColour(run.index)}
          here=${`${place.run.run === run.run ? "" : `${run.label} at `}${stepName(run, answer.step)}`} there=${name}></explain-share-scatter>
      </section>
      <explain-disagreements .reference=${place} .comparison=${answer}></explain-disagreements>`;
  }

  private below(run: RunEntry, place: Place, answer: Comparison) {
    const manifest = focusManifest(store.state);
    if (!manifest) return nothing;
    const features = this.features(answer, manifest);
    const regions = Object.fromEntries(Object.entries(answer.inputs).map(([name, input]) => [name, input.regions]));
    return html`<div class="columns below">
      <section>
        <div class="row"><explain-figure-title heading="Where the shares differ" .help=${CHANGE_HELP}></explain-figure-title>
          ${figureMenu("Where the shares differ", () => changesTable(byChange(features)))}</div>
        <explain-share-changes .features=${features} .manifest=${manifest} .regions=${regions}></explain-share-changes>
      </section>
      <section>
        <div class="row">
          <explain-figure-title heading="More than a seed?" .help=${SEED_HELP}></explain-figure-title>
          ${place.run.run === run.run ? nothing : figureMenu("More than a seed", () => seedTable(this.seeds(answer, features)))}
          <span class="faint clip beside">against sibling runs</span>
        </div>
        ${
          place.run.run !== run.run
            ? html`<explain-seed-null .rows=${this.seeds(answer, features)} .siblings=${answer.siblings}></explain-seed-null>`
            : html`<p class="quiet">${alone(run)}</p>`
        }
      </section>
      <section>
        <h2>Distance of A from B over time</h2>
        <explain-distance-over-time></explain-distance-over-time>
      </section>
    </div>`;
  }
}

/** What is to be said of seeds while B is of the same run. */
const alone = (run: RunEntry): string =>
  runsOf(store.state).some((other) => other.run !== run.run && comparable(run, other))
    ? "Choose another run as B: siblings, trained with other seeds, then say how far shares wander by themselves."
    : "No other run in this log explained the same samples. Train this model again with other seeds, the probe unchanged: such runs say how far shares wander by themselves.";

declare global {
  interface HTMLElementTagNameMap {
    "explain-compare": Compare;
  }
}
