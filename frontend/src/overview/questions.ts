/** What the Overview asks of a run, in the words of the routes. */

import type { ReactiveControllerHost } from "lit";
import { getSeries, type Manifest, type ManifestMethod } from "../api";
import { load } from "../loading";
import { drawnReference, referenceOf, referenceRun } from "../references";
import {
  atOrBefore,
  cursorSteps,
  described,
  explained,
  focusManifest,
  methodOf,
  methodsOf,
  type RunEntry,
  type State,
  store,
} from "../state";
import { findTag, tagsOf } from "../tags";
import { loadComparison } from "../views/samples_data";
import { agreement } from "./agreement";
import { type ChangeErrors, changeErrors, meanShares, type Share, type ShareSeries, sharesAt } from "./shares";

/** Tags of a method's importance, an input each, with the shape of their regions. */
export interface ImportancePart {
  tag: string;
  input: string;
  shape: readonly number[];
}

function partsOf(run: RunEntry, manifest: Manifest, method: ManifestMethod | undefined): ImportancePart[] {
  return manifest.inputs.flatMap(({ name, regions }) => {
    const tag = method && findTag(run, "importance", method.name, name);
    const shape = method?.regions.find(({ input }) => input === name)?.shape;
    return tag ? [{ tag, input: name, shape: shape?.length ? shape : regions }] : [];
  });
}

/** Of the shown method, or of the first one of a run that explains no single samples; empty where it has no importance. */
function importanceParts(state: State, run: RunEntry, manifest: Manifest): ImportancePart[] {
  const [first] = methodsOf(state, run).length ? [] : tagsOf(run, "importance").map(([, name]) => name);
  const method = methodOf(state, run) ?? first;
  return partsOf(
    run,
    manifest,
    manifest.methods.find(({ name }) => name === method),
  );
}

const getShares = (run: RunEntry, parts: readonly ImportancePart[], signal: AbortSignal): Promise<ShareSeries[]> =>
  Promise.all(
    parts.map(async ({ tag, input, shape }) => ({ input, shape, series: await getSeries(run.run, tag, signal) })),
  );

/** The importances of the focus run by the chosen method, for an element that shows shares. */
export const askShares = (host: ReactiveControllerHost) =>
  load(
    host,
    () => {
      const of = described(store.state);
      return of && ([of.run, of.manifest, store.state.method, store.state.revision] as const);
    },
    ([run, manifest], signal) => getShares(run, importanceParts(store.state, run, manifest), signal),
  );

/** The same of the run that the focus run is held against; nothing where it is held against itself. */
export const askReferenceShares = (host: ReactiveControllerHost) =>
  load(
    host,
    () => {
      const [of, other] = [described(store.state), referenceRun(store.state)];
      return of && other ? ([other, of.manifest, store.state.method, store.state.revision] as const) : null;
    },
    // Runs that compare have the inputs and the methods in common.
    ([run, manifest], signal) => getShares(run, importanceParts(store.state, run, manifest), signal),
  );

/** Errors of the changes between the step that the cursor rests at and the reference, and of which moment they are. */
export const askChangeErrors = (host: ReactiveControllerHost) =>
  load(
    host,
    () => {
      const { state } = store;
      const [of, manifest, { resting, against }] = [explained(state), focusManifest(state), state];
      if (!of || !manifest || resting === null) return null;
      const drawn = drawnReference({ ...state, epoch: resting });
      return [of.run, of.tag, manifest, resting, against, drawn?.run, drawn?.step] as const;
    },
    async ([run, tag, manifest, step, against, other, at], signal) => {
      const reference = other && at !== undefined ? { run: other, step: at } : null;
      const comparison = await loadComparison({ run, tag, manifest }, step, reference, against, signal);
      return { run, tag, step, against, errors: comparison && changeErrors(comparison) };
    },
  );

/** Those errors if they are of what is drawn: not while the cursor moves. */
export function errorsAtCursor({ value }: ReturnType<typeof askChangeErrors>): ChangeErrors | undefined {
  const { state } = store;
  const of = explained(state);
  const same = value && value.run === of?.run && value.tag === of.tag;
  return same && value.step === state.epoch && value.against === state.against ? value.errors : undefined;
}

/** What each feature held at the reference: of the focus run, as a mean of its steps, or of the other run. */
export function referenceShares(
  own: readonly ShareSeries[],
  others: readonly ShareSeries[] | undefined,
  manifest: Manifest,
): Share[] | undefined {
  const { state } = store;
  const [reference, drawn] = [referenceOf(state), drawnReference(state)];
  const at = (parts: readonly ShareSeries[], step: number) => {
    const measured = parts[0] && atOrBefore(parts[0].series.steps, step);
    return measured === undefined ? undefined : sharesAt(parts, manifest, measured);
  };
  if (!drawn) return undefined;
  if (reference.kind === "run") return others && at(others, drawn.step);
  if (reference.kind !== "trailing") return at(own, drawn.step);
  const before = cursorSteps(state).filter((step) => step <= drawn.step);
  return meanShares(before.slice(-reference.count).map((step) => at(own, step)));
}

/** The run's permutation importance, whichever variant it logged. */
export const permutationName = (run: RunEntry): string | undefined =>
  tagsOf(run, "importance").find(([, method]) => method.startsWith("permutation"))?.[1];

/** ρ of the chosen method's and permutation's ranks a step, over the first input that has both; undefined without. */
export function agreementOf(
  state: State,
  run: RunEntry,
  signal: AbortSignal,
): Promise<{ steps: number[]; values: number[] }> | undefined {
  const manifest = state.manifests[run.run];
  const permutation = manifest?.methods.find(({ name }) => name === permutationName(run));
  if (!manifest || !permutation) return undefined;
  const own = importanceParts(state, run, manifest);
  for (const part of partsOf(run, manifest, permutation)) {
    const same = own.find(({ input, tag }) => input === part.input && tag !== part.tag);
    if (same) return ask(run, same, part, signal);
  }
  return undefined;
}

async function ask(run: RunEntry, method: ImportancePart, permutation: ImportancePart, signal: AbortSignal) {
  const [first, second] = await Promise.all([method, permutation].map(({ tag }) => getSeries(run.run, tag, signal)));
  return agreement({ series: first, shape: method.shape }, { series: second, shape: permutation.shape });
}
