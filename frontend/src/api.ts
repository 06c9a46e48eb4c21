/**
 * All HTTP of the tab: one typed function a route of http_api.md.
 *
 * Answers are kept: a frame never changes once it is logged, everything else until `forget()`
 * is called because `/groups` told of new data. Equal requests under way are sent once; a request
 * is aborted when nobody waits for it any more.
 */
import { Cache } from "./cache";
import { parseSafetensors, type Safetensors, type Tensor } from "./safetensors";

// ---------------------------------------------------------------------------------- /groups

export interface TagInfo {
  kind: "frame" | "series";
  /** Index into the run's `step_lists`. */
  steps: number;
}

export interface Run {
  /** TensorBoard's run name, what routes take as `run`. */
  run: string;
  /** Hash of the manifest; "" while it has not been read. */
  manifest: string;
  start_time: number;
  /** Hash of the probe; runs with equal hashes explain the same samples. */
  probe: string;
  step_lists: number[][];
  tags: Record<string, TagInfo>;
}

export interface Group {
  /** The `log_dir` of the callbacks; "" when it is TensorBoard's own. */
  name: string;
  runs: Run[];
}

export interface Groups {
  logdir: string;
  groups: Group[];
  skipped: { run: string; reason: string }[];
}

// -------------------------------------------------------------------------------- /manifest

export type InputKind = "tabular" | "image" | "text" | "sequence";
export type Task = "multiclass" | "binary" | "multilabel" | "regression";

export interface ManifestInput {
  name: string;
  kind: InputKind;
  shape: number[];
  dtype: string;
  feature_names: string[];
  vocabulary: string[];
  /** Shape of one sample's attribution: [F], [H, W] or [T]. */
  cells: number[];
  /** Shape of the input's global importance: [F], [rows, columns] or [T]. */
  regions: number[];
}

export interface ManifestOutput {
  name: string;
  task: Task;
  units: number;
  class_names: string[];
}

export interface ManifestMethod {
  name: string;
  /** Whether zero is the middle of its scale. */
  signed: boolean;
  score: string;
  parameters: Record<string, string>;
  baseline_hash: string;
  regions: { input: string; shape: number[] }[];
  unit: string;
}

export interface ManifestLayer {
  name: string;
  class_name: string;
  output_shape: number[];
  inbound: string[];
  parameters: string;
  activation: string;
  logged: boolean;
}

export interface Manifest {
  inputs: ManifestInput[];
  outputs: ManifestOutput[];
  probe: {
    size: number;
    seed: number;
    hash: string;
    sample_names: string[];
    targets: number[];
    inputs_logged: boolean;
    groups: string[];
  };
  methods: ManifestMethod[];
  layers: ManifestLayer[];
  versions: Record<string, string>;
  start_time: number;
  step_unit: string;
  model_name: string;
  parameters: string;
  budget: number;
}

// ------------------------------------------------------------------------ series and frames

/** A small array a step. `at(i)` is the array of `steps[i]`, flattened in C order. */
export interface Series {
  steps: number[];
  /** Seconds since 1970. */
  wallTimes: number[];
  /** Shape of one step's array; [] for scalars. */
  shape: number[];
  at(index: number): Float32Array | Float64Array;
}

/** An array with the sample axis first: `data.subarray(i * stride, (i + 1) * stride)` is sample i. */
export type SampleArray = Tensor;

/** What the samples look like, an array [N, …] an input. */
export type Inputs = Record<string, SampleArray>;

export interface Predictions {
  /** [N, K], likeliest first; absent for regression. */
  class?: SampleArray;
  probability?: SampleArray;
  targetProbability?: SampleArray;
  /** [N, U]; regression only. */
  output?: SampleArray;
  loss?: SampleArray;
}

export interface Attribution {
  /** [N, cells…] an input, in the method's unit (scales applied). */
  values: Record<string, SampleArray>;
  score?: SampleArray;
  baselineScore?: SampleArray;
  completenessError?: SampleArray;
}

// ------------------------------------------------------------------------------- JSON routes

export interface Curve {
  name: string;
  split: "training" | "validation";
  run: string;
  steps: number[];
  values: number[];
}

