/** All that the Overview's charts ask of the runs that are drawn. */

import type { ReactiveControllerHost } from "lit";
import { type Against, type Drift, getDrift, getScalars, getSeries, type Series } from "../api";
import { load } from "../loading";
import { againstFor } from "../references";
import { attributionTag, focusManifest, focusRun, methodOf, type RunEntry, shownRuns, store } from "../state";
import { findTag, tagsOf } from "../tags";
import { askRuns, loadRuns } from "./answers";
import { isUnfolded } from "./folds";
import { agreementOf } from "./questions";
import type { Figures } from "./trust_panels";

/** The focus run first: bottom panels and the sentence are about it, and browsers send six requests at a time. */
function runsAsked(): readonly RunEntry[] {
  const [focus, runs] = [focusRun(store.state), shownRuns(store.state)];
  return focus ? [focus, ...runs.filter((run) => run !== focus)] : [];
}

const focusAlone = (): readonly RunEntry[] => runsAsked().slice(0, 1);

/** Asked again when the runs, the method or the data change. */
function key<const K extends readonly unknown[]>(...more: K) {
  const { state } = store;
  const runs = runsAsked();
  if (!runs.length) return null;
  return [runs.map(({ run }) => run).join("\n"), state.method, state.revision, ...more] as const;
}

function askDrift(run: RunEntry, signal: AbortSignal, against: Against): Promise<Drift> | undefined {
  const tag = attributionTag(store.state, run);
  return tag === undefined ? undefined : getDrift(run.run, tag, against, signal);
}

const askSeries = (run: RunEntry, signal: AbortSignal, tag: string | undefined): Promise<Series> | undefined =>
  tag === undefined ? undefined : getSeries(run.run, tag, signal);

/** A check of the shown method's explanations. */
const trustTag = (run: RunEntry, check: string): string | undefined =>
  findTag(run, "trust", check, methodOf(store.state, run) ?? "");

/** Whether any of the runs that are drawn had its deletion gap measured; step to step stands where it was not. */
export const hasDeletion = (): boolean =>
  shownRuns(store.state).some((run) => trustTag(run, "deletion_gap") !== undefined);

/** Whether the shown method fits local models: how well stands where completeness does of others. */
export const hasLocalFit = (): boolean =>
  shownRuns(store.state).some((run) => trustTag(run, "local_fit") !== undefined);

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
  scalars: loadRuns(
    host,
    () => key(),
    runsAsked,
    (run, signal) => getScalars(run.group, signal),
  ),
  drift: loadRuns(
    host,
    () => key(store.state.against),
    runsAsked,
    (run, signal) => askDrift(run, signal, againstFor(store.state, run)),
  ),
  deletion: loadRuns(
    host,
    () => key(),
    runsAsked,
    (run, signal) => askSeries(run, signal, trustTag(run, "deletion_gap")),
  ),
  agreement: loadRuns(
    host,
    () => (focusManifest(store.state) ? key(Object.keys(store.state.manifests).length) : null),
    runsAsked,
    askAgreement,
  ),
  overhead: loadRuns(
    host,
    () => key(),
    runsAsked,
    (run, signal) => askSeries(run, signal, findTag(run, "clock", "overhead")),
  ),
  stepDrift: loadRuns(
    host,
    () => (hasDeletion() && !isUnfolded("trust") ? null : key()),
    runsAsked,
    (run, signal) => askDrift(run, signal, "previous"),
  ),
  /** Of the focus run for its badge; of all once they have a chart. */
  startDrift: loadRuns(
    host,
    () => key(isUnfolded("trust")),
    () => (isUnfolded("trust") ? runsAsked() : focusAlone()),
    (run, signal) => askDrift(run, signal, "start"),
  ),
  localFit: loadRuns(
    host,
    () => key(),
    runsAsked,
    (run, signal) => askSeries(run, signal, trustTag(run, "local_fit")),
  ),
  trainingGap: loadRuns(
    host,
    () => key(isUnfolded("trust")),
    () => (isUnfolded("trust") ? runsAsked() : focusAlone()),
    (run, signal) => askSeries(run, signal, trustTag(run, "training_gap")),
  ),
  watches: load(
    host,
    () => key(store.state.focus),
    (_, signal) =>
      Promise.all(
        watchNames().map(async (name) => ({
          name,
          share: await askRuns(runsAsked(), signal, (run) => askSeries(run, signal, findTag(run, "watch", name))),
        })),
      ),
  ),
});
