/** All that the Overview's charts ask of the runs that are drawn. */

import type { ReactiveControllerHost } from "lit";
import { type Against, type Drift, getDrift, getScalars, getSeries, type Series } from "../api";
import { load } from "../loading";
import { againstFor } from "../references";
import { attributionTag, focusManifest, focusRun, methodOf, type RunEntry, shownRuns, store } from "../state";
import { findTag, tagsOf } from "../tags";
import { type Answers, askRuns } from "./answers";
import { agreementOf } from "./questions";
import type { Figures } from "./trust_panels";

/** Asked again when the runs, the method or the data change. */
function key<const K extends readonly unknown[]>(...more: K) {
  const { state } = store;
  const runs = shownRuns(state);
  if (!runs.length) return null;
  return [runs.map(({ run }) => run).join("\n"), state.method, state.revision, ...more] as const;
}

function askDrift(signal: AbortSignal, against: (run: RunEntry) => Against): Promise<Answers<Drift>> {
  return askRuns(shownRuns(store.state), signal, (run) => {
    const tag = attributionTag(store.state, run);
    return tag === undefined ? undefined : getDrift(run.run, tag, against(run), signal);
  });
}

const askSeries = (signal: AbortSignal, find: (run: RunEntry) => string | undefined): Promise<Answers<Series>> =>
  askRuns(shownRuns(store.state), signal, (run) => {
    const tag = find(run);
    return tag === undefined ? undefined : getSeries(run.run, tag, signal);
  });

/** A check of the shown method's explanations. */
const trustTag = (run: RunEntry, check: string): string | undefined =>
  findTag(run, "trust", check, methodOf(store.state, run) ?? "");

/** Names of the focus run's watched cells. */
export function watchNames(): string[] {
  const run = focusRun(store.state);
  return run ? tagsOf(run, "watch").map(([, name]) => name) : [];
}

/** As it was logged; where it was not, from both importances. */
function askAgreement(run: RunEntry, signal: AbortSignal): Promise<Figures> | undefined {
  const tag = trustTag(run, "agreement");
  if (tag === undefined) return agreementOf(store.state, run, signal);
  return getSeries(run.run, tag, signal).then(({ steps, at }) => ({ steps, values: steps.map((_, i) => at(i)[0]) }));
}

export const asksOf = (host: ReactiveControllerHost) => ({
  scalars: load(
    host,
    () => key(),
    (_, signal) => askRuns(shownRuns(store.state), signal, (run) => getScalars(run.group, signal)),
  ),
  overhead: load(
    host,
    () => key(),
    (_, signal) => askSeries(signal, (run) => findTag(run, "clock", "overhead")),
  ),
  drift: load(
    host,
    () => key(store.state.against),
    (_, signal) => askDrift(signal, (run) => againstFor(store.state, run)),
  ),
  stepDrift: load(
    host,
    () => key(),
    (_, signal) => askDrift(signal, () => "previous"),
  ),
  startDrift: load(
    host,
    () => key(),
    (_, signal) => askDrift(signal, () => "start"),
  ),
  agreement: load(
    host,
    () => (focusManifest(store.state) ? key(Object.keys(store.state.manifests).length) : null),
    (_, signal) => askRuns(shownRuns(store.state), signal, (run) => askAgreement(run, signal)),
  ),
  deletion: load(
    host,
    () => key(),
    (_, signal) => askSeries(signal, (run) => trustTag(run, "deletion_gap")),
  ),
  trainingGap: load(
    host,
    () => key(),
    (_, signal) => askSeries(signal, (run) => trustTag(run, "training_gap")),
  ),
  watches: load(
    host,
    () => key(store.state.focus),
    (_, signal) =>
      Promise.all(
        watchNames().map(async (name) => ({
          name,
          share: await askSeries(signal, (run) => findTag(run, "watch", name)),
        })),
      ),
  ),
});
