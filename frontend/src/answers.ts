/** What the routes of http_api.md answer, as the tab holds it. */
import type { Tensor } from "./safetensors";

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

// ---------------------------------------------------------------------------------- /groups

export interface TagInfo {
  kind: "frame" | "series";
  /** Index into the run's `step_lists`; absent of series at whose steps alone the cursor does not stop. */
  steps?: number;
  /** Its last step, if there is no list. */
  last?: number;
}

export interface Run {
  /** TensorBoard's run name, what routes take as `run`. */
  run: string;
  /** Hash of the manifest; "" while it has not been read. */
  manifest: string;
  start_time: number;
  /** Hash of the probe; runs with equal hashes explain the same samples. */
  probe: string;
  /** What steps count. */
  step_unit: "epoch" | "iteration";
  step_lists: number[][];
  /** Places of iterations on the axis of epochs, list by list; empty where steps are epochs. */
  epoch_lists: (number | string)[][];
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
  /** `clusters`: what each region is where columns are taken together; empty where regions are a grid. */
  regions: { input: string; shape: number[]; clusters?: { name: string; columns: number[] }[] }[];
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

/** Cells whose share of the attribution has a curve of its own. */
export interface ManifestWatch {
  name: string;
  input: string;
  cells: number[];
  /** Their part of |x − baseline|; "NaN" where the method has no baseline. */
  contrast: number | string;
  /** What their share is to stay under, and over; "NaN" for no such limit. */
  at_most: number | string;
  at_least: number | string;
  /** Whether an alarm tells where their share grows. */
  protected?: boolean;
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
  watches: ManifestWatch[];
  /** Of the second probe, from the training set; 0 means there is none. */
  training_samples: number;
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

/** An array with the sample axis first: sample i is `data.subarray(i * stride, (i + 1) * stride)`, times `scale` where there is one. */
export interface SampleArray extends Tensor {
  scale?: number;
}

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
  /** [N, cells…] an input, as it was logged; `sampleOf` gives them in the method's unit. */
  values: Record<string, SampleArray>;
  score?: SampleArray;
  baselineScore?: SampleArray;
  completenessError?: SampleArray;
  /** R² of each sample's local model, of methods that fit one. */
  fit?: SampleArray;
}

// ------------------------------------------------------------------------------- JSON routes

export interface Curve {
  name: string;
  split: "training" | "validation";
  run: string;
  steps: number[];
  /** Places of the steps on the axis of epochs. */
  epochs: number[];
  values: number[];
}

/** An overlap of the first places with the reference's, and what two random orders would have. */
export interface Overlap {
  value: number[];
  byChance: number;
}

/** Everything per step of the run; NaN where there is no reference. */
export interface Drift {
  steps: number[];
  referenceSteps: (number | null)[];
  samples: number;
  localDrift: { median: number[]; lower: number[]; upper: number[] };
  /** `lower` … `upper` holds what 90 % of other probes would have; `noise` is what it would stay under if only the choice of samples moved it. */
  shareShift: { value: number[]; standardError: number[]; lower: number[]; upper: number[]; noise: number[] };
  /** Spearman's ρ of the regions' shares. */
  rankCorrelation: number[];
  /** Of the first `k` regions. */
  topOverlap: Overlap & { k: number };
  effectiveFeatures: number[];
  /** Mean over samples of Σ|a|, in the score's unit. */
  totalAttribution: { value: number[]; standardError: number[] };
  completenessP50: number[];
  /** 95th percentile over samples of |Σ values − (F(x) − F(x′))| / Σ|values|; NaN where the method has no such error. */
  completenessP95: number[];
}

export interface DriftMatrix {
  steps: number[];
  againstSteps: number[];
  /** [S, R] mean cosine. */
  similarity: Float32Array;
  /** Steps at which a new phase of the run begins; null where nobody looked. */
  phases: number[] | null;
  /** Why nobody looked; "" otherwise. */
  phasesAbsent: string;
}

export interface CompareInput {
  regions: number[];
  share: number[];
  standardError: number[];
  referenceShare: number[];
  referenceStandardError: number[];
  /** Of `share` − `referenceShare`: both sides explain the same samples, so it is paired. NaN for one sample. */
  changeStandardError: number[];
  /** Where shares of sibling runs lie and how far they scatter, and how many spreads `share` lies from there; undefined with too few siblings. */
  seedCenter?: number[];
  seedSpread?: number[];
  z?: number[];
}

export interface Comparison {
  step: number;
  referenceRun: string;
  referenceStep: number;
  /** ½ Σ|change of share|, its standard error, and what it would stay under if only the samples differed. */
  shareShift: { value: number; standardError: number; noise: number };
  /** Runs equal but for the seed; none unless another run is the reference. */
  siblings: string[];
  /** 1 − cosine a sample [N]. */
  drift: number[];
  inputs: Record<string, CompareInput>;
}

/** A figure with its standard error over samples. */
export interface Estimates {
  value: number[];
  standardError: number[];
}

/** What is said of some samples, everything per step; NaN of fewer samples than `ByGroup.fewest`. */
export interface FiguresOfSamples {
  samples: number;
  loss: Estimates;
  /** Part of the samples whose likeliest class is the target's; NaN of a regression. */
  accuracy: Estimates;
  localDrift: { median: number[]; lower: number[]; upper: number[] };
  /** How far shares lie from those of all other samples; `byChance` is what two draws of the same samples would have on average. */
  shareGap: Estimates & { byChance: number[] };
  /** Of each of `ByGroup.regions`. */
  shares: Estimates[];
}

/** Figures of each group of samples that the probe declares. */
export interface ByGroup {
  steps: number[];
  referenceSteps: (number | null)[];
  fewest: number;
  /** The largest in any group at the last step; `region` is a place among the input's, row by row. */
  regions: { input: string; region: number }[];
  all: FiguresOfSamples;
  /** The largest first. */
  groups: (FiguresOfSamples & { name: string })[];
  /** How many further groups there are. */
  groupsLeftOut: number;
}

export interface Alarm {
  run: string;
  step: number;
  kind: string;
  subject: string;
  text: string;
  /** Figures, and lists of them: cells by their places, other subjects by their names, and the cells of each of those. */
  evidence: Readonly<
    Record<string, number | string | readonly number[] | readonly string[] | readonly (readonly number[])[] | undefined>
  >;
}

/** `start`, `previous`, `trailing:<k>`, `last`, `step:<n>`, `best:<metric>`, `run:<name>[@<n>]`. */
export type Against = string;
