import { describe, expect, test } from "vitest";
import { sequentialLut, signedLut } from "../src/charts/color";
import { columnEdges, columnRange, epochToX, nearestIndex, xToEpoch } from "../src/charts/epoch_axis";
import { evenEdges, gridPixels, heatmapPixels, partAt } from "../src/charts/heatmap";
import { asText, pixelAt } from "./pictures";

describe("columns of steps", () => {
  test("fill the width without gap or overlap, each on whole pixels", () => {
    const steps = Array.from({ length: 61 }, (_, i) => i - 1);
    const edges = columnEdges(steps, columnRange(steps), 328);
    expect(edges).toHaveLength(62);
    expect(edges[0]).toBe(0);
    expect(edges.at(-1)).toBe(328);
    const widths = edges.slice(1).map((edge, i) => edge - edges[i]);
    expect(new Set(widths)).toEqual(new Set([5, 6]));
  });

  test("reach half-way to their neighbours where steps are thinned", () => {
    expect(columnEdges([0, 1, 5], { first: -0.5, last: 5.5 }, 60)).toEqual([0, 10, 35, 60]);
  });

  test("leave the part of a longer axis that they do not know", () => {
    expect(columnEdges([2, 3], { first: -0.5, last: 4.5 }, 50)).toEqual([20, 30, 40]);
  });

  test("are a whole picture of a single step, and nothing of none", () => {
    expect(columnEdges([-1], columnRange([-1]), 7)).toEqual([0, 7]);
    expect(columnEdges([], columnRange([]), 7)).toEqual([0]);
  });

  test("some are empty where steps are denser than pixels", () => {
    const steps = Array.from({ length: 100 }, (_, i) => i);
    const edges = columnEdges(steps, columnRange(steps), 10);
    expect(edges.at(-1)).toBe(10);
    expect(edges.every((edge, i) => i === 0 || edge >= edges[i - 1])).toBe(true);
  });

  test("turn epochs into places and back", () => {
    const range = columnRange([-1, 59]);
    for (const epoch of [-1, 0, 31, 59])
      expect(xToEpoch(epochToX(epoch, range, 328), range, 328)).toBeCloseTo(epoch, 9);
  });
});

test.each([
  [[-1, 0, 5, 10], 2, 1],
  [[-1, 0, 5, 10], 2.5, 1],
  [[-1, 0, 5, 10], 2.6, 2],
  [[-1, 0, 5, 10], 99, 3],
  [[-1, 0, 5, 10], -99, 0],
  [[7], 0, 0],
  [[], 0, -1],
])("of %j the step nearest to %d is number %d", (steps, epoch, index) => {
  expect(nearestIndex(steps, epoch)).toBe(index);
});

describe("a heat map", () => {
  const options = { lut: signedLut.light, signed: true, limit: 2, theme: "light", gap: 1 } as const;

  test("has a column a step, a row a feature, and page between rows", () => {
    const pixels = heatmapPixels(
      { values: [2, 0, -2, -2, 2, 1], rows: 2, columns: 3 },
      { ...options, edges: [0, 2, 3, 6], rowEdges: [0, 3, 6] },
    );
    expect(asText(pixels)).toBe(["aabccc", "aabccc", "......", "ccaddd", "ccaddd", "......"].join("\n"));
    expect(pixelAt(pixels, 0, 0)).toEqual([0x8c, 0x36, 0x05, 255]);
    expect(pixelAt(pixels, 2, 0)).toEqual([255, 255, 255, 255]);
    expect(pixelAt(pixels, 5, 0)).toEqual([0x12, 0x3f, 0x8a, 255]);
  });

  test("hatches what is not a number, unlike zero", () => {
    const pixels = heatmapPixels(
      { values: [Number.NaN, 0], rows: 1, columns: 2 },
      { ...options, gap: 0, edges: [0, 8, 12], rowEdges: [0, 4] },
    );
    expect(asText(pixels)).toBe(["abbbabbbcccc", "bbbabbbacccc", "bbabbbabcccc", "babbbabbcccc"].join("\n"));
  });

  test("of no rows or no columns is an empty picture", () => {
    expect(
      heatmapPixels({ values: [], rows: 0, columns: 2 }, { ...options, edges: [0, 1, 2], rowEdges: [0] }).height,
    ).toBe(0);
    expect(heatmapPixels({ values: [], rows: 1, columns: 0 }, { ...options, edges: [0], rowEdges: [0, 4] }).width).toBe(
      0,
    );
  });

  test("of a grid covers all of it", () => {
    const pixels = gridPixels([0, 1, 1, 0], 2, 2, 5, 3, { lut: sequentialLut.dark, limit: 1, theme: "dark" });
    expect(asText(pixels)).toBe(["aaabb", "aaabb", "bbbaa"].join("\n"));
  });
});

test("parts of a length are found by position", () => {
  const edges = evenEdges(3, 10);
  expect(edges).toEqual([0, 3, 7, 10]);
  expect([-1, 0, 2.9, 3, 9.9, 10].map((x) => partAt(edges, x))).toEqual([-1, 0, 0, 1, 2, -1]);
  expect(partAt([0, 4, 4, 8], 4)).toBe(2);
});
