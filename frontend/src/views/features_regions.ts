/** The features that lie in cells which the training declared, by the name that it gave them. */

import type { ManifestInput, ManifestWatch } from "../api";
import type { FeatureTable } from "./features_model";

/** Elements of the input that a cell, or a region, is wide: both begin at the first and are blocks of ⌈length / count⌉. */
const block = (length: number, count: number): number => Math.ceil(length / Math.max(1, count));

/** Index of the region, among `shape`, that each declared cell lies in. */
function regionsOfCells({ cells }: ManifestWatch, input: ManifestInput, shape: readonly number[]): number[] {
  const [rows, columns] = shape.length === 2 ? shape : [1, shape[0]];
  const [down, across] = input.cells.length === 2 ? input.cells : [1, input.cells[0]];
  const lengths = input.cells.length === 2 ? input.shape : [1, input.shape[0]];
  const place = (at: number, length: number, many: number, few: number) =>
    Math.floor((at * block(length, many)) / block(length, few));
  return cells.map((cell) => {
    const row = place(Math.floor(cell / across), lengths[0], down, rows);
    const column = place(cell % across, lengths[1], across, columns);
    return row * columns + column;
  });
}

/** Indices of the features of a table that declared cells lie in, ascending; none of an input that the table lacks. */
export function featuresOfWatch(
  watch: ManifestWatch,
  table: Pick<FeatureTable, "parts">,
  inputs: readonly ManifestInput[],
): ReadonlySet<number> {
  const input = inputs.find(({ name }) => name === watch.input);
  const part = table.parts.find((found) => found.input === watch.input);
  if (!input || !part) return new Set();
  const count = part.shape.reduce((product, length) => product * length, 1);
  const within = regionsOfCells(watch, input, part.shape).filter((region) => region >= 0 && region < count);
  return new Set(within.sort((a, b) => a - b).map((region) => part.offset + region));
}
