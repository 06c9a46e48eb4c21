import { describe, expect, test } from "vitest";
import type { Alarm, Series } from "../src/api";
import {
  alarmedFigure,
  alarmsUntil,
  branchesFrom,
  HEALTH,
  healthAt,
  healthCurve,
  layerSummary,
  neighbour,
  strip,
} from "../src/views/layers_model";
import { layer } from "./manifest";

const alarm = (kind: string, subject: string, step: number): Alarm => ({
  run: "a",
  kind,
  subject,
  step,
  text: kind,
  evidence: {},
});

describe("the strip", () => {
  const layers = [
    layer("in", { logged: false }),
    layer("a"),
    layer("b"),
    layer("p", { logged: false }),
    layer("q", { logged: false }),
    layer("c"),
  ];

  test("has a card a logged layer, and chips for those between", () => {
    const told = strip(layers).map((piece) =>
      "card" in piece ? piece.card.name : piece.chips.map(({ name }) => name),
    );
    expect(told).toEqual([["in"], "a", "b", ["p", "q"], "c"]);
  });

  test("of a model without layers is empty", () => {
    expect(strip([])).toEqual([]);
  });
});

test("a layer tells what it reads from only where that is not the one before", () => {
  const layers = [
    layer("a"),
    layer("b", { inbound: ["a"] }),
    layer("add", { inbound: ["a", "b"] }),
    layer("skip", { inbound: ["a"] }),
  ];
  expect(layers.map((one) => branchesFrom(layers, one))).toEqual([[], [], ["a", "b"], ["a"]]);
});

test("a layer is told by class, shape and activation", () => {
  expect(layerSummary(layer("a", { class_name: "Conv2D", output_shape: [24, -1, 8], activation: "relu" }))).toBe(
    "Conv2D, 24 × ? × 8, relu",
  );
  expect(layerSummary(layer("a", { output_shape: [] }))).toBe("Dense");
});

test("health is read by name, in the order it is logged", () => {
  const series: Series = {
    steps: [-1, 0],
    wallTimes: [0, 0],
    shape: [7],
    at: (i) => Float32Array.from({ length: 7 }, (_, k) => 10 * i + k),
  };
  expect(HEALTH.map((name) => healthAt(series, name, 1))).toEqual([10, 11, 12, 13, 14, 15, 16]);
  expect(healthCurve(series, "saturated")).toEqual([1, 11]);
  expect(healthAt(series, "dead", -1)).toBeNaN();
});

describe("a layer's alarms", () => {
  const alarms = [alarm("dead_layer", "a", 3), alarm("saturated_layer", "a", 9), alarm("dead_layer", "b", 1)];

  test("are those up to the cursor", () => {
    expect(alarmsUntil(alarms, "a", 5)).toEqual([alarms[0]]);
    expect(alarmsUntil(alarms, "a", null)).toEqual([]);
  });

  test("belong to the figure they are about", () => {
    expect(alarms.map(alarmedFigure)).toEqual(["dead", "saturated", "dead"]);
    expect(alarmedFigure(alarm("jump", "a", 1))).toBeUndefined();
  });
});

test("J and K stop at the ends", () => {
  const names = ["a", "b", "c"];
  expect([neighbour(names, "a", 1), neighbour(names, "c", 1), neighbour(names, "a", -1)]).toEqual(["b", "c", "a"]);
  expect(neighbour(names, "gone", 1)).toBe("a");
  expect(neighbour([], "a", 1)).toBe("");
});
