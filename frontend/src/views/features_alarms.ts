/** Alarms about features, above the picture of features by epoch. */

import { css, html } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import { alarmFamily, alarmSign, alarmText, alarmView, FAMILIES } from "../alarm_kinds";
import { alarmsOf } from "../alarms";
import type { Alarm } from "../api";
import { type EpochRange, epochToX } from "../charts/epoch_axis";
import { SIGN_TEXT } from "../charts/signs";
import { capital } from "../format";
import { focusManifest, focusRun, setEpoch, store } from "../state";
import { placeOf, stepName } from "../steps";

export const alarmSignStyles = css`
  .signs { position: relative; height: 10px; margin-top: 2px; }
  .signs button { position: absolute; top: 0; width: 12px; height: 10px; margin-left: -6px; padding: 0; border: 0; background: none; color: var(--alarm); font-size: 10px; line-height: 10px; text-align: center; cursor: pointer; }
`;

/** The focus run's, by their steps. */
export function featureAlarms(): Map<number, Alarm[]> {
  const run = focusRun(store.state);
  const found = new Map<number, Alarm[]>();
  for (const alarm of run ? alarmsOf(run.run) : []) {
    const family = alarmFamily(alarm);
    if (family !== FAMILIES.shares && family !== FAMILIES.watched) continue;
    found.set(alarm.step, [...(found.get(alarm.step) ?? []), alarm]);
  }
  return found;
}

/** Pressed, one leads to its epoch and feature; `[` and `]` do by keyboard. */
export function alarmSigns(range: EpochRange, alarms: ReadonlyMap<number, readonly Alarm[]>) {
  const [run, manifest] = [focusRun(store.state), focusManifest(store.state)];
  return html`<div class="signs">${[...alarms].map(([step, told]) => {
    const said = told.map((alarm) => `${capital(stepName(run, step))}: ${alarmText(alarm, manifest)}`).join("\n");
    const open = () => {
      if (run) store.set(alarmView(store.state, run, told[0]), { push: true });
      setEpoch(step, { push: true });
    };
    return html`<button tabindex="-1" title=${said} aria-label=${said} @click=${open}
      style=${styleMap({ left: `${epochToX(placeOf(run, step), range, 100)}%` })}>${SIGN_TEXT[alarmSign(told[0])]}</button>`;
  })}</div>`;
}
