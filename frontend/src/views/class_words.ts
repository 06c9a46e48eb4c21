/** The words that carry a class: what each contributes to the score of the samples of that class which hold it. */

import type { SampleArray } from "../api";
import { allFinite, heldBy, standardError } from "./class_means";
import type { SampleClass } from "./class_samples";
import { sampleOf } from "./samples_model";

export interface Word {
  /** Token id. */
  id: number;
  /** In how many samples of the class it occurs. */
  samples: number;
  /** Over these samples, of what it contributes to each: the sum of its places there. */
  mean: number;
  /** Of that mean; NaN of one sample. */
  standardError: number;
  /** The part of the class's Σ|a| that lies on it, 0 … 1. */
  share: number;
}

export interface ClassWords {
  /** By token id. */
  words: ReadonlyMap<number, Word>;
  /** How many samples they are of. */
  count: number;
  /** How many have attributions that are not finite: those are left out. */
  leftOut: number;
}

/**
 * The words of each class, in the order given. The same as before for the same arguments.
 *
 * @param values  attributions [N, T]
 * @param ids     token ids [N, T]
 * @param padding whether token 0 is padding, which is no word
 */
export const classWords = heldBy(
  (values: SampleArray, ids: SampleArray, padding: boolean, classes: readonly SampleClass[]): ClassWords[] =>
    classes.map(({ samples }) => wordsOver(values, ids, padding, samples)),
);

interface Sums {
  samples: number;
  sum: number;
  squares: number;
  size: number;
}

function wordsOver(values: SampleArray, ids: SampleArray, padding: boolean, samples: readonly number[]): ClassWords {
  const sums = new Map<number, Sums>();
  let [whole, count] = [0, 0];
  for (const sample of samples) {
    const [own, tokens] = [sampleOf(values, sample), sampleOf(ids, sample)];
    if (!allFinite(own)) continue;
    count += 1;
    const here = new Map<number, { sum: number; size: number }>();
    for (let i = 0; i < own.length; i++) {
      if (padding && tokens[i] === 0) continue;
      const held = here.get(tokens[i]) ?? { sum: 0, size: 0 };
      held.sum += own[i];
      held.size += Math.abs(own[i]);
      whole += Math.abs(own[i]);
      here.set(tokens[i], held);
    }
    for (const [id, { sum, size }] of here) {
      const total = sums.get(id) ?? { samples: 0, sum: 0, squares: 0, size: 0 };
      total.samples += 1;
      total.sum += sum;
      total.squares += sum * sum;
      total.size += size;
      sums.set(id, total);
    }
  }
  const words = new Map<number, Word>();
  for (const [id, { samples: held, sum, squares, size }] of sums) {
    const [mean, share] = [sum / held, whole > 0 ? size / whole : Number.NaN];
    words.set(id, { id, samples: held, mean, standardError: standardError(sum, squares, held), share });
  }
  return { words, count, leftOut: samples.length - count };
}

/** A word of fewer samples tells of these, not of the class. */
export const FEWEST = 3;

export interface RankedWords {
  /** Strongest first. */
  towards: readonly Word[];
  against: readonly Word[];
  /** Those of fewer than `FEWEST` samples, by |mean|. */
  rare: readonly Word[];
}

/** Words by what they contribute on average: at most so many for the class, and so many against it. The same as before for the same words. */
export const rankedWords = heldBy(({ words }: ClassWords, most: number): RankedWords => {
  const order = (a: Word, b: Word) => Math.abs(b.mean) - Math.abs(a.mean) || a.id - b.id;
  const all = [...words.values()].sort(order);
  const common = all.filter(({ samples }) => samples >= FEWEST);
  return {
    towards: common.filter(({ mean }) => mean > 0).slice(0, most),
    against: common.filter(({ mean }) => mean < 0).slice(0, most),
    rare: all.filter(({ samples }) => samples < FEWEST),
  };
});
