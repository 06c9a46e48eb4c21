import { describe, expect, test } from "vitest";
import type { Series } from "../src/api";
import { featureNames } from "../src/views/feature_names";
import { regionsOf } from "../src/views/features_data";
import {
  comparedTables,
  featureColumn,
  featureRow,
  featureTable,
  rankColumns,
  rankShade,
  rowsOf,
  sameFeatures,
} from "../src/views/features_model";
import { remainder, searchFeatures, sortFeatures } from "../src/views/features_order";
import { beyondNoise, gapAt, gapText, trainingPanel } from "../src/views/training_gap";
import { input, manifest } from "./manifest";

/** A series of [3, F] a step, from importance rows; errors are a tenth, signed means the negative. */
const series = (steps: number[], rows: number[][]): Series => ({
  steps,
  wallTimes: steps,
  shape: [3, rows[0].length],
  at: (i) => Float64Array.from([...rows[i], ...rows[i].map((v) => v / 10), ...rows[i].map((v) => -v)]),
});

const inputs = [
  input({ name: "table", feature_names: ["age", "<b>blood</b>"], regions: [2], cells: [2] }),
  input({ name: "photo", kind: "image", regions: [1, 2], cells: [4, 8] }),
];
const described = manifest({ inputs });
const table = featureTable(
  "ig",
  [
    {
      input: "table",
      shape: [2],
      series: series(
        [-1, 0, 1],
        [
          [1, 1],
          [2, 4],
          [4, 0],
        ],
      ),
    },
    {
      input: "photo",
      shape: [1, 2],
      series: series(
        [-1, 0, 1],
        [
          [1, 1],
          [2, 2],
          [0, -3],
        ],
      ),
    },
  ],
  described,
);

describe("the table of features", () => {
  test("has the features of all inputs by name", () => {
    expect(table.names).toEqual(["age", "<b>blood</b>", "photo A1", "photo B1"]);
    expect(table.parts.map(({ offset }) => offset)).toEqual([0, 2]);
  });

  test("has shares that sum to one over all inputs, and never less than none", () => {
    expect(featureColumn(table, table.share, 0)).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(featureColumn(table, table.share, 1).map((v) => Math.round(v * 10))).toEqual([2, 4, 2, 2]);
    expect(featureColumn(table, table.share, 2)).toEqual([1, 0, 0, 0]);
    expect(featureColumn(table, table.standardError, 0).map((v) => Math.round(v * 1000))).toEqual([25, 25, 25, 25]);
    expect(Array.from(featureRow(table, table.signedMean, 1))).toEqual([-1, -4, -0]);
  });

  test("has ranks, equals sharing theirs", () => {
    expect(featureColumn(table, table.rank, 0)).toEqual([2.5, 2.5, 2.5, 2.5]);
    expect(featureColumn(table, table.rank, 1)).toEqual([3, 1, 3, 3]);
    expect(featureColumn(table, table.rank, -1).every(Number.isNaN)).toBe(true);
  });

  test("is held against permutation first, and against as many as have marks", () => {
    const row = { input: "table", shape: [2], series: series([0], [[1, 3]]) };
    const [chosen, ...others] = ["saliency", "lrp", "smooth_grad", "grad_cam", "permutation"].map((name) =>
      featureTable(name, [row], described),
    );
    const coarse = featureTable("coarse", [{ ...row, shape: [1], series: series([0], [[1]]) }], described);
    const compared = comparedTables([...others, coarse, chosen], chosen);
    expect(compared.map(({ method }) => method)).toEqual(["saliency", "permutation", "lrp", "smooth_grad"]);
  });

  test("has no shares where nothing has importance, or something has none that is finite", () => {
    const broken = featureTable(
      "ig",
      [
        {
          input: "table",
          shape: [2],
          series: series(
            [0, 1],
            [
              [Number.NaN, 3],
              [0, 0],
            ],
          ),
        },
      ],
      described,
    );
    expect(featureColumn(broken, broken.share, 0)).toEqual([Number.NaN, Number.NaN]);
    expect(featureColumn(broken, broken.rank, 0)).toEqual([Number.NaN, Number.NaN]);
    expect(featureColumn(broken, broken.share, 1)).toEqual([Number.NaN, Number.NaN]);
  });

  test("has only the steps that all its inputs have", () => {
    const parts = [
      {
        input: "table",
        shape: [2],
        series: series(
          [0, 1],
          [
            [1, 0],
            [1, 0],
          ],
        ),
      },
      {
        input: "photo",
        shape: [1, 2],
        series: series(
          [1, 2],
          [
            [1, 2],
            [1, 0],
          ],
        ),
      },
    ];
    const common = featureTable("ig", parts, described);
    expect(common.steps).toEqual([1]);
    expect(featureColumn(common, common.share, 0)).toEqual([0.25, 0, 0.25, 0.5]);
  });
});

