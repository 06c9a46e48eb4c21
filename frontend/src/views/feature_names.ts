/** What the features of an input are called: columns by their names, an image's cells as on a chess board, tokens by position. */
import type { ManifestInput } from "../api";
import { cellName } from "../charts/overlay";

/** Names in the order of an importance's values; `shape` is that of the importance: [F], [rows, columns] or [T]. */
export function featureNames(input: ManifestInput, shape: readonly number[]): string[] {
  const count = shape.reduce((product, length) => product * length, 1);
  if (shape.length === 2) {
    const [, columns] = shape;
    const named = input.kind === "image" || input.feature_names.length !== columns;
    return Array.from({ length: count }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      return named ? cellName(row, column) : `${input.feature_names[column]} at ${row}`;
    });
  }
  if (count === 1 && input.cells.some((length) => length > 1)) return [`all of ${input.name}`];
  if (input.feature_names.length === count) return input.feature_names.map((name, i) => name || String(i));
  const noun = input.kind === "text" ? "token" : input.kind === "sequence" ? "time" : "feature";
  return Array.from({ length: count }, (_, i) => `${noun} ${i}`);
}
