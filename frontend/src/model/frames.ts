/** What the frames of the model as a whole hold (http_api.md): embedding, boundary, surrogates; from their files to the tab. */
import { RouteError } from "../answers";
import { needed } from "../parsing";
import type { Numbers, Safetensors, Tensor } from "../safetensors";

/** The probe in a layer's space at one step, seen from the side that all steps are seen from. */
export interface Embedding {
  /** [N, axes], sample by sample; NaN where activations were not finite. */
  points: Numbers;
  axes: number;
}

/** The probe in a layer's space over the run. */
export interface Embeddings {
  steps: number[];
  /** One a step. */
  at: Embedding[];
  /** Each axis' part of the variance, one list a step. */
  explained: number[][];
  layer: string;
  /** How many the layer has. */
  units: number;
}

/** A plane through the inputs, and what the model says on it: [size, size], the first row at the lowest y. */
export interface Boundary {
  size: number;
  /** The likeliest class of each cell and its probability; undefined for a regression. */
  class: Numbers | undefined;
  probability: Numbers | undefined;
  /** The output of a regression, or the probability of one label of many. */
  value: Numbers | undefined;
  /** Of `value`. */
  unit: string;
  /** x from, to, y from, to. */
  bounds: readonly [number, number, number, number];
  /** [N, 2], where the probe lies on it. */
  points: Numbers;
  /** What it is spanned by: two features, or the first two principal components. */
  plane: string;
  x: string;
  y: string;
  /** Both components' parts of the variance; none of features. */
  explained: number[];
}

/** Of a text: ids of the tokens that features stand for, with their words; "" where nobody knows one. */
export type Tokens = Readonly<Record<string, readonly (readonly [id: number, word: string])[]>>;

interface Surrogate {
  score: string;
  unit: string;
  /** Index of the class or label whose score it explains; "" for all of them, and where there is nothing to choose. */
  target: string;
  tokens: Tokens;
}

/** A decision tree, the root first; −1 for no feature and no child. */
export interface Tree extends Surrogate {
  feature: Numbers;
  threshold: Numbers;
  left: Numbers;
  right: Numbers;
  /** Mean score or, where there are classes, the mean probability of the likeliest. */
  value: Numbers;
  count: Numbers;
  /** Deviation of the split's feature over the samples; undefined where it was not logged. */
  spread: Numbers | undefined;
  /** The likeliest class; undefined where one score is explained. */
  class: Numbers | undefined;
}

/** A linear model of the standardized features. */
export interface Linear extends Surrogate {
  /** [classes, features]; one class where one score is explained. */
  coefficient: Numbers;
  features: number;
  intercept: Numbers;
  /** Mean and deviation that each feature was standardized by. */
  center: Numbers;
  scale: Numbers;
}

const described = ({ dtype, shape }: Tensor): string => `${dtype} [${shape.join(", ")}]`;

/** An error that panels can show unless the array is as long as it has to be. */
function long(file: Safetensors, name: string, length: number): Numbers {
  const tensor = needed(file, name);
  if (tensor.data.length === length) return tensor.data;
  throw new RouteError(`Array ${name} cannot be used`, `${length} numbers`, described(tensor));
}

function numbersIn(text: string | undefined): number[] {
  try {
    const found: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(found) ? found.map(Number) : [];
  } catch {
    return [];
  }
}

export function toEmbeddings(file: Safetensors): Embeddings {
  const { shape, data } = needed(file, "points");
  const [count, samples, axes] = shape;
  const size = samples * axes;
  const explained = needed(file, "explained").data;
  return {
    steps: Array.from(needed(file, "steps").data),
    at: Array.from({ length: count }, (_, i) => ({ points: data.subarray(i * size, (i + 1) * size), axes })),
    explained: Array.from({ length: count }, (_, i) => Array.from(explained.subarray(i * axes, (i + 1) * axes))),
    layer: file.metadata.layer ?? "",
    units: Number(file.metadata.units ?? Number.NaN),
  };
}

export function toBoundary(file: Safetensors): Boundary {
  const { tensors, metadata } = file;
  const grid = needed(file, tensors.value ? "value" : "class");
  const [size] = grid.shape;
  const cells = size * size;
  const [left, right, low, high] = long(file, "bounds", 4);
  return {
    size,
    class: tensors.value ? undefined : long(file, "class", cells),
    probability: tensors.value ? undefined : long(file, "probability", cells),
    value: tensors.value && long(file, "value", cells),
    unit: metadata.unit ?? "",
    bounds: [left, right, low, high],
    points: needed(file, "points").data,
    plane: metadata.plane ?? "",
    x: metadata.x ?? "x",
    y: metadata.y ?? "y",
    explained: numbersIn(metadata.explained),
  };
}

function surrogateOf({ metadata }: Safetensors): Surrogate {
  const { score = "", unit = "", target = "", tokens = "{}" } = metadata;
  return { score, unit, target, tokens: JSON.parse(tokens) };
}

export function toTree(file: Safetensors): Tree {
  const feature = needed(file, "feature").data;
  const same = (name: string) => long(file, name, feature.length);
  const optional = (name: string) => (file.tensors[name] ? same(name) : undefined);
  return {
    ...surrogateOf(file),
    feature,
    threshold: same("threshold"),
    left: same("left"),
    right: same("right"),
    value: same("value"),
    count: same("count"),
    spread: optional("spread"),
    class: optional("class"),
  };
}

export function toLinear(file: Safetensors): Linear {
  const { data, shape } = needed(file, "coefficient");
  const features = shape[shape.length - 1];
  return {
    ...surrogateOf(file),
    coefficient: data,
    features,
    intercept: needed(file, "intercept").data,
    center: long(file, "center", features),
    scale: long(file, "scale", features),
  };
}
