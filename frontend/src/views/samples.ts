/** Samples: what does the model look at, and how has that changed? The probe's samples at the reference, now, and the change. */
import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { peekAttribution } from "../api";
import { controlStyles } from "../elements/controls";
import { figureMenu } from "../elements/figure_menu";
import { itemKeys } from "../elements/item_keys";
import { methodOffer } from "../elements/method_offer";
import { onResize } from "../elements/resize";
import { note, problems, skeleton } from "../elements/states";
import { load } from "../loading";
import { drawnReference, type Place } from "../references";
import {
  cursorSteps,
  explained,
  focusManifest,
  focusMethod,
  focusRun,
  type RunEntry,
  type State,
  shownMethod,
  store,
  Watch,
} from "../state";
import { base } from "../styles";
import { NARROW, paneStyles } from "./pane";
import "./samples_cards";
import {
  type About,
  about,
  answerFor,
  type Frames,
  loadComparison,
  loadFrames,
  loadInputs,
  loadVerdicts,
  type Picture,
  type Subject,
} from "./samples_data";
import "./samples_detail";
import {
  filterRows,
  isSampleSort,
  parseFilter,
  rowMatches,
  type SampleRow,
  sampleRows,
  sortRows,
} from "./samples_model";
import { sampleTable } from "./samples_table";
import { type Shown, sampleFoot, sampleTools } from "./samples_tools";
import type { View } from "./view";

export const samples: View = {
  id: "samples",
  title: "Samples",
  help: "What does it look at, and how has that changed?",
  key: "2",
  needs: ["attribution"],
  render: () => html`<explain-samples></explain-samples>`,
};

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
  /** Indices of the samples as they stand, for J and K. */
  private order: number[] = [];
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

  /** What is drawn: the cursor's own frame where it is in memory, else the last one that was fetched. */
  private picture(subject: Subject): Picture {
    const { state } = store;
    const { run, tag } = subject;
    const frames = answerFor(subject, this.lastFrames);
    const live = state.epoch === null ? undefined : peekAttribution(run.run, tag, state.epoch);
    return {
      ...subject,
      steps: cursorSteps(state),
      method: shownMethod(state) ?? "",
      signed: focusMethod(state)?.signed ?? true,
      unit: focusMethod(state)?.unit ?? "",
      inputs: answerFor(subject, this.inputs.value),
      now: live ?? frames?.now,
      nowStep: live && state.epoch !== null ? state.epoch : (frames?.step ?? state.epoch ?? 0),
      reference: frames?.reference,
      referenceAt: frames ? frames.referenceAt : comparedPlace(state),
      cardLimit: frames?.cardLimit ?? 0,
      limit: frames?.limit ?? 0,
    };
  }

  private rows(picture: Picture): SampleRow[] {
    const verdicts = answerFor(picture, this.verdicts.value);
    return sampleRows({
      manifest: picture.manifest,
      now: verdicts?.now,
      reference: verdicts?.reference,
      attribution: picture.now,
      comparison: answerFor(picture, this.comparison.value),
    });
  }

  private choose(sample: number | null): void {
    store.set({ sample }, { push: true });
  }

  private move(by: number): void {
    const at = this.order.indexOf(store.state.sample ?? -1);
    const next = at < 0 ? 0 : Math.min(this.order.length - 1, Math.max(0, at + by));
    if (this.order.length > 0) this.choose(this.order[next]);
  }

  protected override render() {
    if (!this.subject) return html`<div class="main">${methodOffer(focusRun(store.state)) ?? skeleton(560)}</div>`;
    const picture = this.picture(this.subject);
    const { sort, filter, sample } = store.state;
    const chosenSort = isSampleSort(sort) ? sort : "drift";
    const all = this.rows(picture);
    const rows = filterRows(sortRows(all, chosenSort), parseFilter(filter)).filter((row) =>
      rowMatches(row, this.sought),
    );
    this.order = rows.map(({ index }) => index);
    const chosen = all.find(({ index }) => index === sample);
    return html`
      <section class="main">
        ${sampleTools({
          picture,
          rows: all,
          menu: figureMenu("Samples", () => sampleTable(rows)),
          sort: chosenSort,
          filter: parseFilter(filter),
          shown: this.shown,
          sought: this.sought,
          show: (shown) => {
            this.shown = shown;
          },
          seek: (text) => {
            this.sought = text;
          },
        })}
        ${this.renderProblems()} ${this.renderCards(picture, rows)} ${sampleFoot(picture, rows, this.shown)}
      </section>
      ${
        chosen
          ? html`<explain-sample-detail class="pane" .picture=${picture} .row=${chosen} @close=${() => this.choose(null)}></explain-sample-detail>`
          : nothing
      }`;
  }

  private renderProblems() {
    const failed = [this.frames, this.inputs, this.verdicts, this.comparison].filter(({ error }) => error);
    const again = (): void => {
      for (const task of failed) void task.run();
    };
    return problems(
      failed.map(({ error }) => error),
      again,
    );
  }

  private renderCards(picture: Picture, rows: readonly SampleRow[]) {
    if (this.frames.error && !picture.now) return html`<div class="fill"></div>`;
    if (!picture.now) return skeleton(560);
    if (rows.length === 0) {
      return html`<div class="fill">${note("No sample passes", "The filters and the search leave none of the probe's samples; take one of them away.")}</div>`;
    }
    return html`<explain-sample-cards .picture=${picture} .rows=${rows} .shown=${this.shown} .chosen=${store.state.sample}
      @choose=${({ detail }: CustomEvent<number>) => this.choose(detail)}></explain-sample-cards>`;
  }
}

/** What is compared with; a single step has nothing to be compared with. */
function comparedPlace(state: State): Place | null {
  const drawn = drawnReference(state);
  const alone = cursorSteps(state).length === 1 && drawn?.run.run === focusRun(state)?.run;
  return alone ? null : drawn;
}

/** A place as the parts that requests are keyed by. */
const placeOrNull = (run: RunEntry | undefined, step: number | undefined): Place | null =>
  run && step !== undefined ? { run, step } : null;

declare global {
  interface HTMLElementTagNameMap {
    "explain-samples": SamplesView;
  }
}
