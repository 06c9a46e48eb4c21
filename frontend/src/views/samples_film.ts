/** One sample over the epochs: the frames of a filmstrip, and the curves of its prediction and its drift. */

import { type Attribution, getAttribution, getDrift, getPredictions } from "../api";
import type { Line } from "../charts/curve_data";
import type { Panel } from "../elements/curve_panel";
import { distance, figure, minus, tick } from "../format";
import { againstPlace, shortPlace } from "../references";
import type { RunEntry } from "../state";
import { placesAt } from "../steps";
import { findTag, stepsOf } from "../tags";
import { paletteOf, runColour } from "../theme";
import type { Picture } from "./samples_data";
import { className, isRegression, sampleDrift, sampleOf } from "./samples_model";

export interface Film {
  steps: number[];
  frames: Attribution[];
}

/** Frames that a filmstrip of images has; where frames are small, as many as this many bytes hold. */
const FILM_FRAMES = 14;
const FILM_BYTES = 8_000_000;
const PREDICTION_STEPS = 64;

export function filmLength(picture: Picture): number {
  const { inputs, probe } = picture.manifest;
  if (inputs.some(({ kind }) => kind === "image")) return FILM_FRAMES;
  const cells = inputs.reduce((sum, input) => sum + input.cells.reduce((product, length) => product * length, 1), 0);
  return Math.min(200, Math.max(FILM_FRAMES, Math.floor(FILM_BYTES / (2 * cells * Math.max(1, probe.size)))));
}

/**
 * About `count` of `steps` for a filmstrip, denser where the explanation changed: equal shares of the change since the
 * step before, mixed with equal shares of time so that quiet stretches are seen too. Always the first, the last and
 * those in `keep`.
 *
 * @param change of each step against the one before, ≥ 0; NaN counts as none.
 */
export function filmSteps(
  steps: readonly number[],
  change: readonly number[],
  count: number,
  keep: readonly number[] = [],
): number[] {
  if (steps.length <= count) return [...steps];
  const weight = steps.map((_, i) => (Number.isFinite(change[i]) ? Math.max(0, change[i]) : 0));
  const sum = weight.reduce((a, b) => a + b, 0);
  const density = weight.map((w) => (sum > 0 ? w / sum : 0) + 1 / steps.length);
  const chosen = new Set([0, steps.length - 1, ...keep.map((step) => steps.indexOf(step)).filter((i) => i >= 0)]);
  const all = density.reduce((a, b) => a + b, 0);
  const free = count - chosen.size;
  let passed = 0;
  let next = 0.5;
  for (let i = 0; i < steps.length && next < free; i++) {
    passed += (density[i] / all) * free;
    if (passed < next || chosen.has(i)) continue;
    chosen.add(i);
    next += 1;
  }
  return [...chosen].sort((a, b) => a - b).map((i) => steps[i]);
}

/** The step of the picture's own run that is drawn as the reference; null for none, and for another run's. */
export const ownReference = ({ run, referenceAt }: Picture): number | null =>
  referenceAt?.run.run === run.run ? referenceAt.step : null;

export async function loadFilm(picture: Picture, signal: AbortSignal): Promise<Film> {
  const { run, tag } = picture;
  const kept = ownReference(picture);
  const drift = await getDrift(run.run, tag, "previous", signal);
  const all = stepsOf(run, tag);
  const change = all.map((step) => drift.shareShift.value[drift.steps.indexOf(step)] ?? Number.NaN);
  const steps = filmSteps(all, change, filmLength(picture), kept === null ? [] : [kept]);
  const read = await Promise.allSettled(steps.map((step) => getAttribution(run.run, tag, step, signal)));
  const failed = read.find((result) => result.status === "rejected");
  const frames = read.map((result) => (result.status === "fulfilled" ? result.value : undefined));
  // A frame that cannot be read is told where it is drawn large; the strip goes on without it.
  if (failed && (signal.aborted || frames.every((frame) => !frame))) throw failed.reason;
  return { steps: steps.filter((_, i) => frames[i]), frames: frames.filter((frame) => frame !== undefined) };
}

/** Where of the steps the one nearest to `step` stands, leaving aside the one to be kept. */
export function nearestBut(steps: readonly number[], step: number, kept: number | null): number {
  const far = (at: number) => (steps[at] === kept ? Number.POSITIVE_INFINITY : Math.abs(steps[at] - step));
  return steps.map((_, at) => at).reduce((best, at) => (far(at) < far(best) ? at : best), 0);
}

/** The film with the cursor's frame in place of the one nearest to it, unless it is there; the reference stays. */
export function withCursor(
  film: Film,
  step: number,
  frame: Attribution | undefined,
  referenceStep: number | null,
): Film {
  if (!frame || film.steps.includes(step)) return film;
  const replaced = nearestBut(film.steps, step, referenceStep);
  const pairs = film.steps.map((at, i): [number, Attribution] =>
    i === replaced ? [step, frame] : [at, film.frames[i]],
  );
  pairs.sort(([a], [b]) => a - b);
  return { steps: pairs.map(([at]) => at), frames: pairs.map(([, held]) => held) };
}

