/** What the Samples view asks of the server, and what it keeps together to draw from. */
import type { ReactiveControllerHost } from "lit";
import {
  type Against,
  type Attribution,
  type Comparison,
  getAttribution,
  getComparison,
  getInputs,
  getPredictions,
  type Inputs,
  type Manifest,
  type ManifestInput,
  type Predictions,
} from "../api";
import { magnitudeAt } from "../charts/color";
import { pooled } from "../charts/overlay";
import { cellsOf, pools } from "../elements/sample_thumb";
import { load } from "../loading";
import { againstPlace, type Place } from "../references";
import { SafetensorsError } from "../safetensors";
import type { RunEntry } from "../state";
import { stepName } from "../steps";
import { findTag, stepsOf } from "../tags";
import { predictionAt } from "./samples_ahead";
import { allOf } from "./samples_model";

/** The percentile of |attribution| at which the colour scale is clipped. */
export const CLIP_PERCENTILE = 99;

/** What the view is of: one method's attributions in one run. */
export interface Subject {
  run: RunEntry;
  /** `attribution/…` */
  tag: string;
  manifest: Manifest;
}

/** Two steps of one method, drawn on one scale. */
export interface Picture extends Subject {
  /** All steps of the tag. */
  steps: readonly number[];
  /** Name of the method. */
  method: string;
  /** Whether its values have a sign. */
  signed: boolean;
  /** Of the values: "nats of log-odds". */
  unit: string;
  inputs: Inputs | undefined;
  now: Attribution | undefined;
  nowStep: number;
  reference: Attribution | undefined;
  /** Where that is from; null for none. */
  referenceAt: Place | null;
  /** |value| at the end of the scale of cards, summed over 2 × 2 where cards are. */
  cardLimit: number;
  /** |value| at the end of the scale of single cells. */
  limit: number;
}

/** Whether the method says something of an input; taken for granted until its frame is there. */
export const explainsInput = ({ now }: Picture, { name }: ManifestInput): boolean =>
  !now || Object.hasOwn(now.values, name);

export interface Frames {
  step: number;
  now: Attribution;
  referenceAt: Place | null;
  reference: Attribution | undefined;
  cardLimit: number;
  limit: number;
}

export async function loadFrames(
  { run, tag, manifest }: Subject,
  step: number,
  referenceAt: Place | null,
  signal: AbortSignal,
): Promise<Frames> {
  const [now, reference] = await Promise.all([
    frameOf({ run, step }, tag, signal),
    referenceAt ? frameOf(referenceAt, tag, signal) : undefined,
  ]);
  const frames = reference ? [now, reference] : [now];
  const limit = magnitudeAt(
    frames.flatMap(({ values }) => Object.values(values).map(allOf)),
    CLIP_PERCENTILE,
  );
  const cardLimit = magnitudeAt(
    frames.flatMap((frame) => cardValues(manifest, frame)),
    CLIP_PERCENTILE,
  );
  return { step, now, referenceAt, reference, limit, cardLimit };
}

/** The attribution at a place; what keeps it from being read is told with the name of the place. */
async function frameOf({ run, step }: Place, tag: string, signal: AbortSignal): Promise<Attribution> {
  try {
    return await getAttribution(run.run, tag, step, signal);
  } catch (error) {
    if (signal.aborted || !(error instanceof SafetensorsError)) throw error;
    const { what, expected, received } = error;
    throw new SafetensorsError(`The frame of ${stepName(run, step)} cannot be read. ${what}`, expected, received);
  }
}

/** What a frame takes of memory. */
export const frameBytes = ({ values }: Attribution): number =>
  Object.values(values).reduce((sum, { data }) => sum + data.byteLength, 0);

/** Values as cards show them: those of large images summed over 2 × 2. */
function cardValues(manifest: Manifest, { values }: Attribution): ArrayLike<number>[] {
  return manifest.inputs.flatMap((input) => {
    const array = values[input.name];
    if (!array) return [];
    const all = allOf(array);
    if (!pools(input)) return [all];
    const cells = all.length / array.shape[0];
    return Array.from(
      { length: array.shape[0] },
      (_, i) => pooled(cellsOf(input, all.subarray(i * cells, (i + 1) * cells))).data,
    );
  });
}

export interface Verdicts {
  now: Predictions | undefined;
  reference: Predictions | undefined;
}

/** Predictions at the two places, or at the last measured steps before them. */
export async function loadVerdicts(
  run: RunEntry,
  step: number,
  referenceAt: Place | null,
  signal: AbortSignal,
): Promise<Verdicts> {
  const at = (place: Place) => {
    const known = predictionAt(place.run, place.step);
    return known && getPredictions(place.run.run, ...known, signal);
  };
  const [now, reference] = await Promise.all([at({ run, step }), referenceAt ? at(referenceAt) : undefined]);
  return { now, reference };
}

/** @param against  what the figures are held against: a mean of steps, or the explanation that is drawn */
export const loadComparison = (
  { run, tag }: Subject,
  step: number,
  referenceAt: Place | null,
  against: Against,
  signal: AbortSignal,
): Promise<Comparison | undefined> =>
  referenceAt
    ? getComparison(
        run.run,
        tag,
        step,
        against.startsWith("trailing:") ? against : againstPlace(referenceAt, run),
        signal,
      )
    : Promise.resolve(undefined);

export function loadInputs(run: RunEntry, signal: AbortSignal): Promise<Inputs | undefined> {
  const tag = findTag(run, "inputs");
  const step = stepsOf(run, tag)[0];
  return tag && step !== undefined ? getInputs(run.run, tag, step, signal) : Promise.resolve(undefined);
}

/** The inputs of a run that may become another, asked for once each. */
export const loggedInputs = (host: ReactiveControllerHost, run: () => RunEntry) =>
  load(
    host,
    () => [run()] as const,
    ([one], signal) => loadInputs(one, signal),
  );

/** An answer beside what it is about, so that one run's is never drawn as another's. */
export interface About<T> {
  subject: Subject;
  answer: T;
}

export const about = async <T>(subject: Subject, answer: Promise<T>): Promise<About<T>> => ({
  subject,
  answer: await answer,
});

export const answerFor = <T>({ run, tag }: Subject, held: About<T> | undefined): T | undefined =>
  held?.subject.run.run === run.run && held.subject.tag === tag ? held.answer : undefined;