describe("features are sorted", () => {
  test.each([
    ["share", 1, 0, [1, 0, 2, 3]],
    ["share", 2, 1, [0, 1, 2, 3]],
    ["change", 1, 0, [1, 0, 2, 3]],
    ["change", 0, 1, [1, 0, 2, 3]],
    ["rank", 2, 1, [0, 2, 3, 1]],
    ["rank", 1, 2, [1, 2, 3, 0]],
    ["name", 2, 1, [1, 0, 2, 3]],
  ] as const)("by %s at step %d against step %d", (sort, now, reference, expected) => {
    expect(sortFeatures(table, sort, now, reference)).toEqual(expected);
  });

  test("by when they were first seen holding more than an equal share", () => {
    expect(sortFeatures(table, "seen", 2, 0).slice(0, 2)).toEqual([1, 0]);
  });

  test("and found by name, whatever the case", () => {
    expect(searchFeatures(table, [3, 2, 1, 0], " PHOTO")).toEqual([3, 2]);
    expect(searchFeatures(table, [0, 1, 2, 3], "<B>")).toEqual([1]);
  });
});

describe("shares over training samples", () => {
  const [names, steps] = [{ input: "table", shape: [2] }, [-1, 1]];
  const probe = featureTable(
    "ig",
    [
      {
        ...names,
        series: series(steps, [
          [1, 1],
          [1, 3],
        ]),
      },
    ],
    described,
  );
  const training = featureTable("ig", [{ ...names, series: series([1], [[3, 1]]) }], described);

  test("are held against those over the probe, the errors of both added up", () => {
    const gap = gapAt(probe, training, 0, 1);
    expect(gap.training).toBe(0.75);
    expect(gap.gap).toBe(0.5);
    expect(gap.gapError).toBeCloseTo(Math.hypot(0.025, 0.075), 6);
    expect(beyondNoise(gap)).toBe(true);
    expect(beyondNoise({ ...gap, gapError: 0.26 })).toBe(false);
    expect(gapText(gap)).toBe("75.0 ± 15.0\u202f% over training samples: +50.0 ± 15.8 points");
  });

  test("have no gap at a step that lacks one of them", () => {
    expect(gapAt(probe, training, 0, -1).gap).toBeNaN();
    expect(gapAt(probe, training, 0, undefined).gap).toBeNaN();
    expect(beyondNoise(gapAt(probe, training, 0, -1))).toBe(false);
  });

  test("are drawn as curves, each with its band", () => {
    const { lines, help } = trainingPanel(probe, training, 1, false);
    expect(lines.map(({ name, dotted, epochs }) => [name, dotted, epochs])).toEqual([
      ["probe", false, [-1, 1]],
      ["training", true, [1]],
    ]);
    expect(lines[1].band?.upper[0]).toBeCloseTo(0.25 + 2 * 0.025, 6);
    expect(help?.mind).toContain("before the first batch");
  });

  test("sort features by how far they lie apart, whatever the sign", () => {
    expect(sortFeatures(table, "training", 1, 0, table, [0.1, 0, -0.3, 0.2])).toEqual([2, 3, 0, 1]);
    expect(sortFeatures(table, "training", 1, 0)).toEqual(sortFeatures(table, "share", 1, 0));
  });
});

