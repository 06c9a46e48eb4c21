/** `<explain-overview>`: what moved in a sentence, nine charts in three columns, and below them where to look. */
import type { Task } from "@lit/task";
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { alarmSteps, alarmsOf } from "../alarms";
import { type Curve, type Drift, getDrift, getScalars, getSeries } from "../api";
import "../elements/curve_panel";
import type { Panel } from "../elements/curve_panel";
import { note, problem, skeleton } from "../elements/states";
import { load } from "../loading";
import { memo } from "../memo";
import {
  attributionTag,
  comparable,
  cursorSteps,
  focusManifest,
  focusRun,
  type RunEntry,
  type State,
  shownRuns,
  stepName,
  stepsOfRun,
  store,
  Watch,
} from "../state";
import { base } from "../styles";
import { findTag } from "../tags";
import "./alarm_list";
import { type Answers, askRuns, failureOf } from "./answers";
import "./headline";
import { againstFor, agreementOf, permutationName, sinceText } from "./questions";
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
    () => this.key(Object.keys(store.state.manifests).length),
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
      alarms: alarmSteps(),
      alarmLabel: alarms.length ? (alarmsOf(focus)[0]?.subject ?? "") : "",
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
    const budget = focusManifest(state)?.budget ?? 0;
    const features = featureCount(state);
    return html`
      <explain-headline .drift=${this.drift.value} .scalars=${this.scalars.value}></explain-headline>
      ${this.notes(focus)}
      <div class="columns">
        <section>
          <h2>How well it learns</h2>
          <div class="charts">
            ${chart(this.scalars, (value) => this.loss(value, shared))}
            ${chart(this.scalars, (value) => this.score(value, shared), "No score beside the loss: give compile() a metric, say accuracy.")}
            ${chart(this.overhead, (value) => this.cost(value, budget, shared), "The overhead of explaining was not logged.")}
          </div>
        </section>
        <section>
          <h2>How its reasons move</h2>
          <div class="charts">
            ${chart(this.drift, (value) => this.shift(value, since, shared), NO_ATTRIBUTION)}
            ${chart(this.drift, (value) => this.local(value, since, shared), NO_ATTRIBUTION)}
            ${chart(this.drift, (value) => this.effective(value, features, shared), NO_ATTRIBUTION)}
          </div>
        </section>
        <section>
          <h2>How far to trust this</h2>
          <div class="charts">
            ${chart(this.drift, (value) => this.complete(value, shared), NO_ATTRIBUTION)}
            ${chart(this.stepDrift, (value) => this.steps(value, shared), NO_ATTRIBUTION)}
            ${chart(this.agreement, (value) => this.agree(value, shared), `No permutation importance to hold this against${permutationName(focus) ? " on the same features" : ": add FeatureImportance"}.`)}
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
    const others = shownRuns(state).filter((run) => !comparable(run, focus));
    const steps = cursorSteps(state);
    return html`
      ${others.map((run) =>
        note(
          `${run.label} explained other samples`,
          `Its probe is ${run.probe.slice(0, 8)}, that of ${focus.label} ${focus.probe.slice(0, 8)}. Its own drift is drawn; it is left out of every comparison between runs.`,
          "warn",
        ),
      )}
      ${steps.length === 1 ? note("One explanation so far", `Only ${stepName(steps[0], steps)} has been explained; drift needs a second step.`, "note") : nothing}
    `;
  }
}

const NO_ATTRIBUTION = "No attributions of single samples in these runs: add Explain or IntegratedGradients.";

function askDrift(signal: AbortSignal, against: (run: RunEntry) => string): Promise<Answers<Drift>> {
  return askRuns(shownRuns(store.state), signal, (run) => {
    const tag = attributionTag(store.state, run);
    return tag === undefined ? undefined : getDrift(run.run, tag, against(run), signal);
  });
}

/** A chart, or what stands in its place. */
function chart<T>(
  task: Task<readonly unknown[] & [...unknown[]], Answers<T>>,
  make: (value: Answers<T>) => Panel | undefined,
  none = "",
): TemplateResult {
  const again = (): void => void task.run();
  const failure = task.error ?? (task.value && failureOf(task.value));
  if (failure) return problem(failure, again);
  if (!task.value) return skeleton(110);
  const panel = make(task.value);
  if (!panel?.lines.length) return note(panel?.title ?? "Score", none || "Nothing was logged for this chart.");
  return html`<explain-curve-panel .panel=${panel}></explain-curve-panel>`;
}

/** From the first to the last step of all that is drawn. */
function rangeOf(state: State, scalars: Answers<readonly Curve[]> = []): [number, number] {
  const explained = shownRuns(state).flatMap((run) => {
    const steps = stepsOfRun(state, run);
    return steps.length ? [steps[0], steps[steps.length - 1]] : [];
  });
  const learned = scalars.flatMap(({ value = [] }) =>
    value.flatMap(({ steps }) => (steps.length ? [steps[0], steps[steps.length - 1]] : [])),
  );
  const all = [...explained, ...learned];
  return all.length ? [Math.min(...all), Math.max(...all)] : [0, 1];
}

/** "of 256 cells", "of 30 features": how many values a sample's attribution has. */
function featureCount(state: State): string {
  const inputs = focusManifest(state)?.inputs ?? [];
  if (!inputs.length) return "";
  const count = inputs.reduce((sum, { cells }) => sum + cells.reduce((a, b) => a * b, 1), 0);
  const nouns = { image: "cells", tabular: "features", text: "tokens", sequence: "time steps" };
  const [kind, another] = new Set(inputs.map((input) => input.kind));
  return `of ${count} ${another ? "values" : nouns[kind]}`;
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-overview": Overview;
  }
}
