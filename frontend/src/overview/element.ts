/** `<explain-overview>`: what moved in a sentence, nine charts in three columns, and below them where to look. */

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { alarmKind, alarmSteps, alarmsOf } from "../alarms";
import { type Alarm, type Curve, type Drift, getDrift, getScalars, getSeries } from "../api";
import { methodOffer } from "../elements/method_offer";
import { note } from "../elements/states";
import { capital } from "../format";
import { load } from "../loading";
import { memo } from "../memo";
import { methodTitle, sumErrorOf } from "../methods";
import { againstFor, sinceText } from "../references";
import {
  attributionTag,
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
import { placesAt } from "../steps";
import { base } from "../styles";
import { findTag } from "../tags";
import "./alarm_list";
import { type Answers, askRuns } from "./answers";
import { charts, featureCount, rangeOf } from "./charts";
import "./headline";
import { agreementOf, permutationName } from "./questions";
import "./moved_most";
import * as panels from "./panels";
import "./where";

@customElement("explain-overview")
export class Overview extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; }
      .columns { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 16px 32px; margin-top: 12px; }
      .below { margin-top: 12px; padding-top: 12px; border-top: 1px solid var(--line); }
      .charts { display: flex; flex-direction: column; gap: 16px; }
      .card { margin-top: 12px; }
      .offers { flex-wrap: wrap; }
      .charts > p { min-height: 112px; }
      h2 + .charts { margin-top: 6px; }
      @media (max-width: 959px) { .columns { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
      @media (max-width: 639px) { .columns { grid-template-columns: minmax(0, 1fr); } }
    `,
  ];

  /** All runs that are drawn; asked again when they, the method or the data change. */
  private key<const K extends readonly unknown[]>(...more: K) {
    const { state } = store;
    const runs = shownRuns(state);
    if (!runs.length) return null;
    return [runs.map(({ run }) => run).join("\n"), state.method, state.revision, ...more] as const;
  }

  private scalars = load(
    this,
    () => this.key(),
    (_, signal) => askRuns(shownRuns(store.state), signal, (run) => getScalars(run.group, signal)),
  );
  private overhead = load(
    this,
    () => this.key(),
    (_, signal) =>
      askRuns(shownRuns(store.state), signal, (run) => {
        const tag = findTag(run, "clock", "overhead");
        return tag === undefined ? undefined : getSeries(run.run, tag, signal);
      }),
  );
  private drift = load(
    this,
    () => this.key(store.state.against),
    (_, signal) => askDrift(signal, (run) => againstFor(store.state, run)),
  );
  private stepDrift = load(
    this,
    () => this.key(),
    (_, signal) => askDrift(signal, () => "previous"),
  );
  private agreement = load(
    this,
    () => (focusManifest(store.state) ? this.key(Object.keys(store.state.manifests).length) : null),
    (_, signal) => askRuns(shownRuns(store.state), signal, (run) => agreementOf(store.state, run, signal)),
  );

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
    ]);
  }

  private shared = memo(
    (
      _revision: number,
      _shown: unknown,
      focus: string,
      dark: boolean,
      alarms: State["alarms"],
      scalars?: Answers<readonly Curve[]>,
    ): panels.Shared => ({
      focus,
      dark,
      range: rangeOf(store.state, scalars),
      alarms: placesAt(focusRun(store.state), alarmSteps()),
      alarmLabel: alarms?.length ? alarmText(alarmsOf(focus)[0]) : "",
    }),
  );
  private loss = memo(panels.lossPanel);
  private score = memo(panels.scorePanel);
  private cost = memo(panels.overheadPanel);
  private shift = memo(panels.shareShiftPanel);
  private local = memo(panels.localDriftPanel);
  private effective = memo(panels.effectivePanel);
  private complete = memo(panels.completenessPanel);
  private steps = memo(panels.stepDriftPanel);
  private agree = memo(panels.agreementPanel);

  protected override render() {
    const { state } = store;
    const focus = focusRun(state);
    if (!focus) return nothing;
    const shared = this.shared(state.revision, state.shown, focus.run, state.dark, state.alarms, this.scalars.value);
    const since = sinceText(state);
    const method = shownMethod(state) ?? "";
    const none = method ? notBy(method) : NO_ATTRIBUTION;
    const budget = focusManifest(state)?.budget ?? 0;
    const features = featureCount(state);
    return html`
      <explain-headline .drift=${this.drift.value} .scalars=${this.scalars.value}></explain-headline>
      ${this.notes(focus)}
      <div class="columns">
        <section>
          <h2>How well it learns</h2>
          <div class="charts">
            ${charts(
              this.scalars,
              [(value) => this.loss(value, shared), (value) => this.score(value, shared)],
              "Nothing yet: figures come at the end of each epoch.",
              "No score beside the loss: give compile() a metric, accuracy for example.",
            )}
            ${charts(this.overhead, [(value) => this.cost(value, budget, shared)], "The overhead of explaining was not logged.")}
          </div>
        </section>
        <section>
          <h2>How its reasons move</h2>
          <div class="charts">
            ${charts(
              this.drift,
              [
                (value) => this.shift(value, since, shared),
                (value) => this.local(value, since, shared),
                (value) => this.effective(value, features, shared),
              ],
              none,
            )}
          </div>
        </section>
        <section>
          <h2>How far to trust this</h2>
          <div class="charts">
            ${charts(this.drift, [(value) => this.complete(value, sumErrorOf(method), shared)], noSum(method))}
            ${charts(this.stepDrift, [(value) => this.steps(value, shared)], none)}
            ${charts(
              this.agreement,
              [(value) => this.agree(value, shared)],
              `No permutation importance to hold this against${permutationName(focus) ? " on the same features" : ": add FeatureImportance"}.`,
            )}
          </div>
        </section>
      </div>
      <div class="columns below">
        <explain-alarm-list></explain-alarm-list>
        <explain-moved-most></explain-moved-most>
        <explain-where></explain-where>
      </div>
    `;
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

/** "conv_1: dead", "loss: not finite" */
const alarmText = (alarm: Alarm | undefined): string =>
  alarm ? `${methodTitle(alarm.subject)}: ${alarmKind(alarm).replace(" layer", "")}` : "";

const NO_ATTRIBUTION = "No attributions of single samples in these runs: add Explain or IntegratedGradients.";
/** What stands in place of the error of a sum. */
const noSum = (method: string): string =>
  sumErrorOf(method) === ""
    ? `Completeness error: not defined for ${methodTitle(method)}, whose values need not sum to anything.`
    : `${capital(sumErrorOf(method))} error: not defined for this method, or not finite at any step.`;
const notBy = (method: string): string => `No ${methodTitle(method)} attributions in these runs.`;

function askDrift(signal: AbortSignal, against: (run: RunEntry) => string): Promise<Answers<Drift>> {
  return askRuns(shownRuns(store.state), signal, (run) => {
    const tag = attributionTag(store.state, run);
    return tag === undefined ? undefined : getDrift(run.run, tag, against(run), signal);
  });
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-overview": Overview;
  }
}
