import { describe, expect, test } from "vitest";
import { hatch, makePixels, toWord } from "../src/charts/marks";
import { stripSteps } from "../src/model/boundary_film";
import { paintLines, paintRegions, paintValues, regionCentres, saidBy } from "../src/model/boundary_map";
import { classCount, placesOn } from "../src/model/boundary_picture";
import type { Boundary } from "../src/model/frames";
import { filmSteps } from "../src/views/samples_film";
import { manifest } from "./manifest";

const boundary = (size: number, classes: number[], probability: number[], more: Partial<Boundary> = {}): Boundary => ({
  size,
  class: Int32Array.from(classes),
  probability: Float32Array.from(probability),
  value: undefined,
  unit: "",
  bounds: [0, 1, 0, 1],
  points: Float32Array.of(0, 0, 1, 1),
  plane: "features",
  x: "x",
  y: "y",
  explained: [],
  ...more,
});

/** p(class 1): .1 in the left column, .9 in the right. */
const slope = boundary(2, [0, 1, 0, 1], [0.9, 0.9, 0.9, 0.9]);

describe("between cells", () => {
  test("two classes change where their probabilities are equal", () => {
    const { classes, probability } = saidBy(slope, 100, 1, 2);
    expect([...classes.slice(0, 50)].every((of) => of === 0)).toBe(true);
    expect([...classes.slice(50)].every((of) => of === 1)).toBe(true);
    expect(probability[10]).toBeCloseTo(0.9, 5); // before the middle of the first cell
    // Linear from middle to middle, .25 to .75: at .375, a quarter of the way, .9 − .8 · .25.
    expect(probability[37]).toBeCloseTo(0.7, 5);
    expect(Math.min(...probability)).toBeGreaterThanOrEqual(0.5);
  });

  test("the more certain of two takes more of the way", () => {
    const { classes } = saidBy(boundary(2, [0, 1, 0, 1], [0.9, 0.6, 0.9, 0.6]), 100, 1, 2);
    // p(0) falls from .9 at .25 to .4 at .75: it is .5 at four fifths of that.
    expect([...classes].filter((of) => of === 0)).toHaveLength(65);
  });

  test("the first row is the lowest", () => {
    const { classes } = saidBy(boundary(2, [0, 0, 1, 1], [1, 1, 1, 1]), 1, 10, 2);
    expect([classes[0], classes[9]]).toEqual([1, 0]);
  });

  test("where the model says no number, nothing is said", () => {
    const { classes, probability } = saidBy(boundary(2, [-1, 1, 0, 1], [Number.NaN, 1, 1, 1]), 4, 4, 2);
    expect([...classes].every((of) => of === -1)).toBe(true);
    expect([...probability].every(Number.isNaN)).toBe(true);
  });

  test("one cell says the same all over", () => {
    expect([...saidBy(boundary(1, [2], [0.75]), 3, 3, 3).classes]).toEqual(Array(9).fill(2));
  });
});

describe("the picture", () => {
  const words = (pixels: ReturnType<typeof makePixels>) => new Uint32Array(pixels.data.buffer);

  test("is stronger where the model is surer, and of another colour for another class", () => {
    const pixels = makePixels(100, 1);
    paintRegions(pixels, saidBy(slope, 100, 1, 2), 2, "light");
    const blue = (at: number) => pixels.data[4 * at + 2] - pixels.data[4 * at];
    expect(blue(2)).toBeGreaterThan(blue(40));
    expect(blue(40)).toBeGreaterThan(0);
    expect(blue(97)).toBeLessThan(0);
  });

  test("hatches what is not finite", () => {
    const pixels = makePixels(8, 8);
    paintRegions(pixels, saidBy(boundary(2, [-1, -1, -1, -1], Array(4).fill(Number.NaN)), 8, 8, 2), 2, "dark");
    expect(words(pixels)[10]).toBe(toWord(hatch(2, 1, "dark")));
  });

  test("draws a line where the class changes, dashed for the reference", () => {
    const [whole, dashed] = [makePixels(20, 40), makePixels(20, 40)];
    const said = saidBy(slope, 20, 40, 2);
    paintLines(whole, said, "#000000", 1);
    paintLines(dashed, said, "#000000", 1, 4);
    const drawn = (pixels: typeof whole) => words(pixels).filter((word) => word !== 0).length;
    expect(drawn(whole)).toBe(39);
    expect(drawn(dashed)).toBeGreaterThan(15);
    expect(drawn(dashed)).toBeLessThan(25);
  });

  test("of a regression goes from the least to the greatest value", () => {
    const pixels = makePixels(2, 1);
    const values = boundary(2, [], [], {
      class: undefined,
      probability: undefined,
      value: Float32Array.of(0, 10, 0, 10),
    });
    paintValues(pixels, values, [0, 10], "light");
    const brightness = (at: number) => pixels.data[4 * at] + pixels.data[4 * at + 1] + pixels.data[4 * at + 2];
    expect(brightness(0)).toBeGreaterThan(brightness(1));
  });

  test("names regions at the cell that is farthest from others, the largest first, small ones not", () => {
    const size = 9;
    const classes: number[] = Array.from({ length: size * size }, (_, i) => (i % size < 6 ? 4 : 7));
    classes[8] = 1;
    const centres = regionCentres(boundary(size, classes, Array(size * size).fill(1)), 0.02);
    expect(centres.map((centre) => centre.class)).toEqual([4, 7]);
    expect(centres[0].column).toBeGreaterThanOrEqual(2);
    expect(centres[0].column).toBeLessThanOrEqual(3);
    expect(Math.abs(centres[0].row - 4)).toBeLessThanOrEqual(2);
    expect(centres[1].column).toBe(7);
  });

  test("puts the probe where it lies: the lowest left corner, the highest right", () => {
    const [low, high] = placesOn(slope, 341, 221);
    expect([low, high]).toEqual([
      { x: 40, y: 201 },
      { x: 340, y: 1 },
    ]);
  });
});

test("there are as many classes as the model has, or as are seen", () => {
  expect(classCount(manifest(), slope)).toBe(3);
  const binary = manifest({ outputs: [{ name: "y", task: "binary", units: 1, class_names: [] }] });
  expect(classCount(binary, slope)).toBe(2);
  expect(classCount(binary, boundary(2, [0, 5, 0, 1], [1, 1, 1, 1]))).toBe(6);
});

test("the strip shows the step that is drawn in place of the nearest, never in that of the reference", () => {
  expect(stripSteps([-1, 4, 8], 4, null)).toEqual([-1, 4, 8]);
  expect(stripSteps([-1, 4, 8], 5, null)).toEqual([-1, 5, 8]);
  expect(stripSteps([-1, 4, 8], 5, 4)).toEqual([-1, 4, 5]);
});

test("the strip of a long run shows what is fetched of it, the shown step and the reference", () => {
  const atHand = filmSteps(
    Array.from({ length: 300 }, (_, i) => i),
    [],
    60,
  );
  const steps = stripSteps(atHand, 141, 77);
  expect(steps).toHaveLength(14);
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
  expect(steps).toEqual(expect.arrayContaining([0, 77, 141, 299]));
  expect(steps.filter((step) => !atHand.includes(step) && step !== 77 && step !== 141)).toEqual([]);
});