/** Everything per step of the run; NaN where there is no reference. */
export interface Drift {
  steps: number[];
  referenceSteps: (number | null)[];
  samples: number;
  localDrift: { median: number[]; lower: number[]; upper: number[] };
  shareShift: { value: number[]; standardError: number[] };
  effectiveFeatures: number[];
  /** 95th percentile over samples of |Σ values − (F(x) − F(x′))| / Σ|values|. */
  completenessP95: number[];
}

export interface DriftMatrix {
  steps: number[];
  againstSteps: number[];
  /** [S, R] mean cosine. */
  similarity: Float32Array;
}

export interface CompareInput {
  regions: number[];
  share: number[];
  standardError: number[];
  referenceShare: number[];
  referenceStandardError: number[];
}

export interface Comparison {
  step: number;
  referenceRun: string;
  referenceStep: number;
  /** 1 − cosine a sample [N]. */
  drift: number[];
  inputs: Record<string, CompareInput>;
}

export interface Alarm {
  run: string;
  step: number;
  kind: string;
  subject: string;
  text: string;
  evidence: Record<string, number>;
}

/** `start`, `previous`, `trailing:<k>`, `last`, `step:<n>`, `best:<metric>`, `run:<name>[@<n>]`. */
export type Against = string;

// ------------------------------------------------------------------------------- the routes

/** What a route, or the way to it, said went wrong. */
export class RouteError extends Error {
  constructor(
    readonly what: string,
    readonly expected = "",
    readonly received = "",
    readonly status = 0,
  ) {
    super(what);
  }
}

export async function getGroups(signal?: AbortSignal): Promise<Groups> {
  // Never from the cache: this is the question whether there is anything new.
  return (await send(address("groups", {}), signal ?? null)).json();
}

export const getManifest = (run: string, signal?: AbortSignal): Promise<Manifest> =>
  ask("manifest", { run }, json as Parse<Manifest>, signal);

export const getSeries = (run: string, tag: string, signal?: AbortSignal): Promise<Series> =>
  ask("series", { run, tag }, arrays(toSeries), signal);

export const getScalars = (group: string, signal?: AbortSignal): Promise<Curve[]> =>
  ask("scalars", { group }, async (response) => toCurves(await response.json()), signal);

export const getDrift = (run: string, tag: string, against: Against, signal?: AbortSignal): Promise<Drift> =>
  ask("drift", { run, tag, against }, async (response) => toDrift(await response.json()), signal);

export const getDriftMatrix = (run: string, tag: string, againstRun = "", signal?: AbortSignal): Promise<DriftMatrix> =>
  ask("drift_matrix", againstRun ? { run, tag, against_run: againstRun } : { run, tag }, arrays(toMatrix), signal);

export const getComparison = (
  run: string,
  tag: string,
  step: number,
  against: Against,
  signal?: AbortSignal,
): Promise<Comparison> =>
  ask(
    "compare",
    { run, tag, step: String(step), against },
    async (response) => toComparison(await response.json()),
    signal,
  );

export const getAlarms = (group: string, signal?: AbortSignal): Promise<Alarm[]> =>
  ask("alarms", { group }, async (response) => (await response.json()).alarms, signal);

export const getInputs = (run: string, tag: string, step: number, signal?: AbortSignal) =>
  frame(run, tag, step, toInputs, signal);

export const getPredictions = (run: string, tag: string, step: number, signal?: AbortSignal) =>
  frame(run, tag, step, toPredictions, signal);

export const getAttribution = (run: string, tag: string, step: number, signal?: AbortSignal) =>
  frame(run, tag, step, toAttribution, signal);

/** The attribution of a step if it is in memory: what dragging the cursor draws from. */
export function peekAttribution(run: string, tag: string, step: number): Attribution | undefined {
  return cache.peek(frameAddress(run, tag, step)) as Attribution | undefined;
}

/** Drop every answer that new data may have changed; `frames` too when a run was restarted. */
export function forget({ frames = false } = {}): void {
  cache.forget(frames);
}

// --------------------------------------------------------------------- from bytes to answers

const FRAME_BYTES = 192 * 2 ** 20;
const cache = new Cache(FRAME_BYTES);

type Parse<T> = (response: Response) => Promise<T>;
const json = (response: Response): Promise<unknown> => response.json();
const arrays =
  <T>(convert: (file: Safetensors) => T): Parse<T> =>
  async (response) =>
    convert(parseSafetensors(await response.arrayBuffer()));

