import { describe, expect, test } from "vitest";
import { toBoundary, toEmbeddings, toLinear, toTree } from "../src/model/frames";
import type { Numbers, Safetensors } from "../src/safetensors";

const floats = (...values: number[]) => Float32Array.from(values);
const whole = (...values: number[]) => Int32Array.from(values);

function file(arrays: Record<string, [Numbers, ...number[]]>, metadata: Record<string, string> = {}): Safetensors {
  const tensors = Object.entries(arrays).map(([name, [data, ...shape]]) => [name, { dtype: "F32", shape, data }]);
  return { tensors: Object.fromEntries(tensors), metadata };
}

describe("embeddings", () => {
  test("are cut into steps, with each axis' part of the variance", () => {
    const all = toEmbeddings(
      file(
        {
          steps: [whole(-1, 4), 2],
          points: [floats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 2, 2, 3],
          explained: [floats(0.5, 0.25, 0.125, 0.75, 0.125, 0), 2, 3],
        },
        { layer: "hidden", units: "16" },
      ),
    );
    expect(all.steps).toEqual([-1, 4]);
    expect([all.layer, all.units]).toEqual(["hidden", 16]);
    expect(all.at.map(({ points, axes }) => [[...points], axes])).toEqual([
      [[1, 2, 3, 4, 5, 6], 3],
      [[7, 8, 9, 10, 11, 12], 3],
    ]);
    expect(all.explained).toEqual([
      [0.5, 0.25, 0.125],
      [0.75, 0.125, 0],
    ]);
  });

  test("without points name what is missing", () => {
    expect(() => toEmbeddings(file({ steps: [whole(0), 1] }))).toThrow("An array is missing");
  });
});

describe("a boundary", () => {
  const grid = {
    bounds: [floats(-1, 1, 0, 5), 4],
    points: [floats(0, 1), 1, 2],
  } as const satisfies Record<string, [Numbers, ...number[]]>;

  test("has classes with probabilities, or values", () => {
    const classes = toBoundary(
      file(
        { ...grid, class: [whole(0, 1, 1, 0), 2, 2], probability: [floats(0.6, 0.7, 0.8, 0.9), 2, 2] },
        { plane: "components", x: "a", y: "b", explained: "[0.5, 0.25]" },
      ),
    );
    expect([classes.size, classes.x, classes.y, classes.plane]).toEqual([2, "a", "b", "components"]);
    expect(classes.bounds).toEqual([-1, 1, 0, 5]);
    expect(classes.explained).toEqual([0.5, 0.25]);
    expect(classes.value).toBeUndefined();
    const values = toBoundary(file({ ...grid, value: [floats(1, 2, 3, 4), 2, 2] }, { unit: "of output" }));
    expect([...(values.value ?? [])]).toEqual([1, 2, 3, 4]);
    expect([values.class, values.unit]).toEqual([undefined, "of output"]);
  });

  test("whose probabilities do not fit its classes is an error that says so", () => {
    const broken = file({ ...grid, class: [whole(0, 1, 1, 0), 2, 2], probability: [floats(0.6), 1, 1] });
    expect(() => toBoundary(broken)).toThrow("Array probability cannot be used");
  });
});

describe("surrogates", () => {
  const nodes = {
    feature: [whole(3, -1, -1), 3],
    threshold: [floats(0.5, 0, 0), 3],
    left: [whole(1, -1, -1), 3],
    right: [whole(2, -1, -1), 3],
    value: [floats(0, -1, 1), 3],
    count: [whole(10, 4, 6), 3],
  } as const satisfies Record<string, [Numbers, ...number[]]>;

  test("a tree may lack classes and deviations, and says what it explains", () => {
    const tree = toTree(file(nodes, { score: "log_odds", unit: "nats", target: "b", tokens: '{"x": [[4, "good"]]}' }));
    expect([tree.class, tree.spread]).toEqual([undefined, undefined]);
    expect([tree.score, tree.unit, tree.target]).toEqual(["log_odds", "nats", "b"]);
    expect(tree.tokens).toEqual({ x: [[4, "good"]] });
    expect(toTree(file({ ...nodes, class: [whole(0, 0, 1), 3] })).class).toHaveLength(3);
  });

  test("a tree whose arrays differ in length is an error", () => {
    expect(() => toTree(file({ ...nodes, count: [whole(10), 1] }))).toThrow("Array count cannot be used");
  });

  test("a line has a row of coefficients a class", () => {
    const line = toLinear(
      file({
        coefficient: [floats(1, 2, 3, 4, 5, 6), 2, 3],
        intercept: [floats(0.5, -0.5), 2],
        center: [floats(0, 0, 0), 3],
        scale: [floats(1, 1, 1), 3],
      }),
    );
    expect([line.features, [...line.intercept]]).toEqual([3, [0.5, -0.5]]);
    expect(() =>
      toLinear(
        file({
          coefficient: [floats(1, 2), 1, 2],
          intercept: [floats(0), 1],
          center: [floats(0), 1],
          scale: [floats(1), 1],
        }),
      ),
    ).toThrow("Array center cannot be used");
  });
});
