/** Frames that are pictures of one layer: where its heads look, what its channels see, what its units answer to. Layouts are in http_api.md. */
import type { SampleArray } from "./answers";
import { type Safetensors, SafetensorsError, type Tensor } from "./safetensors";

/** What the places of an axis of attention are. */
export interface Positions {
  kind: "tokens" | "patches" | "positions";
  /** Of patches; else 0. */
  rows: number;
  columns: number;
  /** So many neighbouring positions stand at one place; of patches along each side. */
  pooled: number;
}

export interface Attention {
  /** [samples, heads, queries, keys]; rows sum to 1. Rolled-out attention has one head. */
  weights: SampleArray;
  /** Which of the probe the samples are. */
  samples: readonly number[];
  /** That the keys are of; "" where it is not known. */
  input: string;
  queries: Positions;
  keys: Positions;
  /** Layers that were rolled out; none of a single layer's attention. */
  layers: readonly string[];
}

export interface ChannelMaps {
  /** [samples, rows, columns, channels]; of a sequence one row */
  maps: SampleArray;
  samples: readonly number[];
  /** Which of the layer's channels they are. */
  channels: readonly number[];
  input: string;
  /** How many channels the layer has. */
  units: number;
}

export interface Maximized {
  /** [units, …] an input: what each unit answers most strongly to. */
  values: Readonly<Record<string, SampleArray>>;
  /** [units]: the answer there. */
  activation: Tensor;
  /** [units]: the largest over the probe. */
  reference: Tensor;
  units: readonly number[];
  unit: "class" | "channel" | "unit";
  parameterization: string;
}

/** An array of so many axes. */
function tensorOf({ tensors }: Safetensors, name: string, axes: readonly number[]): Tensor {
  const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
  if (!tensor || !axes.includes(tensor.shape.length)) {
    const received = tensor ? `the shape [${tensor.shape.join(", ")}]` : `no such array, but ${Object.keys(tensors)}`;
    throw new SafetensorsError(
      "This picture cannot be read",
      `an array ${name} of ${axes.join(" or ")} axes`,
      received,
    );
  }
  return tensor;
}

const KINDS = ["tokens", "patches", "positions"] as const;

function positionsOf({ metadata }: Safetensors, axis: "queries" | "keys"): Positions {
  const pooled = Math.max(1, Number(metadata[axis === "keys" ? "pooled" : "pooled_queries"]) || 1);
  const kind = KINDS.find((known) => known === metadata[axis]) ?? "positions";
  if (kind !== "patches") return { kind, rows: 0, columns: 0, pooled };
  const [rows, columns] = [Number(metadata.rows), Number(metadata.columns)];
  return rows > 0 && columns > 0 ? { kind, rows, columns, pooled } : { kind: "positions", rows: 0, columns: 0, pooled };
}

function namesIn(text: string | undefined): string[] {
  try {
    const names: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(names) ? names.map(String) : [];
  } catch {
    return [];
  }
}

/** Of a layer, or rolled out over all: that has no axis of heads. */
export function toAttention(file: Safetensors): Attention {
  const weights = tensorOf(file, "weights", [3, 4]);
  const [samples, ...rest] = weights.shape;
  return {
    weights: { ...weights, shape: rest.length === 2 ? [samples, 1, ...rest] : weights.shape },
    samples: Array.from(tensorOf(file, "samples", [1]).data),
    input: file.metadata.input ?? "",
    queries: positionsOf(file, "queries"),
    keys: positionsOf(file, "keys"),
    layers: namesIn(file.metadata.layers),
  };
}

export function toMaps(file: Safetensors): ChannelMaps {
  const maps = tensorOf(file, "maps", [4]);
  return {
    maps: { ...maps, scale: Number(file.metadata.scale ?? 1) },
    samples: Array.from(tensorOf(file, "samples", [1]).data),
    channels: Array.from(tensorOf(file, "channels", [1]).data),
    input: file.metadata.input ?? "",
    units: Number(file.metadata.units) || maps.shape[3],
  };
}

export function toMaximized(file: Safetensors): Maximized {
  const values = Object.entries(file.tensors).filter(([name]) => name.startsWith("values:"));
  const { unit, parameterization = "" } = file.metadata;
  return {
    values: Object.fromEntries(values.map(([name, tensor]) => [name.slice("values:".length), tensor])),
    activation: tensorOf(file, "activation", [1]),
    reference: tensorOf(file, "reference", [1]),
    units: Array.from(tensorOf(file, "units", [1]).data),
    unit: unit === "class" || unit === "channel" ? unit : "unit",
    parameterization,
  };
}