test("what is left out is summed", () => {
  expect(remainder(table, [1, 2], 1)).toBeCloseTo(0.4, 6);
  expect(remainder(table, [0, 1, 2, 3], 1)).toBe(0);
});

test("rows of a heat map come in the order asked for", () => {
  expect(Array.from(rowsOf(table, table.share, [3, 0])).map((v) => Math.round(100 * v))).toEqual([
    25, 20, 0, 25, 20, 100,
  ]);
});

test("ranks are shaded from first to last", () => {
  expect(Array.from(rankShade(Float32Array.of(1, 3, 5, Number.NaN), 5))).toEqual([1, 0.5, 0, Number.NaN]);
  expect(Array.from(rankShade(Float32Array.of(1), 1))).toEqual([1]);
});

test("methods stand beside each other only where they name the same features", () => {
  const coarse = { ...table, parts: [table.parts[0], { ...table.parts[1], shape: [2, 1] }] };
  expect(sameFeatures(table, { ...table, method: "lrp" })).toBe(true);
  expect(sameFeatures(table, coarse)).toBe(false);
  expect(sameFeatures(table, { ...table, names: ["age"] })).toBe(false);
});

test("a method's own regions come before those of the input", () => {
  const methods = [
    {
      name: "permutation",
      signed: false,
      score: "loss",
      parameters: {},
      baseline_hash: "",
      regions: [{ input: "photo", shape: [1, 1] }],
      unit: "",
    },
  ];
  const source = manifest({ inputs, methods });
  expect(regionsOf(source, "permutation", "photo")).toEqual([1, 1]);
  expect(regionsOf(source, "permutation", "table")).toEqual([2]);
  expect(regionsOf(source, "unknown", "nowhere")).toEqual([]);
});

test("clusters of columns are called by the names that the run gave them", () => {
  const clusters = [
    { name: "radius + 1 correlated", columns: [0, 1] },
    { name: "age", columns: [2] },
  ];
  const method = { signed: true, score: "loss", parameters: {}, baseline_hash: "", unit: "" };
  const regions = [{ input: "table", shape: [2], clusters }];
  const source = manifest({ inputs, methods: [{ ...method, name: "permutation_clusters", regions }] });
  const together = featureTable(
    "permutation_clusters",
    [{ input: "table", shape: [2], series: series([0], [[3, 1]]) }],
    source,
  );
  expect(together.names).toEqual(["radius + 1 correlated", "age"]);
});

test("ranks are drawn at a few steps, the marked ones among them", () => {
  const steps = Array.from({ length: 61 }, (_, i) => i - 1);
  const columns = rankColumns(steps, 32, 20);
  expect(columns.length).toBeLessThanOrEqual(16);
  expect(columns).toEqual(expect.arrayContaining([0, 20, 32, 60]));
  expect(rankColumns([-1], 0, -1)).toEqual([0]);
});

describe("features are called", () => {
  test.each([
    ["columns by their names", input({ feature_names: ["a", "", "c"] }), [3], ["a", "1", "c"]],
    ["columns by number where names do not fit", input({ feature_names: ["a"] }), [2], ["feature 0", "feature 1"]],
    ["an image's cells as on a board", input({ kind: "image" }), [2, 2], ["A1", "B1", "A2", "B2"]],
    [
      "an input that is permuted as a whole",
      input({ name: "review", kind: "text", cells: [9] }),
      [1],
      ["all of review"],
    ],
    ["tokens by position", input({ kind: "text" }), [2], ["token 1", "token 2"]],
    ["times by number", input({ kind: "sequence" }), [2], ["time 1", "time 2"]],
    ["channels at times", input({ kind: "sequence", feature_names: ["i", "ii"] }), [1, 2], ["i at 1", "ii at 1"]],
  ])("%s", (_, described_, shape, names) => {
    expect(featureNames(described_, shape)).toEqual(names);
  });
});
