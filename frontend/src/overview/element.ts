/** `<explain-overview>`: what moved in a sentence, nine charts in three columns, and below them where to look. */

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { alarmLabel } from "../alarm_kinds";
import { alarmMarks, alarmsOf } from "../alarms";
import type { Drift } from "../api";
import { controlStyles } from "../elements/controls";
import { methodOffer } from "../elements/method_offer";
import { smoothingSlider, smoothingStyles } from "../elements/smoothing_slider";
import { note } from "../elements/states";
import { capital } from "../format";
import { memo } from "../memo";
import { methodTitle, sumErrorOf } from "../methods";
import { sinceText } from "../references";
import {
  comparable,
  focusManifest,
  focusRun,
  type RunEntry,
  type State,
  shownMethod,
  shownRuns,
  store,
  Watch,
} from "../state";
import { base } from "../styles";
import "./alarm_list";
import type { Answers } from "./answers";
import { asksOf, hasDeletion, hasLocalFit } from "./asks";
import { chartColumn, charts, featureCount, progressOf, rangeOf, withAxis } from "./charts";
import * as drifts from "./drift_panels";
import { foldToggle } from "./folds";
import "./headline";
import * as learning from "./learning_panels";
import "./more";
import "./moved_most";
import type { Shared } from "./panel_parts";
import { permutationName } from "./questions";
import "./trust";
import type { Checked } from "./trust";
import * as trust from "./trust_panels";
import "./where";

@customElement("explain-overview")
export class Overview extends LitElement {
  static override styles = [
    base,
    controlStyles,
    smoothingStyles,
    css`
      :host { display: block; }
      .columns { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 16px 32px; margin-top: 12px; }
      .below { margin-top: 12px; padding-top: 12px; border-top: 1px solid var(--line); }
      .charts { display: flex; flex-direction: column; gap: 16px; }
      .card { margin-top: 12px; }
      .offers { flex-wrap: wrap; }
      .charts > p { min-height: 112px; }
      .head { height: 24px; }
      .head h2 { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .progress { flex: none; white-space: nowrap; }
      .head + .charts { margin-top: 4px; }
      explain-trust { margin-top: 4px; }
      @media (max-width: 959px) { .columns { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
      @media (max-width: 639px) { .columns { grid-template-columns: minmax(0, 1fr); } }
    `,
  ];

  private asks = asksOf(this);

  constructor() {
    super();
    new Watch(this, [
      "against",
      "shown",
      "focus",
      "method",
      "groups",
      "manifests",
      "alarms",
      "dark",
      "visible",
      "revision",
      "more",
      "smoothing",
    ]);
  }

  private shared = memo(
    (
      _revision: number,
      _shown: unknown,
      focus: string,
      dark: boolean,
      _alarms: State["alarms"],
      _manifests: State["manifests"],
      ...range: [first: number, last: number]
    ): Shared => {
      const [first] = alarmsOf(focus);
      return {
        focus,
        dark,
        range,
        alarms: alarmMarks(),
        alarmLabel: first ? alarmLabel(first, focusManifest(store.state)) : "",
      };
    },
  );
  private checked = memo(
    (
      drift: Checked["drift"],
      startDrift: Checked["startDrift"],
      deletion: Checked["deletion"],
      agreement: Checked["agreement"],
      trainingGap: Checked["trainingGap"],
      localFit: Checked["localFit"],
    ): Checked => ({ drift, startDrift, deletion, agreement, trainingGap, localFit }),
  );
  private loss = memo(learning.lossPanel);
  private score = memo(learning.scorePanel);
  private cost = memo(learning.overheadPanel);
  private shift = memo(drifts.shareShiftPanel);
  private local = memo(drifts.localDriftPanel);
  private effective = memo((...of: Parameters<typeof drifts.effectivePanel>) => withAxis(drifts.effectivePanel(...of)));
  private steps = memo(drifts.stepDriftPanel);
  private complete = memo(trust.completenessPanel);
  private fit = memo(trust.localFitPanel);
  private deletion = memo(trust.deletionPanel);
  private agree = memo(trust.agreementPanel);
  private watched = memo(trust.watchPanels);