// index.js lies beside the routes, whatever --path_prefix is. Kept in a variable: Vite takes a
// `new URL(…, import.meta.url)` for a file to bundle.
const here = import.meta.url;

function address(route: string, parameters: Record<string, string>): string {
  const url = new URL(`./${route}`, here);
  url.search = new URLSearchParams(parameters).toString();
  return url.href;
}

const frameAddress = (run: string, tag: string, step: number): string =>
  address("frame", { run, tag, step: String(step) });

function frame<T>(
  run: string,
  tag: string,
  step: number,
  convert: (file: Safetensors) => T,
  signal?: AbortSignal,
): Promise<T> {
  const url = frameAddress(run, tag, step);
  return cache.get(url, signal, async (abort) => {
    const buffer = await (await send(url, abort)).arrayBuffer();
    // Converting F16 doubles what is kept.
    return { value: convert(parseSafetensors(buffer)), bytes: 2 * buffer.byteLength, fixed: true };
  });
}

function ask<T>(route: string, parameters: Record<string, string>, parse: Parse<T>, signal?: AbortSignal): Promise<T> {
  const url = address(route, parameters);
  return cache.get(url, signal, async (abort) => {
    const response = await send(url, abort);
    const bytes = Number(response.headers.get("Content-Length")) || 10_000;
    return { value: await parse(response), bytes, fixed: false };
  });
}

async function send(url: string, signal: AbortSignal | null): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RouteError("TensorBoard does not answer", "a running TensorBoard at this page's address", String(error));
  }
  if (response.ok) return response;
  throw await toError(response);
}

async function toError(response: Response): Promise<RouteError> {
  const text = await response.text();
  try {
    const { what, expected, received } = JSON.parse(text).error;
    return new RouteError(what, expected, received, response.status);
  } catch {
    const received = `${response.status} ${response.statusText} ${text.slice(0, 200)}`.trim();
    return new RouteError("TensorBoard refused a request", "status 200", received, response.status);
  }
}

/** JSON has no NaN: TensorBoard writes it as a string, and null stands for no value. */
const numbers = (list: (number | string | null)[]): number[] => list.map((x) => (x === null ? Number.NaN : Number(x)));

/** The array of that name; an error that panels can show where there is none. */
function needed({ tensors }: Safetensors, name: string): Tensor {
  if (Object.hasOwn(tensors, name)) return tensors[name];
  throw new RouteError("An array is missing", name, Object.keys(tensors).join(", ") || "no arrays");
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

const toMatrix = (file: Safetensors): DriftMatrix => ({
  steps: Array.from(needed(file, "steps").data),
  againstSteps: Array.from(needed(file, "against_steps").data),
  similarity: needed(file, "similarity").data as Float32Array,
});

/** The arrays called `<prefix>:<input>`, by input. */
function byInput(prefix: string, { tensors }: Safetensors): Inputs {
  const found = Object.entries(tensors).filter(([name]) => name.startsWith(`${prefix}:`));
  return Object.fromEntries(found.map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]));
}

const toInputs = (file: Safetensors): Inputs => byInput("input", file);

const toPredictions = ({ tensors }: Safetensors): Predictions => ({
  class: tensors.class,
  probability: tensors.probability,
  targetProbability: tensors.target_probability,
  output: tensors.output,
  loss: tensors.loss,
});

export function toAttribution(file: Safetensors): Attribution {
  const values = byInput("values", file);
  for (const [input, tensor] of Object.entries(values)) {
    const scale = Number(file.metadata[`scale:${input}`] ?? 1);
    if (scale !== 1) tensor.data = Float32Array.from(tensor.data, (x) => x * scale);
  }
  const { score, baseline_score: baselineScore, completeness_error: completenessError } = file.tensors;
  return { values, score, baselineScore, completenessError };
}

// biome-ignore-start lint/suspicious/noExplicitAny: JSON as the route wrote it
const toCurves = (answer: any): Curve[] =>
  answer.curves.map((curve: any) => ({ ...curve, values: numbers(curve.values) }));

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
  },
  effectiveFeatures: numbers(answer.effective_features),
  completenessP95: numbers(answer.completeness_p95),
});

const toComparison = (answer: any): Comparison => ({
  step: answer.step,
  referenceRun: answer.reference_run,
  referenceStep: answer.reference_step,
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
      },
    ]),
  ),
});
// biome-ignore-end lint/suspicious/noExplicitAny: JSON as the route wrote it
