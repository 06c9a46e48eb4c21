/** What the Features view asks of the server: the importances of every method, all steps at once. */

import { getSeries, type Manifest } from "../api";
import type { RunEntry } from "../state";
import { tagsOf } from "../tags";
import { type FeatureTable, featureTable } from "./features_model";

/** Names of the methods that have an importance, in the order of the manifest. */
export function importanceMethods(run: RunEntry, manifest: Manifest): string[] {
  const logged = new Set(tagsOf(run, "importance").map(([, method]) => method));
  const known = manifest.methods.map(({ name }) => name).filter((name) => logged.has(name));
  return [...known, ...[...logged].filter((name) => !known.includes(name))];
}

/** Shape of a method's importance for an input: its own regions, else the input's. */
export function regionsOf(manifest: Manifest, method: string, input: string): readonly number[] {
  const own = manifest.methods.find(({ name }) => name === method)?.regions.find((regions) => regions.input === input);
  return own?.shape ?? manifest.inputs.find(({ name }) => name === input)?.regions ?? [];
}

export async function loadTable(
  run: RunEntry,
  manifest: Manifest,
  method: string,
  signal: AbortSignal,
): Promise<FeatureTable> {
  const tags = tagsOf(run, "importance").filter(([, name]) => name === method);
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

/** Every method's table. One method that cannot be read must not hide the others: it is left out, with its error. */
export async function loadTables(
  run: RunEntry,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<{ tables: FeatureTable[]; errors: unknown[] }> {
  const answers = await Promise.allSettled(
    importanceMethods(run, manifest).map((method) => loadTable(run, manifest, method, signal)),
  );
  return {
    tables: answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : [])),
    errors: answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason] : [])),
  };
}