  protected override render() {
    const { state } = store;
    const focus = focusRun(state);
    if (!focus) return nothing;
    const { scalars, drift, startDrift, deletion, agreement, trainingGap, localFit } = this.asks;
    const shared = this.shared(
      state.revision,
      state.shown,
      focus.run,
      state.dark,
      state.alarms,
      state.manifests,
      ...rangeOf(state, scalars.value),
    );
    return html`
      <explain-headline .drift=${drift.value} .scalars=${scalars.value} .agreement=${agreement.value}></explain-headline>
      <explain-trust .checked=${this.checked(drift.value, startDrift.value, deletion.value, agreement.value, trainingGap.value, localFit.value)}></explain-trust>
      ${this.notes(focus)}
      <div class="columns">
        <section><div class="row head"><h2>How well it learns</h2><span class="spread"></span>${progressOf(scalars, this.asks.overhead)}${smoothingSlider(state.smoothing)}</div>${this.learning(shared)}</section>
        <section><div class="row head"><h2 class="spread">How its reasons move</h2>${progressOf(drift)}${foldToggle("order")}</div>${this.reasons(shared)}</section>
        <section><div class="row head"><h2 class="spread">How far to trust this</h2>${progressOf(deletion, agreement)}${foldToggle("trust")}</div>${this.trust(focus, shared)}</section>
      </div>
      <div class="columns below">
        <explain-alarm-list></explain-alarm-list>
        <explain-moved-most></explain-moved-most>
        <explain-where></explain-where>
      </div>
    `;
  }

  private learning(shared: Shared) {
    const budget = focusManifest(store.state)?.budget ?? 0;
    return html`<div class="charts">
      ${charts(
        this.asks.scalars,
        [(value) => this.loss(value, shared), (value) => this.score(value, shared)],
        "Nothing yet: figures come at the end of each epoch.",
        "No score beside the loss: give compile() a metric, accuracy for example.",
      )}
      ${charts(this.asks.overhead, [(value) => this.cost(value, budget, shared)], "The overhead of explaining was not logged.")}
    </div>`;
  }

  /** Watched cells stand where effective features do without them: whoever names cells asks for them first. */
  private reasons(shared: Shared) {
    const since = sinceText(store.state);
    const features = featureCount(store.state);
    const { drift, watches } = this.asks;
    const watched = watches.value ? this.watched(watches.value, focusManifest(store.state)?.watches, shared) : [];
    return html`<div class="charts">
        ${charts(
          drift,
          [
            (value) => this.shift(value, since, shared),
            (value) => this.local(value, since, shared),
            ...(watched.length ? [] : [(value: Answers<Drift>) => this.effective(value, features, shared)]),
          ],
          notBy(shownMethod(store.state)),
        )}
        ${chartColumn(watched)}
      </div>
      <explain-more of="order" .shared=${shared} .drift=${drift.value} ?effective=${watched.length > 0}></explain-more>`;
  }

  /** Step to step stands where the deletion gap was not measured, the fit of local models where a method has some. */
  private trust(focus: RunEntry, shared: Shared) {
    const method = shownMethod(store.state) ?? "";
    const measured = hasDeletion();
    const { drift, startDrift, stepDrift, deletion, agreement, trainingGap, localFit } = this.asks;
    return html`<div class="charts">
      ${
        hasLocalFit()
          ? charts(localFit, [(value) => this.fit(value, shared)], "No local model has a fit that is finite.")
          : charts(drift, [(value) => this.complete(value, sumErrorOf(method), shared)], noSum(method))
      }
      ${
        measured
          ? charts(deletion, [(value) => this.deletion(value, shared)], "The deletion gap is not finite at any step.")
          : charts(stepDrift, [(value) => this.steps(value, shared)], notBy(method))
      }
      ${charts(
        agreement,
        [(value) => this.agree(value, shared)],
        `No permutation importance to hold this against${permutationName(focus) ? " on the same features" : ": add FeatureImportance"}.`,
      )}
    </div>
    <explain-more of="trust" .shared=${shared} .startDrift=${startDrift.value} .trainingGap=${trainingGap.value}
      .stepDrift=${measured ? stepDrift.value : undefined}></explain-more>`;
  }

  private notes(focus: RunEntry): TemplateResult | typeof nothing {
    const { state } = store;
    const shown = shownRuns(state);
    const others = shown.filter((run) => !comparable(run, focus));
    return html`${shown.map((run) => methodOffer(run) ?? nothing)}${others.map((run) =>
      note(
        `${run.label} explained other samples`,
        `Its probe is ${run.probe.slice(0, 8)}, that of ${focus.label} ${focus.probe.slice(0, 8)}. Its own drift is drawn; it is left out of every comparison between runs.`,
        "warn",
      ),
    )}`;
  }
}

const NO_ATTRIBUTION = "No attributions of single samples in these runs: add Explain or IntegratedGradients.";
/** What stands in place of the error of a sum. */
const noSum = (method: string): string =>
  sumErrorOf(method) === ""
    ? `Completeness error: not defined for ${methodTitle(method)}, whose values need not sum to anything.`
    : `${capital(sumErrorOf(method))} error: not defined for this method, or not finite at any step.`;
const notBy = (method: string | undefined): string =>
  method ? `No ${methodTitle(method)} attributions in these runs.` : NO_ATTRIBUTION;

declare global {
  interface HTMLElementTagNameMap {
    "explain-overview": Overview;
  }
}
