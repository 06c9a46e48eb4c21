/** `<explain-alarm-list>`: all alarms of the runs that are drawn, by epoch; each takes the cursor to its epoch. What has settled is hollow. */

import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { alarmFamily, alarmKind, alarmSign, alarmText, alarmView } from "../alarm_kinds";
import { readAlarms } from "../alarms";
import type { Alarm } from "../api";
import { HOLLOW_TEXT, SIGN_TEXT, type Sign, signColour } from "../charts/signs";
import { type Table, tableOf } from "../downloads";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import { icon } from "../elements/icons";
import { problem, skeleton } from "../elements/states";
import { capital, words } from "../format";
import { load } from "../loading";
import { memo } from "../memo";
import { cursorSteps, focusRun, nearest, type RunEntry, type State, setFocus, shownRuns, store, Watch } from "../state";
import { batchText, placeOf, stepName } from "../steps";
import { base } from "../styles";
import { runColour } from "../theme";
import { FIGURES } from "./figure_help";
import { settledOf } from "./settled";

@customElement("explain-alarm-list")
export class AlarmList extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; min-width: 0; container-type: inline-size; }
      ol { max-height: 248px; margin-top: 8px; overflow-y: auto; }
      .go {
        display: grid; grid-template-columns: 12px 64px minmax(0, 1fr) 24px; gap: 0 12px; align-items: center; width: 100%;
        min-height: 48px; padding: 6px 8px; border: 0; border-top: 1px solid var(--line); background: none; text-align: left; cursor: pointer;
      }
      .go:hover, .go.here { background: var(--focus-bg); }
      .go:focus-visible { outline-offset: -2px; }
      .sign { color: var(--alarm); text-align: center; }
      .sign.warn { color: var(--warn); }
      .sign.settled { color: var(--ink2); }
      .when { font-weight: 600; }
      .what { overflow-wrap: anywhere; }
      .what p { display: flex; gap: 6px; align-items: baseline; }
      @container (max-width: 320px) {
        .go { grid-template-columns: 12px minmax(0, 1fr) 24px; }
        .sign, kbd { grid-row: span 2; }
        .what { grid-column: 2; grid-row: 2; }
      }
      .none { margin-top: 12px; }
      kbd svg { width: 12px; height: 12px; vertical-align: -2px; }
    `,
  ];

  private settled = load(
    this,
    () => {
      const { alarms, shown, focus, revision } = store.state;
      return alarms?.length ? ([alarms, shown, focus, revision] as const) : null;
    },
    (_, signal) => settledOf(this.found(), store.state, signal),
  );
  private rows = memo((alarms: readonly Found[], _manifests: unknown) =>
    alarms.map(({ alarm, run }) => rowOf(alarm, run, store.state)),
  );
  private found = () =>
    this.ofShown(
      store.state.alarms,
      shownRuns(store.state)
        .map(({ run }) => run)
        .join("\n"),
      store.state.groups,
    );
  private ofShown = memo((alarms: State["alarms"], _shown: string, _groups: unknown): readonly Found[] => {
    const runs = new Map(shownRuns(store.state).map((run) => [run.run, run]));
    return (alarms ?? []).flatMap((alarm) => {
      const run = runs.get(alarm.run);
      return run ? [{ alarm, run }] : [];
    });
  });

  constructor() {
    super();
    new Watch(this, ["alarms", "alarmsFailure", "epoch", "shown", "focus", "groups", "manifests", "dark", "visible"]);
  }

  protected override render() {
    const { state } = store;
    const found = this.found();
    const settled = this.settled.value ?? NONE;
    const rows = this.rows(found, state.manifests);
    return html`
      <div class="row">
        <explain-figure-title heading="Alarms" .help=${FIGURES.alarms}></explain-figure-title>
        ${found.length ? figureMenu("Alarms", () => alarmTable(found, settled)) : nothing}
        <span class="faint clip beside">${found.length ? this.count(found, settled) : ""}</span>
      </div>
      ${state.alarmsFailure ? problem(state.alarmsFailure, () => void readAlarms()) : nothing}
      ${
        found.length
          ? html`<ol>${rows.map((row) => this.item(row, settled.has(row.alarm)))}</ol>`
          : state.alarmsFailure
            ? nothing
            : state.alarms === null
              ? skeleton(48)
              : html`<p class="faint none">None: no share of the attribution jumped, no layer died or saturated, and all figures are finite.</p>`
      }
    `;
  }

  private count(found: readonly Found[], settled: ReadonlySet<Alarm>): string {
    const over = found.filter(({ alarm }) => settled.has(alarm)).length;
    const open = found.length - over;
    return [open && `${open} open`, over && `${over} settled`].filter(Boolean).join(", ");
  }

  private item({ alarm, run, sign, family, when, text, about }: Row, isSettled: boolean) {
    return html`<li>
      <button class="go ${alarm.step === store.state.epoch ? "here" : ""}" @click=${() => go(alarm, run)}>
        <span class="sign ${isSettled ? "settled" : signColour(sign)}" title=${isSettled ? `${family}: settled` : family} aria-hidden="true">${(isSettled ? HOLLOW_TEXT : SIGN_TEXT)[sign]}</span>
        <span class="when">${when}</span>
        <span class="what">
          ${text}
          <p class="caption"><span class="dot" style=${styleMap({ background: runColour(run.index) })}></span>${isSettled ? `${about} · settled` : about}</p>
        </span>
        <kbd aria-hidden="true">${icon("enter")}</kbd>
      </button>
    </li>`;
  }
}

interface Found {
  alarm: Alarm;
  run: RunEntry;
}

interface Row extends Found {
  sign: Sign;
  family: string;
  when: string;
  text: string;
  about: string;
}

const NONE: ReadonlySet<Alarm> = new Set();

/** What the list says of an alarm: found once, not at every move of the cursor. */
function rowOf(alarm: Alarm, run: RunEntry, state: State): Row {
  const { view } = alarmView(state, run, alarm);
  const about = [run.label, batchText(run, alarm.step), alarmKind(alarm), view && `in ${words(view)}`];
  return {
    alarm,
    run,
    sign: alarmSign(alarm),
    family: alarmFamily(alarm)?.title ?? "",
    when: capital(stepName(run, alarm.step)),
    text: capital(alarmText(alarm, state.manifests[run.run])),
    about: about.filter(Boolean).join(" · "),
  };
}

const alarmTable = (alarms: readonly Found[], settled: ReadonlySet<Alarm>): Table =>
  tableOf(alarms, {
    run: ({ run }) => run.run,
    epoch: ({ alarm, run }) => placeOf(run, alarm.step),
    kind: ({ alarm }) => alarm.kind,
    subject: ({ alarm }) => alarm.subject,
    text: ({ alarm }) => alarm.text,
    settled: ({ alarm }) => (settled.has(alarm) ? "yes" : "no"),
  });

/** To the alarm, in the view that shows it: its run becomes the one that details are of. */
function go(alarm: Alarm, run: RunEntry): void {
  if (focusRun(store.state)?.run !== alarm.run) setFocus(alarm.run);
  const epoch = nearest(cursorSteps(store.state), alarm.step) ?? store.state.epoch;
  store.set({ epoch, playing: false, ...alarmView(store.state, run, alarm) }, { push: true });
}
