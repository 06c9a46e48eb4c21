/** From the JSON and the safetensors files of the routes to the types of answers.ts. */
import {
  type Attribution,
  type ByGroup,
  type Comparison,
  type Curve,
  type Drift,
  type DriftMatrix,
  type Estimates,
  type FiguresOfSamples,
  type Inputs,
  type Predictions,
  RouteError,
  type Series,
} from "./answers";
import type { Safetensors, Tensor } from "./safetensors";

/** JSON has no NaN: TensorBoard writes it as a string, and null stands for no value. */
const numbers = (list: (number | string | null)[]): number[] => list.map((x) => (x === null ? Number.NaN : Number(x)));

/** The array of that name; an error that panels can show where there is none. */
export function needed({ tensors }: Safetensors, name: string): Tensor {
  if (Object.hasOwn(tensors, name)) return tensors[name];
  throw new RouteError("An array is missing", name, Object.keys(tensors).join(", ") || "no arrays");
}

/** What a file of several tags has of one of them. Throws what the route says of a tag that cannot be read. */
export function partOf({ tensors, metadata }: Safetensors, tag: string): Safetensors {
  const failed = metadata[`error:${tag}`];
  if (failed) {
    const { what, expected, received } = JSON.parse(failed);
    throw new RouteError(what, expected, received);
  }
  const names = ["steps", "wall_times", "values"].filter((name) => Object.hasOwn(tensors, `${name}:${tag}`));
  return { tensors: Object.fromEntries(names.map((name) => [name, tensors[`${name}:${tag}`]])), metadata: {} };
}

export function toSeries(file: Safetensors): Series {
  const values = needed(file, "values");
  const shape = values.shape.slice(1);
  const size = shape.reduce((a, b) => a * b, 1);
  const data = values.data as Float32Array | Float64Array;
  return {
    steps: Array.from(needed(file, "steps").data),
    wallTimes: Array.from(needed(file, "wall_times").data),
    shape,
    at: (index) => data.subarray(index * size, (index + 1) * size),
  };
}

export const toMatrix = (file: Safetensors): DriftMatrix => ({
  steps: Array.from(needed(file, "steps").data),
  againstSteps: Array.from(needed(file, "against_steps").data),
  similarity: needed(file, "similarity").data as Float32Array,
  phases: file.metadata.phases === undefined ? null : JSON.parse(file.metadata.phases),
  phasesAbsent: file.metadata.phases_absent ?? "",
});

/** The arrays called `<prefix>:<input>`, by input. */
function byInput(prefix: string, { tensors }: Safetensors): Inputs {
  const found = Object.entries(tensors).filter(([name]) => name.startsWith(`${prefix}:`));
  return Object.fromEntries(found.map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]));
}

export const toInputs = (file: Safetensors): Inputs => byInput("input", file);

export const toPredictions = ({ tensors }: Safetensors): Predictions => ({
  class: tensors.class,
  probability: tensors.probability,
  targetProbability: tensors.target_probability,
  output: tensors.output,
  loss: tensors.loss,
});

export function toAttribution(file: Safetensors): Attribution {
  const values = byInput("values", file);
  for (const [input, tensor] of Object.entries(values)) {
    values[input] = { ...tensor, scale: Number(file.metadata[`scale:${input}`] ?? 1) };
  }
  const { score, baseline_score: baselineScore, completeness_error: completenessError, fit } = file.tensors;
  return { values, score, baselineScore, completenessError, fit };
}

// biome-ignore-start lint/suspicious/noExplicitAny: JSON as the route wrote it
export const toCurves = (answer: any): Curve[] =>
  answer.curves.map((curve: any) => ({
    ...curve,
    epochs: numbers(curve.epochs),
    values: numbers(curve.values),
  }));

export const toDrift = (answer: any): Drift => ({
  steps: answer.steps,
  referenceSteps: answer.reference_steps,
  samples: answer.samples,
  localDrift: {
    median: numbers(answer.local_drift.median),
    lower: numbers(answer.local_drift.lower),
    upper: numbers(answer.local_drift.upper),
  },
  shareShift: {
    value: numbers(answer.share_shift.value),
    standardError: numbers(answer.share_shift.standard_error),
    lower: numbers(answer.share_shift.lower),
    upper: numbers(answer.share_shift.upper),
    noise: numbers(answer.share_shift.noise),
  },
  rankCorrelation: numbers(answer.rank_correlation),
  topOverlap: {
    value: numbers(answer.top_overlap.value),
    k: answer.top_overlap.k,
    byChance: Number(answer.top_overlap.by_chance),
  },
  effectiveFeatures: numbers(answer.effective_features),
  totalAttribution: {
    value: numbers(answer.total_attribution.value),
    standardError: numbers(answer.total_attribution.standard_error),
  },
  completenessP50: numbers(answer.completeness_p50),
  completenessP95: numbers(answer.completeness_p95),
});

export const toComparison = (answer: any): Comparison => ({
  step: answer.step,
  referenceRun: answer.reference_run,
  referenceStep: answer.reference_step,
  shareShift: {
    value: Number(answer.share_shift.value),
    standardError: Number(answer.share_shift.standard_error),
    noise: Number(answer.share_shift.noise),
  },
  siblings: answer.siblings,
  drift: numbers(answer.samples.drift),
  inputs: Object.fromEntries(
    Object.entries<any>(answer.inputs).map(([name, input]) => [
      name,
      {
        regions: input.regions,
        share: numbers(input.share),
        standardError: numbers(input.standard_error),
        referenceShare: numbers(input.reference_share),
        referenceStandardError: numbers(input.reference_standard_error),
        changeStandardError: numbers(input.change_standard_error),
        seedCenter: input.seed_center && numbers(input.seed_center),
        seedSpread: input.seed_spread && numbers(input.seed_spread),
        z: input.z && numbers(input.z),
      },
    ]),
  ),
});

const toEstimates = (answer: any): Estimates => ({
  value: numbers(answer.value),
  standardError: numbers(answer.standard_error),
});

const toFiguresOfSamples = (answer: any): FiguresOfSamples => ({
  samples: answer.samples,
  loss: toEstimates(answer.loss),
  accuracy: toEstimates(answer.accuracy),
  localDrift: {
    median: numbers(answer.local_drift.median),
    lower: numbers(answer.local_drift.lower),
    upper: numbers(answer.local_drift.upper),
  },
  shareGap: { ...toEstimates(answer.share_gap), byChance: numbers(answer.share_gap.by_chance) },
  shares: answer.shares.map(toEstimates),
});

export const toByGroup = (answer: any): ByGroup => ({
  steps: answer.steps,
  referenceSteps: answer.reference_steps,
  fewest: answer.fewest,
  regions: answer.regions,
  all: toFiguresOfSamples(answer.all),
  groups: answer.groups.map((group: any) => ({ name: group.name, ...toFiguresOfSamples(group) })),
  groupsLeftOut: answer.groups_left_out,
});
// biome-ignore-end lint/suspicious/noExplicitAny: JSON as the route wrote it
