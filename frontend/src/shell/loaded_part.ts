/** How much of a run TensorBoard has read: curves, which are small, are there before explanations. */

export interface Part {
  loaded: number;
  all: number;
}

/**
 * How many epochs are loaded, of how many; null where nothing is known to be missing.
 *
 * @param explained  places of the explained steps on the axis of epochs, ascending
 * @param ends       last places of the run's curves
 *
 * Not every epoch need be explained: more is missing only where the curves are further ahead than any step is of the one before.
 */
export function loadedPart(explained: readonly number[], ends: readonly (number | undefined)[]): Part | null {
  const last = explained.at(-1);
  const end = Math.max(...ends.map((place) => place ?? Number.NEGATIVE_INFINITY));
  if (last === undefined || !Number.isFinite(end)) return null;
  const widest = Math.max(1, ...explained.slice(1).map((place, i) => place - explained[i]));
  if (end - last <= widest) return null;
  const start = explained[0];
  return { loaded: Math.round(last - start) + 1, all: Math.round(end - start) + 1 };
}
