import { describe, expect, test } from "vitest";
import type { Series } from "../src/api";
import { fidelityPanel, fidelityWarning } from "../src/model/fidelity";
import type { Tree } from "../src/model/frames";
import { splitText, splitWords, surrogateNames } from "../src/model/surrogate_names";
import { classChip, valueColours, valueScale, valueText } from "../src/model/surrogate_scale";
import { treeTable } from "../src/model/tables";
import { treeChanges } from "../src/model/tree_difference";
import { layOut } from "../src/model/tree_layout";
import { changeText, ruleText, wasText } from "../src/model/tree_words";
import type { RunEntry } from "../src/state";
import { tagged } from "./log";
import { input, manifest } from "./manifest";

type Node = [feature: number, threshold: number, left: Node, right: Node] | [value: number, count: number];

/** A tree as scikit-learn numbers it: parents first, the left child before the right. */
function grow(root: Node, more: Partial<Tree> = {}): Tree {
  const rows: number[][] = [];
  const add = (node: Node): number => {
    const at = rows.length;
    rows.push([]);
    if (node.length === 2) rows[at] = [-1, 0, -1, -1, node[0], node[1]];
    else {
      const [left, right] = [add(node[2]), add(node[3])];
      rows[at] = [node[0], node[1], left, right, 0, rows[left][5] + rows[right][5]];
    }
    return at;
  };
  add(root);
  const column = (i: number) => Float32Array.from(rows, (row) => row[i]);
  const [feature, threshold, left, right, value, count] = [0, 1, 2, 3, 4, 5].map(column);
  const about = { score: "log_odds", unit: "nats", target: "", tokens: {} };
  return { ...about, feature, threshold, left, right, value, count, spread: undefined, class: undefined, ...more };
}

const a: Node = [-2, 30];
const b: Node = [1, 50];
const c: Node = [3, 20];
const NAMES = surrogateNames(manifest({ inputs: [input({ feature_names: ["age", "mass", "height"] })] }), {});
const className = (index: number) => ["cat", "dog"][index] ?? "?";

describe("two trees", () => {
  const before = grow([0, 40, a, [1, 0.5, b, c]]);

  test("that are alike have no changes", () => {
    expect(treeChanges(before, before)).toEqual([]);
  });

  test("with another feature at the root say nothing of what is below", () => {
    const changes = treeChanges(grow([2, 40, [1, 9, a, b], c]), before);
    expect(changes).toEqual([{ path: "", node: 0, before: 0, kind: "feature" }]);
  });

  test("with a threshold that moved are told so, and compared below", () => {
    const now = grow([0, 60, a, [1, 0.5, b, [2, 1, b, c]]]);
    expect(treeChanges(now, before).map(({ path, kind }) => [path, kind])).toEqual([
      ["", "threshold"],
      ["RR", "grown"],
    ]);
  });

  test("with a threshold that moved by little are alike: by a tenth of the feature's deviation, else of its own size", () => {
    const spread = Float32Array.of(1, 0, 0);
    const at = (threshold: number) => grow([0, threshold, a, b], { spread });
    expect(treeChanges(at(100.05), at(100))).toEqual([]);
    expect(treeChanges(at(100.2), at(100))).toHaveLength(1);
    expect(treeChanges(grow([0, 100.2, a, b]), grow([0, 100, a, b]))).toEqual([]);
    expect(treeChanges(grow([0, 130, a, b]), grow([0, 100, a, b]))).toHaveLength(1);
  });

  test("one of which was cut, or says another class, are told so", () => {
    const cut = treeChanges(grow([0, 40, a, b]), before);
    expect(cut).toEqual([{ path: "R", node: 2, before: 2, kind: "cut" }]);
    const says = (...classes: number[]) => grow([0, 40, a, b], { class: Int32Array.from(classes) });
    expect(treeChanges(says(0, 0, 1), says(0, 0, 0)).map(({ path, kind }) => [path, kind])).toEqual([["R", "class"]]);
  });

  test("say in words what was", () => {
    const now = grow([0, 60, [2, 1.75, a, c], [1, 0.5, b, c]]);
    const told = treeChanges(now, before).map((change) => changeText(change, now, before, NAMES, className));
    expect(told).toEqual(["the root: age ≤ 60, was ≤ 40", "left: height ≤ 1.75, was a leaf"]);
    const other = grow([2, 1.75, a, b]);
    expect(treeChanges(other, before).map((change) => wasText(change, before, NAMES, className))).toEqual([
      "was age ≤ 40",
    ]);
    const short = grow([0, 40, a, b]);
    expect(treeChanges(short, before).map((change) => changeText(change, short, before, NAMES, className))).toEqual([
      "right: a leaf now, was mass ≤ .5",
    ]);
  });
});

