import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import type { Comparison, Manifest } from "../api";
import { controlStyles } from "../elements/controls";
import { figureMenu, type Switch } from "../elements/figure_menu";
import { itemKeys } from "../elements/item_keys";
import { methodOffer } from "../elements/method_offer";
import { onResize } from "../elements/resize";
import { note, problems, skeleton } from "../elements/states";
import { memo } from "../memo";
import { focusRun, store, Watch } from "../state";
import { stepName } from "../steps";
import { base } from "../styles";
import { NARROW, paneStyles } from "./pane";
import { SampleAnswers } from "./samples_answers";
import { type Asked, ask, parseAsked } from "./samples_asked";
import "./samples_cards";
import { fullBar } from "./samples_cards";
import type { Frames, Picture, Subject, Verdicts } from "./samples_data";
import "./samples_detail";
import { livePicture, liveRows, steady } from "./samples_live";
import {
  filterRows,
  isSampleSort,
  rowMatches,
  type SampleRow,
  type SampleSort,
  sampleRows,
  sortRows,
  withPinned,
} from "./samples_model";
import { type Order, orderHolder } from "./samples_order";
import { sampleTable } from "./samples_table";
import { sampleFoot, sampleTools } from "./samples_tools";
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
      .tools { gap: 6px 4px; }
      .segments button, .toggle { padding: 0 6px; }
      .find { width: 56px; }
      .foot { min-height: 32px; }
      .find:focus, .find:not(:placeholder-shown) { width: 120px; }
    `,
  ];

  private answers = new SampleAnswers(this);
  private order = orderHolder();
  private steady = steady<Picture>();
  private rows = memo(liveRows);
  /** As they stand, for J and K. */
  private standing: readonly number[] = [];
  protected watch = new Watch(this);
  protected keys = itemKeys(this, {
    move: (by) => this.move(by),
    close: () => this.choose(null),
  });

  constructor() {
    super();
    onResize(this, ({ width }) => this.toggleAttribute("narrow", width < NARROW));
  }

  protected override willUpdate(): void {
    this.answers.follow();
  }

  protected override updated(): void {
    this.answers.fetchNear();
  }

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

  private ordered(
    subject: Subject,
    picture: Picture,
    rows: readonly SampleRow[],
    sort: SampleSort,
    asked: Asked,
  ): Order {
    const { shown: _, scale: __, ...choice } = asked; // other maps and colours are no reason for another order
    const key = JSON.stringify([subject.run.run, subject.tag, sort, choice, store.state.against]);
    const step = this.answers.frames?.step ?? picture.nowStep;
    return this.order.get(key, step, this.answers.settled, () => {
      const passing = filterRows(sortRows(rows, sort), asked).filter((row) =>
        rowMatches(row, asked.sought, wordsOf(picture, row.index)),
      );
      return withPinned(rows, passing, asked).map(({ index }) => index);
    });
  }

  private pin(sample: number): void {
    const { pinned } = parseAsked(store.state.filter);
    const others = pinned.filter((index) => index !== sample);
    ask({ pinned: others.length < pinned.length ? others : [...pinned, sample] });
  }

  private switches({ scale }: Asked): Switch[] {
    return [
      {
        label: "A scale for each sample",
        on: scale === "each",
        set: (on) => ask({ scale: on ? "each" : "all" }),
      },
    ];
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
    const { state } = store;
    const { subject, frames, verdicts, comparison, inputs } = this.answers;
    if (!subject) return html`<div class="main">${methodOffer(focusRun(state)) ?? skeleton(560)}</div>`;
    const sort = isSampleSort(state.sort) ? state.sort : "drift";
    const asked = parseAsked(state.filter);
    const picture = this.steady(livePicture(subject, state, frames, inputs, asked.scale));
    const rested = this.restedRows(subject.manifest, frames, verdicts, comparison);
    const order = this.ordered(subject, picture, rested, sort, asked);
    const row = this.rows(picture, state.against, verdicts, comparison);
    this.standing = order.indices;
    const chosen = state.sample !== null && state.sample < rested.length ? row(state.sample) : undefined;
    const most = fullBar(rested);
    return html`
      <section class="main">
        ${sampleTools({
          picture,
          rows: rested,
          menu: figureMenu("Samples", () => sampleTable(order.indices.map(row)), { switches: this.switches(asked) }),
          sort,
          asked,
        })}
        ${this.renderProblems(picture)} ${this.renderCards(picture, order.indices, row, most, asked)}
        ${sampleFoot({
          picture,
          count: order.indices.length,
          most,
          asked,
          order,
          sortAgain: () => {
            this.order.drop();
            this.requestUpdate();
          },
        })}
      </section>
      ${
        chosen
          ? html`<explain-sample-detail class="pane" .picture=${picture} .row=${chosen} ?pinned=${asked.pinned.includes(chosen.index)}
            @close=${() => this.choose(null)} @pin=${() => this.pin(chosen.index)}></explain-sample-detail>`
          : nothing
      }`;
  }

  private renderProblems(picture: Picture) {
    const { failed } = this.answers;
    const other = this.answers.frameFailed && picture.now && picture.nowStep !== store.state.epoch;
    return html`${problems(
      failed.map(({ error }) => error),
      () => this.answers.tryAgain(),
    )}${other ? html`<p class="caption">Shown instead: ${stepName(picture.run, picture.nowStep)}.</p>` : nothing}`;
  }

  private renderCards(
    picture: Picture,
    indices: readonly number[],
    row: (index: number) => SampleRow,
    most: number,
    { pinned, shown }: Asked,
  ) {
    if (this.answers.frameFailed && !picture.now) return html`<div class="fill"></div>`;
    if (!picture.now) return skeleton(560);
    if (indices.length === 0) {
      return html`<div class="fill">${note("No sample passes", "The filters and the search leave none of the probe's samples; take one of them away.")}</div>`;
    }
    return html`<explain-sample-cards .picture=${picture} .indices=${indices} .row=${row} .most=${most} .shown=${shown} .pinned=${pinned.length} .chosen=${store.state.sample}
      @choose=${({ detail }: CustomEvent<number>) => this.choose(detail)}></explain-sample-cards>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-samples": SamplesView;
  }
}
