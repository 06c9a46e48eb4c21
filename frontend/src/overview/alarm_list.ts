/** `<explain-alarm-list>`: all alarms of the runs that are drawn, by epoch; each takes the cursor to its epoch. */

import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { alarmFamily, alarmKind, alarmSign, alarmText, alarmView } from "../alarm_kinds";
import { readAlarms } from "../alarms";
import type { Alarm } from "../api";
import { SIGN_TEXT, signColour } from "../charts/signs";
import { icon } from "../elements/icons";
import { problem, skeleton } from "../elements/states";
import { capital, words } from "../format";
import { cursorSteps, focusRun, nearest, type RunEntry, setFocus, shownRuns, store, Watch } from "../state";
import { batchText, stepName } from "../steps";
import { base } from "../styles";
import { runColour } from "../theme";

@customElement("explain-alarm-list")
export class AlarmList extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; min-width: 0; }
      ol { max-height: 248px; margin-top: 8px; overflow-y: auto; }
      .go {
        display: grid; grid-template-columns: 12px 64px minmax(0, 1fr) 24px; gap: 0 12px; align-items: center; width: 100%;
        min-height: 48px; padding: 6px 8px; border: 0; border-top: 1px solid var(--line); background: none; text-align: left; cursor: pointer;
      }
      .go:hover, .go.here { background: var(--focus-bg); }
      .go:focus-visible { outline-offset: -2px; }
      .sign { color: var(--alarm); text-align: center; }
      .sign.warn { color: var(--warn); }
      .when { font-weight: 600; }
      .what { overflow-wrap: anywhere; }
      .what p { display: flex; gap: 6px; align-items: center; }
      .none { margin-top: 12px; }
      kbd svg { width: 12px; height: 12px; vertical-align: -2px; }
    `,
  ];

  constructor() {
    super();
    new Watch(this, ["alarms", "alarmsFailure", "epoch", "shown", "focus", "groups", "manifests", "dark"]);
  }

  protected override render() {
    const { state } = store;
    const runs = new Map(shownRuns(state).map((run) => [run.run, run]));
    const found = (state.alarms ?? []).flatMap((alarm) => {
      const run = runs.get(alarm.run);
      return run ? [{ alarm, run }] : [];
    });
    return html`
      <div class="row"><h2>Alarms</h2><span class="faint clip beside">${found.length ? `${found.length} in ${runs.size === 1 ? "this run" : `${runs.size} runs`}` : ""}</span></div>
      ${state.alarmsFailure ? problem(state.alarmsFailure, () => void readAlarms()) : nothing}
      ${
        found.length
          ? html`<ol>${found.map(({ alarm, run }) => this.item(alarm, run))}</ol>`
          : state.alarmsFailure
            ? nothing
            : state.alarms === null
              ? skeleton(48)
              : html`<p class="faint none">None: no share of the attribution jumped, no layer died or saturated, and all figures are finite.</p>`
      }
    `;
  }

  private item(alarm: Alarm, run: RunEntry) {
    const { epoch } = store.state;
    const { view } = alarmView(store.state, run, alarm);
    const text = capital(alarmText(alarm, store.state.manifests[run.run]));
    return html`<li>
      <button class="go ${alarm.step === epoch ? "here" : ""}" @click=${() => go(alarm, run)}>
        <span class="sign ${signColour(alarmSign(alarm))}" title=${alarmFamily(alarm)?.title ?? ""} aria-hidden="true">${SIGN_TEXT[alarmSign(alarm)]}</span>
        <span class="when">${capital(stepName(run, alarm.step))}</span>
        <span class="what">
          ${text}
          <p class="caption"><span class="dot" style=${styleMap({ background: runColour(run.index) })}></span>${[run.label, batchText(run, alarm.step), alarmKind(alarm), view && `in ${words(view)}`].filter(Boolean).join(" · ")}</p>
        </span>
        <kbd aria-hidden="true">${icon("enter")}</kbd>
      </button>
    </li>`;
  }
}

/** To the alarm, in the view that shows it: its run becomes the one that details are of. */
function go(alarm: Alarm, run: RunEntry): void {
  if (focusRun(store.state)?.run !== alarm.run) setFocus(alarm.run);
  const epoch = nearest(cursorSteps(store.state), alarm.step) ?? store.state.epoch;
  store.set({ epoch, playing: false, ...alarmView(store.state, run, alarm) }, { push: true });
}
