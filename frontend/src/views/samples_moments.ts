/** The moments at which a sample is drawn, and what is drawn of it then. */
import type { Attribution, Inputs, ManifestInput, SampleArray } from "../api";
import type { LoggedSample } from "../elements/sample_thumb";
import type { Shown } from "./samples_asked";
import type { Picture } from "./samples_data";
import { sampleOf } from "./samples_model";

export type Layout = "card" | "row" | "text";
export type Moment = "reference" | "now" | "change";

/** The moments that a card shows, in order. */
export function moments(shown: Shown, layout: Layout, hasReference: boolean): Moment[] {
  if (!hasReference || shown === "now") return ["now"];
  if (shown === "change") return ["change"];
  return layout === "card" ? ["reference", "now", "change"] : ["reference", "now"];
}

const loggedSamples = new WeakMap<SampleArray, LoggedSample[]>();

/** One sample as logged: the same object every time, so that what is made of it can be remembered. */
export function loggedSample(
  inputs: Inputs | undefined,
  input: ManifestInput,
  index: number,
): LoggedSample | undefined {
  const array = inputs?.[input.name];
  if (!array) return undefined;
  const held = loggedSamples.get(array) ?? [];
  loggedSamples.set(array, held);
  held[index] ??= { data: sampleOf(array, index), shape: array.shape.slice(1) };
  return held[index];
}

/** A sample's attribution at a moment; undefined while it is not there. */
export function momentValues(picture: Picture, input: ManifestInput, index: number, moment: Moment) {
  const at = (frame: Attribution | undefined) => {
    const array = frame?.values[input.name];
    return array && sampleOf(array, index);
  };
  if (moment === "now") return at(picture.now);
  if (moment === "reference") return at(picture.reference);
  const [now, reference] = [at(picture.now), at(picture.reference)];
  return now && reference && difference(now, reference);
}

function difference(now: ArrayLike<number>, reference: ArrayLike<number>): Float32Array {
  const change = new Float32Array(now.length);
  for (let i = 0; i < change.length; i++) change[i] = now[i] - reference[i];
  return change;
}
