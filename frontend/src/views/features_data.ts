/** What the Features view asks of the server: the importances of every method over the probe and over training samples, all steps at once. */

import { getSeries, type Manifest } from "../api";
import type { RunEntry } from "../state";
import { tagsOf } from "../tags";
import { type FeatureTable, featureTable } from "./features_model";

/** Over which samples: those of the probe, or those from the training set. */
type Samples = "importance" | "training";

/** Names of the methods that have an importance, in the order of the manifest. */
function importanceMethods(run: RunEntry, manifest: Manifest, samples: Samples): string[] {
  const logged = new Set(tagsOf(run, samples).map(([, method]) => method));
  const known = manifest.methods.map(({ name }) => name).filter((name) => logged.has(name));
  return [...known, ...[...logged].filter((name) => !known.includes(name))];
}

/** Shape of a method's importance for an input: its own regions, else the input's. */
export function regionsOf(manifest: Manifest, method: string, input: string): readonly number[] {
  const own = manifest.methods.find(({ name }) => name === method)?.regions.find((regions) => regions.input === input);
  return own?.shape ?? manifest.inputs.find(({ name }) => name === input)?.regions ?? [];
}

async function loadTable(
  run: RunEntry,
  manifest: Manifest,
  samples: Samples,
  method: string,
  signal: AbortSignal,
): Promise<FeatureTable> {
  const tags = tagsOf(run, samples).filter(([, name]) => name === method);
  const order = (input: string) => manifest.inputs.findIndex(({ name }) => name === input);
  const parts = await Promise.all(
    tags.map(async ([tag, , input]) => ({
      input,
      shape: regionsOf(manifest, method, input),
      series: await getSeries(run.run, tag, signal),
    })),
  );
  return featureTable(
    method,
    parts.sort((a, b) => order(a.input) - order(b.input)),
    manifest,
  );
}

export interface Tables {
  /** One a method. */
  tables: FeatureTable[];
  /** The same over training samples, of the methods that were asked for them. */
  training: FeatureTable[];
  errors: unknown[];
}

/** Every method's tables. One that cannot be read must not hide the others: it is left out, with its error. */
export async function loadTables(run: RunEntry, manifest: Manifest, signal: AbortSignal): Promise<Tables> {
  const read = (samples: Samples) =>
    Promise.allSettled(
      importanceMethods(run, manifest, samples).map((method) => loadTable(run, manifest, samples, method, signal)),
    );
  const [probe, training] = await Promise.all([read("importance"), read("training")]);
  const tablesOf = (answers: typeof probe) =>
    answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  return {
    tables: tablesOf(probe),
    training: tablesOf(training),
    errors: [...probe, ...training].flatMap((answer) => (answer.status === "rejected" ? [answer.reason] : [])),
  };
}