describe("a tree", () => {
  const tree = grow([0, 40, a, [1, 0.5, b, c]]);

  test("stands with its leaves side by side and each split above the middle of its children", () => {
    const places = layOut(tree).map(({ path, x, depth, leaves, share, leaf }) => [path, x, depth, leaves, share, leaf]);
    expect(places).toEqual([
      ["", 1.25, 0, 3, 1, false],
      ["L", 0.5, 1, 1, 0.3, true],
      ["R", 2, 1, 2, 0.7, false],
      ["RL", 1.5, 2, 1, 0.5, true],
      ["RR", 2.5, 2, 1, 0.2, true],
    ]);
  });

  test("that was logged in a circle ends", () => {
    const circle = { ...tree, left: Int32Array.of(0, -1, 0, -1, -1), right: Int32Array.of(1, -1, 1, -1, -1) };
    expect(layOut(circle).length).toBeLessThan(60);
  });

  test("has a rule for each leaf", () => {
    const leaves = layOut(tree).filter(({ leaf }) => leaf);
    expect(leaves.map((leaf) => ruleText(tree, leaf, NAMES))).toEqual([
      "age ≤ 40",
      "not age ≤ 40 and mass ≤ .5",
      "not age ≤ 40 and not mass ≤ .5",
    ]);
    expect(ruleText(grow([1, 9]), layOut(grow([1, 9]))[0], NAMES)).toBe("always");
  });

  test("is a table as it was logged", () => {
    const { columns, rows } = treeTable(tree, NAMES, className);
    expect(columns).toEqual(["node", "feature", "at_most", "left", "right", "value", "samples"]);
    expect(rows[0].slice(0, 5)).toEqual([0, "age", 40, 1, 2]);
    expect(rows[1].slice(0, 6)).toEqual([1, null, null, null, null, -2]);
  });

  test("writes thresholds with three figures that count", () => {
    const at = (threshold: number) => splitText(grow([1, threshold, a, b]), 0, NAMES);
    expect([0.30000001, 880.4999, 0.25, -1.5, 123456].map(at)).toEqual([
      "mass ≤ .3",
      "mass ≤ 880",
      "mass ≤ .25",
      "mass ≤ −1.5",
      "mass ≤ 123k",
    ]);
  });
});

describe("features", () => {
  test("of an image are its regions, of a text its tokens, of several inputs with their names", () => {
    const image = input({ name: "picture", kind: "image", shape: [8, 8, 1], cells: [8, 8], regions: [2, 2] });
    const text = input({ name: "review", kind: "text", shape: [5], cells: [5], regions: [5] });
    const names = surrogateNames(
      { inputs: [image, text] },
      {
        review: [
          [7, "good"],
          [9, ""],
        ],
      },
    );
    expect(names.map(({ name }) => name)).toEqual([
      "picture A1",
      "picture B1",
      "picture A2",
      "picture B2",
      "“good”",
      "token 9",
    ]);
    const split = grow([4, 0.5, a, b]);
    expect(splitWords(split, 0, names)).toEqual({ name: "“good”", rule: "is absent" });
    expect(splitText(grow([17, 0.5, a, b]), 0, names)).toBe("feature 17 ≤ .5");
  });
});

describe("values", () => {
  test("of scores lie about zero, of probabilities from 0 to 1, of a regression from the least to the most", () => {
    const tree = grow([0, 1, [-4, 1], [1, 1]]);
    expect(valueScale(manifest(), [tree])).toEqual({ signed: true, low: -4, high: 4 });
    expect(valueScale(manifest(), [{ ...tree, score: "probability" }])).toEqual({ signed: false, low: 0, high: 1 });
    const prices = manifest({ outputs: [{ name: "y", task: "regression", units: 1, class_names: [] }] });
    expect(valueScale(prices, [tree])).toEqual({ signed: false, low: -4, high: 1 });
  });

  test("are written on what can be read, and hatched where they are not finite", () => {
    const scale = { signed: true, low: -4, high: 4 };
    expect(valueColours(4, scale, "light")?.background).not.toBe(valueColours(-4, scale, "light")?.background);
    expect(valueColours(Number.NaN, scale, "light")).toBeUndefined();
    expect(classChip(0, Number.NaN, "light")).toBeUndefined();
    expect(classChip(0, 1, "light")?.background).not.toBe(classChip(0, 0.2, "light")?.background);
    expect([
      valueText(1.5, scale, false),
      valueText(-12.34, scale, false),
      valueText(Number.NaN, scale, false),
    ]).toEqual(["+1.50", "−12.3", "not finite"]);
    expect(valueText(0.5, scale, true)).toBe("50\u202f%");
  });
});

describe("fidelity", () => {
  const series = (values: [number, number][]): Series => ({
    steps: values.map((_, i) => 3 * i - 1),
    wallTimes: [],
    shape: [2],
    at: (i) => Float64Array.from(values[i]),
  });
  const run: RunEntry = { ...tagged("a/explain", [-1, 2]), group: "a", label: "a", index: 1 };
  const known = {
    tree: series([
      [0.3, 0.05],
      [0.8, 0.01],
    ]),
    linear: series([
      [-0.2, 0.1],
      [0.4, 0.02],
    ]),
  };

  test("has a band of two standard errors about each surrogate", () => {
    const { lines, scale } = fidelityPanel(run, known, [-1, 2], false);
    expect(lines.map(({ label }) => label)).toEqual(["tree", "linear"]);
    expect(lines[0].band?.lower[0]).toBeCloseTo(0.2);
    expect(lines[0].band?.upper[1]).toBeCloseTo(0.82);
    expect(scale).toEqual({ low: -0.2, high: 1 });
  });

  test("under a half is said at the cursor, as of the last step that was measured", () => {
    expect(fidelityWarning(run, known, 1)).toBe(
      "The tree speaks for little of the model: R² .30. The line says no more of the model than its mean would. " +
        "What such a surrogate says is no reason of the model’s.",
    );
    expect(fidelityWarning(run, { tree: known.tree }, 2)).toBe("");
    expect(fidelityWarning(run, {}, 2)).toBe("");
  });
});
