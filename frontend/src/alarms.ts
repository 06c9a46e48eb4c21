/** Alarms of the runs that are drawn: read in one place, marked in many. */

import { alarmSign } from "./alarm_kinds";
import { type Alarm, getAlarms } from "./api";
import type { AlarmMark } from "./charts/curves";
import { focusRun, shownRuns, store } from "./state";
import { placeOf } from "./steps";

/** Ask for the alarms of every group that is drawn. One that cannot be read hides no other's. */
export async function readAlarms(): Promise<void> {
  const groups = [...new Set(shownRuns(store.state).map(({ group }) => group))];
  const answers = await Promise.allSettled(groups.map((group) => getAlarms(group)));
  const alarms = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  const failed = answers.find((answer) => answer.status === "rejected");
  store.set({ alarms: alarms.sort((a, b) => a.step - b.step), alarmsFailure: failed ? failed.reason : null });
}

export const alarmsOf = (run: string): Alarm[] => (store.state.alarms ?? []).filter((alarm) => alarm.run === run);

/** Steps of the focus run's alarms, ascending. */
export function alarmSteps(): number[] {
  const focus = focusRun(store.state);
  return focus ? [...new Set(alarmsOf(focus.run).map(({ step }) => step))] : [];
}

/** The focus run's alarms as charts mark them: one sign a family and step. */
export function alarmMarks(): AlarmMark[] {
  const focus = focusRun(store.state);
  if (!focus) return [];
  const marks = alarmsOf(focus.run).map((alarm) => ({ place: placeOf(focus, alarm.step), sign: alarmSign(alarm) }));
  return [...new Map(marks.map((mark) => [`${mark.place} ${mark.sign}`, mark])).values()];
}
