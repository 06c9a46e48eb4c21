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
import { type Numbers, SafetensorsError } from "../safetensors";
import type { RunEntry } from "../state";
import { stepName } from "../steps";
import { findTag, stepsOf } from "../tags";
import { predictionAt } from "./samples_ahead";
import { allOf, sampleOf } from "./samples_model";

/** The percentile of |attribution| at which the colour scale is clipped. */
export const CLIP_PERCENTILE = 99;

/** What the view is of: one method's attributions in one run. */
export interface Subject {
  run: RunEntry;
  /** `attribution/…` */
  tag: string;
  manifest: Manifest;
}

/** |value| at the ends of the colours' scale. */
export interface Limits {
  /** Of cards, where the cells of large images are summed over 2 × 2. */
  cards: number;
  /** Of single cells. */
  cells: number;
}

/** One scale for all samples, or one for each. */
export type Scale = "all" | "each";

/** The ends of a sample's scale. */
export type LimitsOf = (index: number) => Limits;

/** Two steps of one method. */
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
  limits: LimitsOf;
}

/** Whether the method says something of an input; taken for granted until its frame is there. */
export const explainsInput = ({ now }: Picture, { name }: ManifestInput): boolean =>
  !now || Object.hasOwn(now.values, name);

export interface Frames {
  step: number;
  now: Attribution;
  referenceAt: Place | null;
  reference: Attribution | undefined;
  limits: Readonly<Record<Scale, LimitsOf>>;
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
  return { step, now, referenceAt, reference, limits: limitsOf(manifest, reference ? [now, reference] : [now]) };
}

/** The ends of the scales of frames that are drawn side by side. */
export function limitsOf(manifest: Manifest, frames: readonly Attribution[]): Frames["limits"] {
  const end = (values: readonly ArrayLike<number>[]) => magnitudeAt(values, CLIP_PERCENTILE);
  const ends = (index?: number): Limits => {
    const drawn = frames.flatMap((frame) => valuesOf(manifest, frame, index));
    const cells = end(drawn.map(({ values }) => values));
    return { cells, cards: manifest.inputs.some(pools) ? end(drawn.flatMap(cardValues)) : cells };
  };
  const all = ends();
  const each: Limits[] = [];
  return {
    all: () => all,
    each: (index) => {
      each[index] ??= ends(index);
      return each[index];
    },
  };
}

/** What a frame has of one input. */
interface Values {
  input: ManifestInput;
  /** How many samples' values these are. */
  samples: number;
  values: Numbers;
}

/** Values of one sample, or of all. */
const valuesOf = ({ inputs }: Manifest, { values }: Attribution, index?: number): Values[] =>
  inputs.flatMap((input) => {
    const array = values[input.name];
    if (!array) return [];
    return index === undefined
      ? [{ input, samples: array.shape[0], values: allOf(array) }]
      : [{ input, samples: 1, values: sampleOf(array, index) }];
  });

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
function cardValues({ input, samples, values }: Values): ArrayLike<number>[] {
  if (!pools(input)) return [values];
  const cells = values.length / samples;
  return Array.from(
    { length: samples },
    (_, i) => pooled(cellsOf(input, values.subarray(i * cells, (i + 1) * cells))).data,
  );
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
