/** Samples: what does the model look at, and how has that changed? The probe's samples at the reference, now, and the change. */
import { TaskStatus } from "@lit/task";
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, state } from "lit/decorators.js";
import { type Comparison, type Manifest, stepsInMemory } from "../api";
import { controlStyles } from "../elements/controls";
import { figureMenu } from "../elements/figure_menu";
import { itemKeys } from "../elements/item_keys";
import { methodOffer } from "../elements/method_offer";
import { onResize } from "../elements/resize";
import { note, problems, skeleton } from "../elements/states";
import { load } from "../loading";
import { memo } from "../memo";
import type { Place } from "../references";
import { explained, focusManifest, focusRun, type RunEntry, store, Watch } from "../state";
import { stepName } from "../steps";
import { base } from "../styles";
import { stepsOf } from "../tags";
import { NARROW, paneStyles } from "./pane";
import { fetchAhead, stepsAhead } from "./samples_ahead";
import "./samples_cards";
import { fullBar } from "./samples_cards";
import {
  type About,
  about,
  answerFor,
  type Frames,
  frameBytes,
  loadComparison,
  loadFrames,
  loadInputs,
  loadVerdicts,
  type Picture,
  type Subject,
  type Verdicts,
} from "./samples_data";
import "./samples_detail";
import { comparedPlace, livePicture, liveRows, steady } from "./samples_live";
import {
  filterRows,
  isSampleSort,
  parseFilter,
  rowMatches,
  type SampleRow,
  type SampleSort,
  sampleRows,
  sortRows,
} from "./samples_model";
import { type Order, orderHolder } from "./samples_order";
import { sampleTable } from "./samples_table";
import { type Shown, sampleFoot, sampleTools } from "./samples_tools";
import { wordsOf } from "./samples_words";

@customElement("explain-samples")
export class SamplesView extends LitElement {
  static override styles = [
    base,
    controlStyles,
    paneStyles,
    css`
      :host { --pane: 432px; }
      .main > * { margin-right: 8px; }
      explain-sample-cards { flex: 1; min-height: 0; margin-right: 0; }
      .foot { display: flex; align-items: end; justify-content: space-between; gap: 16px; }
      .foot p { text-align: right; }
      .link { padding: 0; border: 0; background: none; color: var(--accent); font: inherit; text-decoration: underline; cursor: pointer; }
      .legends { display: flex; flex: none; gap: 16px; }
      .offers { margin-top: 8px; flex-wrap: wrap; }
      .fill { flex: 1; min-height: 0; }
      .tools { gap: 6px; }
      .find { width: 64px; }
      .find:focus, .find:not(:placeholder-shown) { width: 120px; }
    `,
  ];

  @state() private shown: Shown = "all";
  @state() private sought = "";
  private subject: (Subject & { revision: number }) | undefined;
  /** Drawn, and said to be drawn, while the next are on their way or cannot be read. */
  private lastFrames: About<Frames> | undefined;
  private order = orderHolder();
  private ahead = fetchAhead();
  private steady = steady<Picture>();
  private rows = memo(liveRows);
  /** As they stand, for J and K. */
  private standing: readonly number[] = [];
  protected watch = new Watch(this);
  protected keys = itemKeys(this, {
    move: (by) => this.move(by),
    close: () => this.choose(null),
  });

  private inputs = load(
    this,
    () => (this.subject ? ([this.subject] as const) : null),
    ([subject], signal) => about(subject, loadInputs(subject.run, signal)),
  );
  private frames = load(
    this,
    () => this.key(),
    ([subject, step, , run, at], signal) => about(subject, loadFrames(subject, step, placeOrNull(run, at), signal)),
  );
  private verdicts = load(
    this,
    () => this.key(),
    ([subject, step, , run, at], signal) =>
      about(subject, loadVerdicts(subject.run, step, placeOrNull(run, at), signal)),
  );
  private comparison = load(
    this,
    () => this.key(),
    ([subject, step, against, run, at], signal) =>
      about(subject, loadComparison(subject, step, placeOrNull(run, at), against, signal)),
  );

  constructor() {
    super();
    onResize(this, ({ width }) => this.toggleAttribute("narrow", width < NARROW));
  }

  /** Requests are keyed by the subject itself, so it stays the same object as long as it means the same. */
  protected override willUpdate(): void {
    const { state } = store;
    const [of, manifest] = [explained(state), focusManifest(state)];
    const subject = of && manifest ? { ...of, manifest, revision: state.revision } : undefined;
    const same =
      subject?.run.run === this.subject?.run.run &&
      subject?.tag === this.subject?.tag &&
      subject?.manifest === this.subject?.manifest &&
      subject?.revision === this.subject?.revision;
    if (!same) this.subject = subject;
    if (this.frames.value) this.lastFrames = this.frames.value;
  }

  private key() {
    const { state } = store;
    const epoch = state.resting ?? state.epoch;
    if (!this.subject || epoch === null) return null;
    const compared = comparedPlace({ ...state, epoch });
    return [this.subject, epoch, state.against, compared?.run, compared?.step] as const;
  }

  protected override updated(_: PropertyValues): void {
    const { state } = store;
    const at = state.playing ? state.epoch : this.frames.value?.answer.step;
    const frames = this.subject && answerFor(this.subject, this.lastFrames);
    if (this.subject && frames && at !== null && at !== undefined) {
      this.fetchNear(this.subject, at, state.playing, frames);
    }
  }

