/** What the figures of the Model view show, as tables. */
import type { Manifest } from "../api";
import { type Table, tableOf } from "../downloads";
import { className, isRegression } from "../views/samples_model";
import { coordinate, samplesOf } from "./embedding_model";
import type { Boundary, Embeddings, Linear, Tree } from "./frames";
import type { FeatureName } from "./surrogate_names";

/** A row a step and sample. */
export function embeddingTable(all: Embeddings, manifest: Manifest): Table {
  const rows = all.steps.flatMap((step, at) =>
    Array.from({ length: samplesOf(all.at[at]) }, (_, sample) => ({ step, frame: all.at[at], sample })),
  );
  const { sample_names, targets } = manifest.probe;
  const label = (sample: number) =>
    targets[sample] === undefined
      ? null
      : isRegression(manifest)
        ? targets[sample]
        : className(manifest, targets[sample]);
  return tableOf(rows, {
    step: ({ step }) => step,
    sample: ({ sample }) => sample,
    name: ({ sample }) => sample_names[sample] ?? "",
    label: ({ sample }) => label(sample),
    axis_1: ({ frame, sample }) => coordinate(frame, sample, 0),
    axis_2: ({ frame, sample }) => coordinate(frame, sample, 1),
    axis_3: ({ frame, sample }) => coordinate(frame, sample, 2),
  });
}

/** A row a cell of the plane; columns are its middle and what the model says there. */
export function boundaryTable(
  { size, bounds, class: classes, probability, value, x, y }: Boundary,
  manifest: Manifest,
): Table {
  const [left, right, low, high] = bounds;
  const cells = Array.from({ length: size * size }, (_, cell) => cell);
  const across = (cell: number) => left + ((right - left) * ((cell % size) + 0.5)) / size;
  const up = (cell: number) => low + ((high - low) * (Math.floor(cell / size) + 0.5)) / size;
  const places = { [x]: across, [y]: up };
  if (value) return tableOf(cells, { ...places, value: (cell) => value[cell] });
  return tableOf(cells, {
    ...places,
    class: (cell) => (classes && classes[cell] >= 0 ? className(manifest, classes[cell]) : null),
    probability: (cell) => probability?.[cell] ?? Number.NaN,
  });
}

/** A row a node, as scikit-learn numbers them. */
export function treeTable(tree: Tree, names: readonly FeatureName[], className: (index: number) => string): Table {
  const nodes = Array.from(tree.feature, (_, node) => node);
  const known = (list: ArrayLike<number>) => (node: number) => (list[node] < 0 ? null : list[node]);
  const { class: classes } = tree;
  return tableOf(nodes, {
    node: (node) => node,
    feature: (node) => (tree.feature[node] < 0 ? null : (names[tree.feature[node]]?.name ?? tree.feature[node])),
    at_most: (node) => (tree.feature[node] < 0 ? null : tree.threshold[node]),
    left: known(tree.left),
    right: known(tree.right),
    value: (node) => tree.value[node],
    samples: (node) => tree.count[node],
    ...(classes ? { class: (node: number) => className(classes[node]) } : {}),
  });
}

/** A row a feature and class. */
export function linearTable(
  now: Linear,
  before: Linear | undefined,
  names: readonly FeatureName[],
  className: (index: number) => string,
): Table {
  const several = now.intercept.length > 1;
  const terms = Array.from(now.coefficient, (coefficient, at) => ({ coefficient, at, feature: at % now.features }));
  return tableOf(terms, {
    ...(several ? { class: ({ at }: (typeof terms)[number]) => className(Math.floor(at / now.features)) } : {}),
    feature: ({ feature }) => names[feature]?.name ?? `feature ${feature}`,
    coefficient: ({ coefficient }) => coefficient,
    reference: ({ at }) => before?.coefficient[at] ?? null,
    center: ({ feature }) => now.center[feature],
    scale: ({ feature }) => now.scale[feature],
  });
}
