/**
 * `<explain-distance-over-time>`: how far A lies from B at every epoch, beside two seeds, and how well both learn.
 *
 * @property siblings  names of runs that differ by their seed alone, B among them; none where B is of the same run
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { alarmMarks } from "../alarms";
import { type Curve, type Drift, getDrift, getScalars } from "../api";
import "../elements/curve_panel";
import type { Panel } from "../elements/curve_panel";
import "../elements/figure_title";
import { problem, skeleton } from "../elements/states";
import { load } from "../loading";
import { memo } from "../memo";
import type { Answers } from "../overview/answers";
import { localDriftPanel, shareShiftPanel } from "../overview/drift_panels";
import { lossPanel, scorePanel } from "../overview/learning_panels";
import type { Shared } from "../overview/panel_parts";
import { againstFor, referenceRun, sinceText } from "../references";
import { attributionTag, explained, focusRun, type RunEntry, runsOf, store, Watch } from "../state";
import { placesAt } from "../steps";
import { base } from "../styles";
import { paletteOf } from "../theme";
import { TIME_HELP } from "./help_texts";
import { seedPair } from "./seeds";

/** Two runs that differ by their seed alone, one against the other. */
export interface SeedDrift {
  run: RunEntry;
  drift: Drift;
}

const sharedBy = (run: RunEntry, places: readonly number[], dark: boolean, alarms: Shared["alarms"]): Shared => {
  const known = places.filter(Number.isFinite);
  return { focus: run.run, dark, range: [known[0] ?? 0, known.at(-1) ?? 1], alarms, alarmLabel: "" };
};

/** The two charts of one answer, the first with what two seeds lie apart by. */
export function distancePanels(
  run: RunEntry,
  drift: Drift,
  since: string,
  dark: boolean,
  alarms: Shared["alarms"] = [],
  seeds?: SeedDrift,
): Panel[] {
  const shared = sharedBy(run, placesAt(run, drift.steps), dark, alarms);
  const answers = [{ run, value: drift }];
  const shift = shareShiftPanel(answers, since, shared);
  const two = seeds && {
    run: seeds.run.run,
    label: "two seeds",
    name: "two seeds",
    colour: paletteOf(dark).ink2,
    focus: false,
    dashed: true,
    epochs: placesAt(seeds.run, seeds.drift.steps),
    values: seeds.drift.shareShift.value,
  };
  return [
    { ...shift, lines: two ? [...shift.lines, two] : shift.lines },
    { ...localDriftPanel(answers, since, shared), axis: true },
  ];
}

/** How well both learn: the loss, and a score where there is one; validation lines by their sides' names. */
export function learningPanels(
  curves: Answers<readonly Curve[]>,
  focus: RunEntry,
  places: readonly number[],
  dark: boolean,
  alarms: Shared["alarms"] = [],
): Panel[] {
  const shared = sharedBy(focus, places, dark, alarms);
  const panels = [lossPanel(curves, shared), scorePanel(curves, shared)].flatMap((panel) => panel ?? []);
  return panels.map((panel, i) => ({
    ...panel,
    axis: i === panels.length - 1,
    lines:
      curves.length < 2
        ? panel.lines
        : panel.lines.map((line) => (line.dotted ? line : { ...line, name: line.focus ? "A" : "B" })),
  }));
}

@customElement("explain-distance-over-time")
export class DistanceOverTime extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: contents; }
      .row { min-height: 20px; }
      section { min-width: 0; }
      explain-curve-panel { margin-top: 8px; }
    `,
  ];

  @property({ attribute: false }) siblings: readonly string[] = [];

  private drift = load(
    this,
    () => {
      const of = explained(store.state);
      return of && ([of.run, of.tag, againstFor(store.state, of.run), store.state.revision] as const);
    },
    async ([run, tag, against], signal) => ({ run, drift: await getDrift(run.run, tag, against, signal) }),
  );

  private seeds = load(
    this,
    () => {
      const pair = seedPair(this.siblings, referenceRun(store.state)?.run);
      return pair && ([...pair, store.state.method, store.state.revision] as const);
    },
    async ([one, other], signal): Promise<SeedDrift | undefined> => {
      const run = runsOf(store.state).find((entry) => entry.run === one);
      const tag = run && attributionTag(store.state, run);
      return run && tag ? { run, drift: await getDrift(run.run, tag, `run:${other}`, signal) } : undefined;
    },
  );

  private curves = load(
    this,
    () => {
      const [run, other] = [focusRun(store.state), referenceRun(store.state)];
      return run ? ([run, other?.run === run.run ? undefined : other, store.state.revision] as const) : null;
    },
    async ([run, other], signal): Promise<Answers<readonly Curve[]>> =>
      Promise.all(
        [run, ...(other ? [other] : [])].map(async (of) => ({ run: of, value: await getScalars(of.group, signal) })),
      ),
  );

  constructor() {
    super();
    new Watch(this, ["focus", "method", "against", "groups", "alarms", "dark", "visible", "revision"]);
  }

  private alarms = memo((_: unknown) => alarmMarks());
  private panels = memo(distancePanels);
  private learning = memo(learningPanels);
  private places = memo((run: RunEntry, steps: readonly number[]) => placesAt(run, steps));

  protected override render() {
    if (this.drift.error) return html`<section>${problem(this.drift.error, () => void this.drift.run())}</section>`;
    const { value } = this.drift;
    if (!value) return html`<section>${skeleton(220)}</section><section>${skeleton(220)}</section>`;
    const { state } = store;
    const seeds = this.siblings.length ? this.seeds.value : undefined;
    const alarms = this.alarms(state.alarms);
    const distance = this.panels(value.run, value.drift, sinceText(state), state.dark, alarms, seeds);
    const curves = this.curves.value;
    const learning = curves
      ? this.learning(curves, value.run, this.places(value.run, value.drift.steps), state.dark, alarms)
      : [];
    const charts = (panels: readonly Panel[]) =>
      panels.map((panel) => html`<explain-curve-panel .panel=${panel}></explain-curve-panel>`);
    return html`
      <section>
        <div class="row"><explain-figure-title heading="Distance of A from B" .help=${TIME_HELP}></explain-figure-title></div>
        ${charts(distance)}
      </section>
      <section>
        <div class="row"><h2>How well they learn</h2></div>
        ${this.curves.error ? problem(this.curves.error, () => void this.curves.run()) : charts(learning)}
        ${curves && learning.every(({ lines }) => lines.length === 0) ? html`<p class="quiet">No loss or score was logged: add Keras’ TensorBoard callback beside Explain.</p>` : nothing}
      </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-distance-over-time": DistanceOverTime;
  }
}