const wholePercent = (share: number): string => (Number.isFinite(share) ? minus(Math.round(100 * share)) : "–");

const line = (
  run: RunEntry,
  label: string,
  colour: string,
  focus: boolean,
  steps: readonly number[],
  values: number[],
): Line => ({
  run: run.run,
  label,
  colour,
  focus,
  epochs: placesAt(run, steps),
  values,
});

const NAME = 14;

/** A class's name where there is room for few letters: names that begin alike often end apart. */
export const shortened = (name: string): string =>
  name.length > NAME ? `${name.slice(0, NAME / 2)}…${name.slice(1 - NAME / 2)}` : name;

/** First and last place of a picture on the axis of epochs. */
function ends({ run, steps }: Picture): [number, number] {
  const epochs = placesAt(run, steps);
  return [epochs[0] ?? 0, epochs.at(-1) ?? 0];
}

/** Probability of the label and of the two likeliest others, or the regression's outputs, over the epochs. */
export async function loadPrediction(
  picture: Picture,
  index: number,
  dark: boolean,
  signal: AbortSignal,
): Promise<Panel | undefined> {
  const { run, manifest } = picture;
  const tag = findTag(run, "predictions");
  if (!tag) return undefined;
  const steps = filmSteps(stepsOf(run, tag), [], PREDICTION_STEPS);
  const all = await Promise.all(steps.map((step) => getPredictions(run.run, tag, step, signal)));
  const { ink } = paletteOf(dark);
  const range = ends(picture);
  if (isRegression(manifest)) {
    const values = all.map(({ output }) => (output ? sampleOf(output, index)[0] : Number.NaN));
    return {
      title: "Prediction",
      of: `sample ${index}`,
      unit: "",
      figure,
      tick,
      lines: [line(run, "output", ink, true, steps, values)],
      range,
      axis: false,
    };
  }
  const label = manifest.probe.targets[index] ?? -1;
  const probabilities = (wanted: number) =>
    all.map((predictions) => {
      if (wanted === label && predictions.targetProbability) return predictions.targetProbability.data[index];
      if (!predictions.class || !predictions.probability) return Number.NaN;
      const place = Array.from(sampleOf(predictions.class, index)).indexOf(wanted);
      return place < 0 ? 0 : sampleOf(predictions.probability, index)[place];
    });
  const best = new Map<number, number>();
  for (const { class: classes, probability } of all) {
    if (!classes || !probability) continue;
    const shares = sampleOf(probability, index);
    sampleOf(classes, index).forEach((found: number, place: number) => {
      best.set(found, Math.max(best.get(found) ?? 0, shares[place]));
    });
  }
  const others = [...best.keys()]
    .filter((found) => found !== label)
    .sort((a, b) => (best.get(b) ?? 0) - (best.get(a) ?? 0));
  const shown = [...(label >= 0 ? [label] : []), ...others.slice(0, manifest.outputs[0]?.task === "binary" ? 0 : 2)];
  const colours = [ink, "#e8710a", "#9334e6"];
  return {
    title: "Prediction",
    of: `sample ${index}`,
    unit: shown.length > 1 ? "probability, %" : `probability of ${shown.map((found) => className(manifest, found))}, %`,
    named: shown.length > 1,
    figure: wholePercent,
    tick: wholePercent,
    lines: shown.map((found, i) => {
      const name = className(manifest, found);
      const drawn = line(run, name, colours[i], i === 0, steps, probabilities(found));
      return shown.length > 1 ? { ...drawn, name: shortened(name) } : drawn;
    }),
    scale: { low: 0, high: 1 },
    range,
    axis: false,
  };
}

/** The sample's drift at the film's frames over the median and quartiles of all samples at every step. */
export async function loadDriftPanel(
  picture: Picture,
  index: number,
  film: Film | undefined,
  dark: boolean,
  signal: AbortSignal,
): Promise<Panel | undefined> {
  const { run, tag, referenceAt, reference } = picture;
  if (!referenceAt || !reference || !film) return undefined;
  const drift = await getDrift(run.run, tag, againstPlace(referenceAt, run), signal);
  const own = film.frames.map((frame) => sampleDrift(frame, reference, index));
  return {
    title: "Local drift",
    of: `sample ${index}`,
    unit: `1 − cos from ${shortPlace(referenceAt, run)}, grey: median of all`,
    figure: distance,
    tick,
    lines: [
      line(run, "this sample", runColour(run.index, dark), true, film.steps, own),
      {
        ...line(run, "median of all samples", paletteOf(dark).ink3, false, drift.steps, drift.localDrift.median),
        band: { lower: drift.localDrift.lower, upper: drift.localDrift.upper },
      },
    ],
    scale: { low: 0 },
    range: ends(picture),
    axis: true,
  };
}
