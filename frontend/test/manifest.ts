/** A manifest with what a test does not care about filled in. */
import type { Manifest, ManifestInput, ManifestLayer } from "../src/api";

export const input = (more: Partial<ManifestInput> = {}): ManifestInput => ({
  name: "x",
  kind: "tabular",
  shape: [3],
  dtype: "float32",
  feature_names: [],
  vocabulary: [],
  cells: [3],
  regions: [3],
  ...more,
});

export const layer = (name: string, more: Partial<ManifestLayer> = {}): ManifestLayer => ({
  name,
  class_name: "Dense",
  output_shape: [8],
  inbound: [],
  parameters: "0",
  activation: "",
  logged: true,
  ...more,
});

export const manifest = ({
  probe,
  ...more
}: Partial<Omit<Manifest, "probe">> & { probe?: Partial<Manifest["probe"]> } = {}): Manifest => ({
  inputs: [input()],
  outputs: [{ name: "y", task: "multiclass", units: 3, class_names: ["a", "b", "c"] }],
  probe: {
    size: 4,
    seed: 0,
    hash: "p1",
    sample_names: [],
    targets: [0, 1, 2, 0],
    inputs_logged: true,
    groups: [],
    ...probe,
  },
  methods: [],
  layers: [],
  versions: {},
  start_time: 0,
  step_unit: "epoch",
  model_name: "m",
  parameters: "0",
  budget: 0,
  watches: [],
  training_samples: 0,
  ...more,
});
