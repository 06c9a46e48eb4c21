/** What samples of text say, as it is searched. */
import type { SampleArray } from "../api";
import { positionsOf, tokenText } from "../elements/sample_thumb";
import type { Picture } from "./samples_data";
import { loggedSample } from "./samples_moments";

const texts = new WeakMap<SampleArray, string[]>();

/** All tokens of a sample, in order; "" where it has none, or they are not logged. */
export function wordsOf(picture: Picture, index: number): string {
  return picture.manifest.inputs
    .filter(({ kind }) => kind === "text")
    .map((input) => {
      const array = picture.inputs?.[input.name];
      if (!array) return "";
      const held = texts.get(array) ?? [];
      texts.set(array, held);
      const sample = loggedSample(picture.inputs, input, index);
      held[index] ??= positionsOf(input, sample, input.cells[0])
        .map((position) => tokenText(input, sample, position))
        .join(" ");
      return held[index];
    })
    .join(" ");
}
