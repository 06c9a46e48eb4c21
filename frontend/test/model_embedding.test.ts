import { describe, expect, test } from "vitest";
import {
  broken,
  centresOf,
  extentOf,
  farthestFirst,
  movedBy,
  pathBetween,
  planesOf,
  projectionOf,
  spreadOf,
} from "../src/model/embedding_model";
import { drawEmbedding } from "../src/model/embedding_picture";
import type { Embedding } from "../src/model/frames";
import { standsFor } from "../src/model/live_frames";
import { classesIn, looksOf, rangeOf, valueColour } from "../src/model/looks";
import { drawPoints, placeNames, sampleNear } from "../src/model/scatter";
import { manifest } from "./manifest";
import { palette, recordingPen } from "./pen";

const cloud = (points: number[], axes = 2): Embedding => ({ points: Float32Array.from(points), axes });
const box = { left: 0, top: 0, width: 100, height: 100 };

describe("axes", () => {
  test("reach over all steps, past what is not finite", () => {
    const extent = extentOf([cloud([0, 1, Number.NaN, 5]), cloud([-3, Number.POSITIVE_INFINITY, 2, 4])]);
    expect(extent).toEqual({ low: [-3, 1], high: [2, 5] });
    expect(extentOf([cloud([Number.NaN, Number.NaN])])).toEqual({ low: [-1, -1], high: [1, 1] });
  });

  test("have one scale, upwards is upwards, and all is in the box", () => {
    const { x, y, stretched } = projectionOf({ low: [0, 0], high: [10, 10] }, [0, 1], box);
    expect([x(0), x(10), y(0), y(10)]).toEqual([0, 100, 100, 0]);
    expect(stretched.by).toBe(1);
  });

  test("of a flat cloud the flat one is enlarged, but no more than threefold", () => {
    const flat = projectionOf({ low: [0, 0], high: [10, 5] }, [0, 1], box);
    expect(flat.stretched).toEqual({ axis: 1, by: 2 });
    expect([flat.y(0), flat.y(5)]).toEqual([100, 0]);
    const line = projectionOf({ low: [0, -0.5], high: [100, 0.5] }, [0, 1], box);
    expect(line.stretched).toEqual({ axis: 1, by: 3 });
    expect(line.y(-0.5) - line.y(0.5)).toBeCloseTo(3);
  });

  test("of a cloud as wide as high have one scale in a box of any shape", () => {
    const { x, y, stretched } = projectionOf({ low: [0, 0], high: [10, 10] }, [0, 1], { ...box, width: 400 });
    expect([x(0), x(10), y(0), y(10)]).toEqual([150, 250, 100, 0]);
    expect(stretched.by).toBe(1);
  });

  test("can be chosen among three, not among fewer", () => {
    expect(planesOf(3)).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    expect(planesOf(2)).toEqual([[0, 1]]);
    expect(planesOf(1)).toEqual([[0, 1]]);
  });
});

describe("movement", () => {
  // Four corners of a square of side 2: each is √2 from the middle.
  const square = cloud([1, 1, 1, -1, -1, 1, -1, -1]);

  test("is the distance in spreads of the cloud", () => {
    expect(spreadOf(square)).toBeCloseTo(Math.SQRT2);
    const moved = movedBy(square, cloud([1, 1, 1, -1, -1, 1, 2, 3]));
    expect([...moved.slice(0, 3)]).toEqual([0, 0, 0]);
    expect(moved[3]).toBeCloseTo(5 / Math.SQRT2);
  });

  test("is not known without a reference, or of other samples", () => {
    expect([...movedBy(square, undefined)].every(Number.isNaN)).toBe(true);
    expect([...movedBy(square, cloud([0, 0]))].every(Number.isNaN)).toBe(true);
    expect([...movedBy(cloud([1, 1]), cloud([0, 0]))].every(Number.isNaN)).toBe(true); // one sample has no spread
  });

  test("sorts the farthest first, what did not move before what is not known", () => {
    expect(farthestFirst(Float64Array.of(0, Number.NaN, 2, 1, 2))).toEqual([2, 4, 3, 0, 1]);
  });
});

describe("a trail", () => {
  const all = (count: number) => ({
    steps: Array.from({ length: count }, (_, i) => i),
    at: Array.from({ length: count }, (_, i) => cloud([i, i])),
    explained: [],
    layer: "",
    units: 2,
  });
  const places = (path: readonly Embedding[]) => path.map(({ points }) => points[0]);

  test("leads from the reference to now, whichever is later", () => {
    expect(places(pathBetween(all(5), 1, 3))).toEqual([1, 2, 3]);
    expect(places(pathBetween(all(5), 3, 1))).toEqual([3, 2, 1]);
    expect(places(pathBetween(all(5), -1, 3))).toEqual([3]);
    expect(places(pathBetween(all(5), 2, 2))).toEqual([2]);
  });

  test("of hundreds of steps has few corners, with both ends", () => {
    const path = places(pathBetween(all(300), 10, 290));
    expect([path[0], path.at(-1)]).toEqual([10, 290]);
    expect(path.length).toBeLessThan(45);
  });
});

