/** `<explain-compare>`: two epochs, or two runs, against each other: epoch by epoch, feature by feature, sample by sample. */

import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { type Comparison, getComparison } from "../api";
import "../elements/at_cursor";
import { figureMenu } from "../elements/figure_menu";
import { methodOffer } from "../elements/method_offer";
import { note, problem, skeleton } from "../elements/states";
import { isolated } from "../format";
import { load } from "../loading";
import { memo } from "../memo";
import { drawnReference, isPlace, type Place, referenceName, referenceRun } from "../references";
import {
  attributionTag,
  comparable,
  described,
  explained,
  focusManifest,
  focusRun,
  type RunEntry,
  runsOf,
  setEpoch,
  stepsOfRun,
  store,
  Watch,
} from "../state";
import { placeOf, stepName, stepNear } from "../steps";
import { base } from "../styles";
import { runColour } from "../theme";
import { loadComparison } from "../views/samples_data";
import { byChange } from "./changes";
import "./disagreements";
import "../elements/figure_title";
import { changesTable, seedTable } from "./figure_tables";
import { CHANGE_HELP, SCATTER_HELP, SEED_HELP } from "./help_texts";
import "./figures_panel";
import "./matrix_panel";
import "./over_time";
import "./scatter";
import { comparedFeatures } from "./scatter_model";
import { seedRows } from "./seed_null";
import "./seed_panel";
import { seedPair } from "./seeds";
import "./sides";
import type { SeedShift } from "./sides";
import { type Told, whyNothing } from "./told";

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
      if (!place || isPlace(place, of.run, step) || !comparable(place.run, of.run)) return null;
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
    // While the cursor moves, what is here is of where it last rested; what follows it watches it by itself.
    new Watch(this, [
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

  private regions = memo(({ inputs }: Comparison) =>
    Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.regions])),
  );
  private features = memo(comparedFeatures);
  private seeds = memo(seedRows);
  /** The same object for as long as it is the same place. */
  private place = memo((run: RunEntry | undefined, step: number | undefined): Place | null =>
    run && step !== undefined ? { run, step } : null,
  );

  /** What two seeds lie apart by at the step that was compared. */
  private seedShift = load(
    this,
    () => {
      const held = this.comparison.value;
      const pair = held && seedPair(held.answer.siblings, held.place.run.run);
      return held && pair ? ([...pair, held, store.state.revision] as const) : null;
    },
    async ([one, other, { run, answer }], signal): Promise<SeedShift | undefined> => {
      const of = runsOf(store.state).find((entry) => entry.run === one);
      const tag = of && attributionTag(store.state, of);
      const step = of && stepNear(of, stepsOfRun(store.state, of), placeOf(run, answer.step));
      if (!of || tag === undefined || step === undefined) return undefined;
      const { shareShift } = await getComparison(of.run, tag, step, `run:${other}`, signal);
      return { run: of.label, shift: shareShift.value };
    },
  );

  /** Names of runs by other seeds; the same list while they are the same. */
  private siblings = memo((names: string): readonly string[] => (names ? names.split("\n") : []));

  protected override render() {
    const { resting, ...now } = store.state;
    const state = { ...now, resting, epoch: resting ?? now.epoch };
    const run = focusRun(state);
    if (!run) return nothing;
    const offer = methodOffer(run);
    if (offer) return offer;
    const drawn = drawnReference(state);
    const told = whyNothing(state, run, drawn);
    const held = this.comparison.value;
    const current = told || this.comparison.error || held?.run.run !== run.run ? undefined : held;
    const seeds = current?.answer.siblings.length ? this.seedShift.value : undefined;
    const atCursor = () => {
      const { run: of, step } = drawnReference(store.state) ?? {};
      return this.place(of, step);
    };
    return html`
      <explain-at-cursor .content=${() => html`<explain-sides .reference=${atCursor()} .comparison=${current?.answer} .seeds=${seeds}></explain-sides>`}></explain-at-cursor>
      <div class="columns">
        <explain-at-cursor .content=${() => html`<explain-similarity-panel .reference=${atCursor()} .other=${this.other(run)}></explain-similarity-panel>`}></explain-at-cursor>
        ${this.pair(told, current)}
      </div>
      ${current ? this.below(run, current.place, current.answer) : nothing}`;
  }

  /** The run that is held against another, where the two compare. */
  private other(run: RunEntry): RunEntry | undefined {
    const other = referenceRun(store.state);
    return other && comparable(other, run) ? other : undefined;
  }

  private offer({ step }: Told) {
    if (step === undefined) return nothing;
    return html`<button class="control" @click=${() => setEpoch(step, { push: true })}>Go to ${stepName(focusRun(store.state), step)}</button>`;
  }

  private pair(told: Told | undefined, current: Held | undefined) {
    if (told)
      return html`<div class="wide">${note(told.title, told.text, told.warn ? "warn" : "note")} ${this.offer(told)}</div>`;
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
          here=${`${place.run.run === run.run ? "" : `${isolated(run.label)} at `}${stepName(run, answer.step)}`} there=${name}></explain-share-scatter>
      </section>
      <explain-disagreements .reference=${place} .comparison=${answer}></explain-disagreements>`;
  }

  private below(run: RunEntry, place: Place, answer: Comparison) {
    const manifest = focusManifest(store.state);
    if (!manifest) return nothing;
    const features = this.features(answer, manifest);
    const siblings = this.siblings(answer.siblings.join("\n"));
    return html`<div class="columns below">
        <explain-distance-over-time .siblings=${siblings}></explain-distance-over-time>
        <explain-compared-figures .siblings=${siblings}></explain-compared-figures>
      </div>
      <div class="columns below">
      <section class="wide">
        <div class="row"><explain-figure-title heading="Where the shares differ" .help=${CHANGE_HELP}></explain-figure-title>
          ${figureMenu("Where the shares differ", () => changesTable(byChange(features)))}</div>
        <explain-share-changes .features=${features} .manifest=${manifest} .regions=${this.regions(answer)}></explain-share-changes>
      </section>
      <section>
        <div class="row">
          <explain-figure-title heading="More than a seed?" .help=${SEED_HELP}></explain-figure-title>
          ${place.run.run === run.run ? nothing : figureMenu("More than a seed", () => seedTable(this.seeds(answer, features)))}
          <span class="faint clip beside">against sibling runs</span>
        </div>
        ${
          place.run.run !== run.run
            ? html`<explain-seed-null .rows=${this.seeds(answer, features)} .siblings=${siblings}></explain-seed-null>`
            : html`<p class="quiet">${alone(run)}</p>`
        }
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
