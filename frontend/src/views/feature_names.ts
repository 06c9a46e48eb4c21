/**
 * What the features of an input are called: columns by their names, an image's cells as on a chess board, tokens by
 * position, which alarms count from 1, too.
 */
import type { ManifestInput } from "../api";
import { cellName } from "../charts/overlay";

/** What is counted by people; columns without a name are called by their index in the data. */
const FROM_ONE: Partial<Record<string, string>> = { text: "token", sequence: "time" };

/** Names in the order of an importance's values, none twice; `shape` is that of the importance: [F], [rows, columns] or [T]. */
export function featureNames(input: ManifestInput, shape: readonly number[]): string[] {
  const count = product(shape);
  if (shape.length === 2) {
    const [, columns] = shape;
    const named = input.kind === "image" || input.feature_names.length !== columns;
    return Array.from({ length: count }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      return named ? cellName(row, column) : `${input.feature_names[column]} at ${row + 1}`;
    });
  }
  if (count === 1 && input.cells.some((length) => length > 1)) return [`all of ${input.name}`];
  if (input.feature_names.length === count) return numbered(input.feature_names.map((name, i) => name || String(i)));
  const counted = FROM_ONE[input.kind];
  return Array.from({ length: count }, (_, i) => (counted ? `${counted} ${i + 1}` : `feature ${i}`));
}

/** The features of one input, as `featureNames` takes them. */
export interface NamedInput {
  input: string;
  /** Undefined for one that the manifest does not know. */
  described: ManifestInput | undefined;
  shape: readonly number[];
  /** What its features are called where they are clusters of columns. */
  clusters?: readonly string[];
}

/** Names of the features of several inputs: with their input's where they would not tell by themselves whose they are. */
export function namesOfInputs(inputs: readonly NamedInput[]): string[][] {
  const own = inputs.map(({ described, shape, clusters }) =>
    clusters?.length
      ? numbered(clusters)
      : described
        ? featureNames(described, shape)
        : Array.from({ length: product(shape) }, (_, i) => String(i)),
  );
  if (inputs.length === 1) return own;
  const holders = new Map<string, number>();
  for (const name of own.flat()) holders.set(name, (holders.get(name) ?? 0) + 1);
  return own.map((names, i) =>
    names.map((name) =>
      inputs[i].described?.kind === "tabular" && holders.get(name) === 1 ? name : `${inputs[i].input} ${name}`,
    ),
  );
}

const product = (shape: readonly number[]): number => shape.reduce((count, length) => count * length, 1);

/** Columns may share a name: the second is "age (2)". */
function numbered(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count > 1 ? `${name} (${count})` : name;
  });
}