describe("classes", () => {
  test("have their centres at the mean of what is finite", () => {
    const centres = centresOf(cloud([0, 0, 2, 4, Number.NaN, 1, 9, 9]), [1, 1, 1, 0], [0, 1]);
    expect(centres).toEqual([
      { class: 1, count: 2, x: 1, y: 2, spread: 2 },
      { class: 0, count: 1, x: 9, y: 9, spread: 0 },
    ]);
    expect(broken(cloud([0, 0, Number.NaN, 1]))).toBe(1);
  });

  test("are those of the labels; what the model says otherwise is wrong", () => {
    const predictions = {
      class: { dtype: "I32", shape: [4, 1], data: Int32Array.of(0, 2, 2, 1) },
      probability: { dtype: "F32", shape: [4, 1], data: Float32Array.of(0.9, 0.8, 0.7, 0.6) },
    };
    const looks = looksOf(manifest(), 4, predictions, "light");
    expect(looks.classes).toEqual([0, 1, 2, 0]);
    expect(looks.wrong).toEqual([false, true, false, true]);
    expect(classesIn(looks)).toEqual([0, 1, 2]);
    expect(looksOf(manifest(), 4, undefined, "light").wrong).toEqual([false, false, false, false]);
  });

  test("a regression has none: its labels are shades from the least to the greatest", () => {
    const prices = manifest({
      outputs: [{ name: "y", task: "regression", units: 1, class_names: [] }],
      probe: { targets: [10, 30, Number.NaN] },
    });
    const looks = looksOf(prices, 3, undefined, "light");
    expect(looks.values).toEqual([10, 30]);
    expect(looks.classes).toEqual([-1, -1, -1]);
    expect(looks.colours[1]).toBe(valueColour(1, [0, 1], "light"));
    expect(new Set(looks.colours).size).toBe(3);
    expect(rangeOf([[Number.NaN], []])).toEqual([0, 1]);
  });
});

describe("the picture", () => {
  const looks = { classes: [0, 1], colours: ["blue", "red"], wrong: [true, false], values: undefined };
  const options = { palette, looks, only: null, chosen: null, hovered: null };

  test("rings what is wrong, over what is right", () => {
    const { pen, lines } = recordingPen();
    drawPoints(
      pen,
      [
        { x: 10, y: 10 },
        { x: 30, y: 10 },
      ],
      options,
    );
    expect(lines.filter((line) => line.startsWith("fillStyle"))).toEqual(["fillStyle = red", "fillStyle = blue"]);
    expect(lines.filter((line) => line === "strokeStyle = alarm")).toHaveLength(1);
  });

  test("leaves out what is not finite, and fades other classes", () => {
    const { pen, lines } = recordingPen();
    drawPoints(
      pen,
      [
        { x: Number.NaN, y: 1 },
        { x: 30, y: 10 },
      ],
      { ...options, only: 0 },
    );
    expect(lines.filter((line) => line.startsWith("fillStyle"))).toEqual(["fillStyle = red"]);
    expect(lines).toContain("globalAlpha = 0.2");
  });

  test("draws a trail through all frames, none to a point that is not finite", () => {
    const path = [cloud([0, 0, 0, 0]), cloud([1, 1, 1, 1]), cloud([2, 2, Number.NaN, 2])];
    const pen = recordingPen();
    const measuring = new Proxy(pen.pen, {
      get: (target, name) => (name === "measureText" ? () => ({ width: 10 }) : Reflect.get(target, name)),
    });
    drawEmbedding(measuring as Parameters<typeof drawEmbedding>[0], path[2], path, {
      ...options,
      width: 132,
      height: 132,
      extent: extentOf(path),
      plane: [0, 1],
      trailed: [0, 1],
      className: (index) => `class ${index}`,
    });
    const trail = pen.lines.slice(pen.lines.indexOf("strokeStyle = blue"));
    expect(trail.slice(2, 6)).toEqual(["beginPath", "moveTo 16 116", "lineTo 66 66", "lineTo 116 16"]);
    expect(pen.lines).not.toContain("strokeStyle = red");
    expect(pen.lines.filter((line) => line.startsWith("fillText"))).toEqual(["fillText class 0 111 18"]); // above it there is no room
  });

  test("finds the sample under the pointer, and none where none is near", () => {
    const points = [
      { x: 10, y: 10 },
      { x: 20, y: 10 },
      { x: Number.NaN, y: 10 },
    ];
    expect(sampleNear(points, 16, 11)).toBe(1);
    expect(sampleNear(points, 60, 60)).toBeNull();
  });

  test("writes names beside one another, and none that has no room", () => {
    const names = ["first", "second", "third", "fourth", "fifth", "sixth"].map((text) => ({ text, x: 50, y: 50 }));
    const placed = placeNames(names, box, () => 40);
    expect(placed.map(({ text, top }) => [text, top])).toEqual([
      ["first", 43],
      ["second", 29],
      ["third", 57],
      ["fourth", 15],
      ["fifth", 71],
    ]);
    expect(placeNames([{ text: "wide", x: 50, y: 50 }], box, () => 120)).toEqual([]);
    expect(placeNames([{ text: "edge", x: 98, y: 50 }], box, () => 40)[0].left).toBe(60);
  });
});

test("the last frame before the cursor stands for it, the first where none is before", () => {
  expect(standsFor([-1, 3, 7], 5)).toBe(3);
  expect(standsFor([-1, 3, 7], 7)).toBe(7);
  expect(standsFor([2, 4], 0)).toBe(2);
  expect(standsFor([], 0)).toBeUndefined();
});