  override disconnectedCallback(): void {
    if (this.subject) this.ahead(this.subject.run, this.subject.tag, []);
    super.disconnectedCallback();
  }

  private fetchNear = memo(({ run, tag }: Subject, step: number, playing: boolean, { now }: Frames) => {
    const steps = stepsOf(run, tag);
    const known = new Set(stepsInMemory(run.run, tag, steps));
    this.ahead(
      run,
      tag,
      stepsAhead(steps, step, frameBytes(now), playing).filter((wanted) => !known.has(wanted)),
    );
  });

  /** The rows at the step where the cursor rests: what order, filters and counts are by. */
  private restedRows = memo(
    (
      manifest: Manifest,
      frames: Frames | undefined,
      verdicts: Verdicts | undefined,
      comparison: Comparison | undefined,
    ): SampleRow[] =>
      sampleRows({
        manifest,
        now: verdicts?.now,
        reference: verdicts?.reference,
        attribution: frames?.now,
        comparison,
      }),
  );

  private ordered(subject: Subject, picture: Picture, rows: readonly SampleRow[], sort: SampleSort): Order {
    const { filter, against } = store.state;
    const settled = [this.frames, this.verdicts, this.comparison].every(
      ({ status }) => status === TaskStatus.COMPLETE || status === TaskStatus.ERROR,
    );
    const step = answerFor(subject, this.lastFrames)?.step ?? picture.nowStep;
    const asked = JSON.stringify([subject.run.run, subject.tag, sort, filter, against, this.sought]);
    return this.order.get(asked, step, settled, () =>
      filterRows(sortRows(rows, sort), parseFilter(filter))
        .filter((row) => rowMatches(row, this.sought, wordsOf(picture, row.index)))
        .map(({ index }) => index),
    );
  }

  private choose(sample: number | null): void {
    store.set({ sample }, { push: true });
  }

  private move(by: number): void {
    const at = this.standing.indexOf(store.state.sample ?? -1);
    const next = at < 0 ? 0 : Math.min(this.standing.length - 1, Math.max(0, at + by));
    if (this.standing.length > 0) this.choose(this.standing[next]);
  }

  protected override render() {
    if (!this.subject) return html`<div class="main">${methodOffer(focusRun(store.state)) ?? skeleton(560)}</div>`;
    const { subject } = this;
    const { state } = store;
    const frames = answerFor(subject, this.lastFrames);
    const verdicts = answerFor(subject, this.verdicts.value);
    const comparison = answerFor(subject, this.comparison.value);
    const picture = this.steady(livePicture(subject, state, frames, answerFor(subject, this.inputs.value)));
    const sort = isSampleSort(state.sort) ? state.sort : "drift";
    const rested = this.restedRows(subject.manifest, frames, verdicts, comparison);
    const order = this.ordered(subject, picture, rested, sort);
    const row = this.rows(picture, state.against, verdicts, comparison);
    this.standing = order.indices;
    const chosen = state.sample !== null && state.sample < rested.length ? row(state.sample) : undefined;
    const most = fullBar(rested);
    return html`
      <section class="main">
        ${sampleTools({
          picture,
          rows: rested,
          menu: figureMenu("Samples", () => sampleTable(order.indices.map(row))),
          sort,
          filter: parseFilter(state.filter),
          shown: this.shown,
          sought: this.sought,
          show: (shown) => {
            this.shown = shown;
          },
          seek: (text) => {
            this.sought = text;
          },
        })}
        ${this.renderProblems(picture)} ${this.renderCards(picture, order.indices, row, most)}
        ${sampleFoot({
          picture,
          count: order.indices.length,
          most,
          shown: this.shown,
          order,
          sortAgain: () => {
            this.order.drop();
            this.requestUpdate();
          },
        })}
      </section>
      ${
        chosen
          ? html`<explain-sample-detail class="pane" .picture=${picture} .row=${chosen} @close=${() => this.choose(null)}></explain-sample-detail>`
          : nothing
      }`;
  }

  private renderProblems(picture: Picture) {
    const failed = [this.frames, this.inputs, this.verdicts, this.comparison].filter(({ error }) => error);
    const again = (): void => {
      for (const task of failed) void task.run();
    };
    const other = this.frames.error && picture.now && picture.nowStep !== store.state.epoch;
    return html`${problems(
      failed.map(({ error }) => error),
      again,
    )}${other ? html`<p class="caption">Shown instead: ${stepName(picture.run, picture.nowStep)}.</p>` : nothing}`;
  }

  private renderCards(picture: Picture, indices: readonly number[], row: (index: number) => SampleRow, most: number) {
    if (this.frames.error && !picture.now) return html`<div class="fill"></div>`;
    if (!picture.now) return skeleton(560);
    if (indices.length === 0) {
      return html`<div class="fill">${note("No sample passes", "The filters and the search leave none of the probe's samples; take one of them away.")}</div>`;
    }
    return html`<explain-sample-cards .picture=${picture} .indices=${indices} .row=${row} .most=${most} .shown=${this.shown} .chosen=${store.state.sample}
      @choose=${({ detail }: CustomEvent<number>) => this.choose(detail)}></explain-sample-cards>`;
  }
}

/** A place as the parts that requests are keyed by. */
const placeOrNull = (run: RunEntry | undefined, step: number | undefined): Place | null =>
  run && step !== undefined ? { run, step } : null;

declare global {
  interface HTMLElementTagNameMap {
    "explain-samples": SamplesView;
  }
}
