/** Alarms of the runs that are drawn: read in one place, marked in many. */
import { type Alarm, getAlarms } from "./api";
import { focusRun, shownRuns, store } from "./state";

/** Ask for the alarms of every group that is drawn. One that cannot be read hides no other's. */
export async function readAlarms(): Promise<void> {
  const groups = [...new Set(shownRuns(store.state).map(({ group }) => group))];
  const answers = await Promise.allSettled(groups.map((group) => getAlarms(group)));
  const alarms = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  const failed = answers.find((answer) => answer.status === "rejected");
  store.set({ alarms: alarms.sort((a, b) => a.step - b.step), alarmsFailure: failed ? failed.reason : null });
}

/** "dead layer", "not finite" */
export const alarmKind = ({ kind }: Alarm): string => kind.replaceAll("_", " ").replace("non finite", "not finite");

export const alarmsOf = (run: string): Alarm[] => (store.state.alarms ?? []).filter((alarm) => alarm.run === run);

/** Steps of the focus run's alarms, ascending. */
export function alarmSteps(): number[] {
  const focus = focusRun(store.state);
  return focus ? [...new Set(alarmsOf(focus.run).map(({ step }) => step))] : [];
}
