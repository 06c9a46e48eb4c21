/**
 * What the features of an input are called: columns by their names, an image's cells as on a chess board, tokens by
 * position, which alarms count from 1, too.
 */
import type { ManifestInput } from "../api";
import { cellName } from "../charts/overlay";

/** What is counted by people; columns without a name are called by their index in the data. */
const FROM_ONE: Partial<Record<string, string>> = { text: "token", sequence: "time" };

/** Names in the order of an importance's values; `shape` is that of the importance: [F], [rows, columns] or [T]. */
export function featureNames(input: ManifestInput, shape: readonly number[]): string[] {
  const count = shape.reduce((product, length) => product * length, 1);
  if (shape.length === 2) {
    const [, columns] = shape;
    const named = input.kind === "image" || input.feature_names.length !== columns;
    return Array.from({ length: count }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      return named ? cellName(row, column) : `${input.feature_names[column]} at ${row + 1}`;
    });
  }
  if (count === 1 && input.cells.some((length) => length > 1)) return [`all of ${input.name}`];
  if (input.feature_names.length === count) return input.feature_names.map((name, i) => name || String(i));
  const counted = FROM_ONE[input.kind];
  return Array.from({ length: count }, (_, i) => (counted ? `${counted} ${i + 1}` : `feature ${i}`));
}
