/** What units answer most strongly to, over the epochs: names, frames of the filmstrip, and tables as deviations from the probe. */
import { getMaximized, type Inputs, type Manifest, type ManifestInput, type SampleArray } from "../api";
import { type Table, tableOf } from "../downloads";
import { figure } from "../format";
import type { Maximized } from "../layer_frames";
import type { RunEntry } from "../state";
import { placesAt } from "../steps";
import { stepsOf } from "../tags";
import { featureNames } from "./feature_names";
import type { Held } from "./layers_frames";
import { filmSteps } from "./samples_film";
import { className, sampleOf } from "./samples_model";

/** Frames of a filmstrip. */
export const FILM_FRAMES = 14;

/** The frames of one tag at some of its steps, in order. */
export interface UnitFilm {
  steps: readonly number[];
  frames: readonly Maximized[];
}

/** "cat" of the model's classes, else "channel 5", "unit 5". */
export const unitName = ({ unit, units }: Maximized, at: number, manifest: Manifest): string =>
  unit === "class" ? className(manifest, units[at]) : `${unit} ${units[at]}`;

/** Frames spread over the run, the first and the last among them; one that cannot be read is left out. */
export async function loadFilm(run: RunEntry, tag: string, signal: AbortSignal): Promise<UnitFilm> {
  const steps = filmSteps(stepsOf(run, tag), [], FILM_FRAMES);
  const read = await Promise.allSettled(steps.map((step) => getMaximized(run.run, tag, step, signal)));
  const failed = read.find(({ status }) => status === "rejected");
  const frames = read.map((result) => (result.status === "fulfilled" ? result.value : undefined));
  if (failed?.status === "rejected" && (signal.aborted || frames.every((frame) => !frame))) throw failed.reason;
  return { steps: steps.filter((_, i) => frames[i]), frames: frames.filter((frame) => frame !== undefined) };
}

/** The film with a frame in place of the one nearest to it, unless it has that step: the first stays, being where all began. */
export function filmWith(
  { steps, frames }: UnitFilm,
  { step, frame }: Pick<Held<Maximized>, "step" | "frame">,
): UnitFilm {
  if (steps.includes(step)) return { steps, frames };
  let replaced = -1;
  for (let at = 1; at < steps.length; at++) {
    if (replaced < 0 || Math.abs(steps[at] - step) < Math.abs(steps[replaced] - step)) replaced = at;
  }
  const kept = steps.map((own, at) => ({ step: own, frame: frames[at] })).filter((_, at) => at !== replaced);
  const all = [...kept, { step, frame }].sort((a, b) => a.step - b.step);
  return { steps: all.map((one) => one.step), frames: all.map((one) => one.frame) };
}

/** The place of a frame's unit in another frame; −1 where that lacks it. */
export const unitIn = (other: Maximized | undefined, unit: number): number => other?.units.indexOf(unit) ?? -1;

/** "reaches 12.3: 1.8 × the probe’s largest, 6.8" */
export function reachedText({ activation, reference }: Maximized, at: number): string {
  const [reached, probe] = [activation.data[at], reference.data[at]];
  if (!Number.isFinite(reached)) return "not finite";
  const times = reached > 0 && probe > 0 ? `${figure(reached / probe)}\u202f× ` : "";
  return `reaches ${figure(reached)}: ${times}the probe\u2019s largest${times ? ", " : " is "}${figure(probe)}`;
}

/** A grey image as one of three channels, so that neither end of its brightness is taken for ink; one of three as it is. */
export function asColours(data: ArrayLike<number>, [height, width, channels = 1]: readonly number[]) {
  if (channels === 3) return { data, height, width, channels };
  return {
    data: Uint8Array.from({ length: 3 * height * width }, (_, i) => data[Math.floor(i / 3)]),
    height,
    width,
    channels: 3,
  };
}

/** Mean and standard deviation of each feature over the probe; undefined where its samples were not logged. */
export function spreadOver(inputs: Inputs | undefined, input: ManifestInput, features: number) {
  const array = inputs?.[input.name];
  if (input.kind !== "tabular" || !array || array.shape[1] !== features) return undefined;
  const samples = array.shape[0];
  return Array.from({ length: features }, (_, feature) => {
    const column = Array.from({ length: samples }, (_, i) => array.data[i * features + feature]);
    const mean = column.reduce((sum, value) => sum + value, 0) / samples;
    const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / samples;
    return { mean, deviation: Math.sqrt(variance) };
  });
}

export type Spread = ReturnType<typeof spreadOver>;

/** A unit's values in deviations from the probe's mean, a feature that does not vary as 0; as they are without a spread. */
export function deviations(values: ArrayLike<number>, spread: Spread): Float32Array {
  if (!spread) return Float32Array.from(values);
  return Float32Array.from(values, (value, i) =>
    spread[i].deviation > 0 ? (value - spread[i].mean) / spread[i].deviation : 0 * value,
  );
}

/** Whether a unit's values are vectors of an embedding, one a token. */
export const isEmbedded = (input: ManifestInput, { shape }: SampleArray): boolean =>
  input.kind === "text" && shape.length === 3;

/** Of what is no image: a unit's values; of a text's embedding the length of each token's vector. */
export function unitValues(input: ManifestInput, array: SampleArray, at: number): ArrayLike<number> {
  const values = sampleOf(array, at);
  if (!isEmbedded(input, array)) return values;
  const [, tokens, size] = array.shape;
  return Float32Array.from({ length: tokens }, (_, token) =>
    Math.hypot(...values.subarray(token * size, (token + 1) * size)),
  );
}

/** Names of `unitValues`. */
export function valueNames(input: ManifestInput, array: SampleArray): string[] {
  const own = isEmbedded(input, array) ? array.shape.slice(1, 2) : array.shape.slice(1);
  if (own.length > 2) return Array.from({ length: own.reduce((a, b) => a * b, 1) }, (_, i) => String(i));
  return featureNames(input, own);
}

interface UnitRow {
  frame: Maximized;
  /** The unit's place in the frame. */
  at: number;
  place: number;
  input: string;
  feature: string | null;
  value: number | null;
}

/** A row a unit and epoch; of what is no image a row a feature, too. */
export function unitsTable(film: UnitFilm, run: RunEntry, manifest: Manifest): Table {
  const places = placesAt(run, film.steps);
  const rows = film.frames.flatMap((frame, i) =>
    frame.units.flatMap((_, at) =>
      Object.entries(frame.values).flatMap(([name, array]): UnitRow[] => {
        const input = manifest.inputs.find((one) => one.name === name);
        const told = { frame, at, place: places[i], input: name };
        if (!input || input.kind === "image") return [{ ...told, feature: null, value: null }];
        const names = valueNames(input, array);
        return Array.from(unitValues(input, array, at), (value, j) => ({ ...told, feature: names[j], value }));
      }),
    ),
  );
  return tableOf(rows, {
    unit: ({ frame, at }) => unitName(frame, at, manifest),
    epoch: ({ place }) => place,
    activation: ({ frame, at }) => frame.activation.data[at],
    largest_over_probe: ({ frame, at }) => frame.reference.data[at],
    input: ({ input }) => input,
    feature: ({ feature }) => feature,
    value: ({ value }) => value,
  });
}
