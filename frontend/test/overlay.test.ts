import { describe, expect, test } from "vitest";
import { scaleOf } from "../src/charts/color";
import {
  cellName,
  type ImageInput,
  inkDepth,
  inputPixels,
  overlayPixels,
  pooled,
  regionSums,
} from "../src/charts/overlay";
import { asText, pixelAt } from "./pictures";

const gray = (rows: number[][]): ImageInput => ({
  data: rows.flat(),
  height: rows.length,
  width: rows[0].length,
  channels: 1,
});
const stroke = gray([
  [0, 255],
  [0, 0],
]);
const paper = gray([
  [255, 0],
  [255, 255],
]);

describe("the input", () => {
  test("takes ink where it differs from the commoner brightness", () => {
    expect(Array.from(inkDepth(stroke))).toEqual([0, 127, 0, 0]);
    expect(Array.from(inkDepth(paper))).toEqual([0, 127, 0, 0]);
  });

  test("is drawn as ink on the page, enlarged without smoothing", () => {
    const pixels = inputPixels(stroke, 4, 4, "light");
    expect(asText(pixels)).toBe(["aabb", "aabb", "aaaa", "aaaa"].join("\n"));
    expect(pixelAt(pixels, 0, 0)).toEqual([255, 255, 255, 255]);
    expect(pixelAt(pixels, 3, 0)).toEqual([0x17, 0x1b, 0x24, 255]);
    expect(pixelAt(inputPixels(stroke, 4, 4, "dark"), 0, 0)).toEqual([0x16, 0x19, 0x1f, 255]);
  });

  test("keeps its colours where it has some", () => {
    const input = { data: [10, 20, 30], height: 1, width: 1, channels: 3 };
    expect(pixelAt(inputPixels(input, 1, 1, "dark"), 0, 0)).toEqual([10, 20, 30, 255]);
  });
});

describe("an attribution over its input", () => {
  const options = { width: 4, height: 4, scale: scaleOf(true, "light"), limit: 1, theme: "light" } as const;

  test("shows the scale's exact colours at the limit, the faint input at zero", () => {
    const cells = { data: [1, 0, -1, 0], height: 2, width: 2 };
    const pixels = overlayPixels(cells, stroke, options);
    expect(pixelAt(pixels, 0, 0)).toEqual([0x8c, 0x36, 0x05, 255]);
    expect(pixelAt(pixels, 0, 3)).toEqual([0x12, 0x3f, 0x8a, 255]);
    expect(pixelAt(pixels, 3, 3)).toEqual([255, 255, 255, 255]);
    const [red, green, blue] = pixelAt(pixels, 3, 0);
    expect(red).toBeLessThan(220);
    expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThan(12);
  });

  test("lies on the page where inputs are not logged", () => {
    const pixels = overlayPixels({ data: [0], height: 1, width: 1 }, undefined, options);
    expect(new Set(asText(pixels).replaceAll("\n", ""))).toEqual(new Set(["a"]));
    expect(pixelAt(pixels, 0, 0)).toEqual([255, 255, 255, 255]);
  });

  test("has cells of its own size over an input of another", () => {
    const pixels = overlayPixels({ data: [1, -1, 1], height: 1, width: 3 }, stroke, {
      ...options,
      width: 6,
      height: 2,
    });
    expect(asText(pixels)).toBe("aabbaa\naabbaa");
  });

  test("hatches what is not finite", () => {
    const pixels = overlayPixels({ data: [Number.NaN], height: 1, width: 1 }, stroke, options);
    expect(asText(pixels)).toBe(["abbb", "bbba", "bbab", "babb"].join("\n"));
    const infinite = overlayPixels({ data: [Number.NEGATIVE_INFINITY], height: 1, width: 1 }, stroke, options);
    expect(infinite.data).toEqual(pixels.data);
  });

  test("without a sign runs from the scale's start to its end", () => {
    const scale = scaleOf(false, "light");
    const pixels = overlayPixels({ data: [0, 1], height: 1, width: 2 }, undefined, { ...options, scale });
    expect(pixelAt(pixels, 0, 0)).toEqual([0xf5, 0xf8, 0xfa, 255]);
    expect(pixelAt(pixels, 3, 0)).toEqual([0x18, 0x2c, 0x5a, 255]);
  });

  test("of zeros alone is the input, whatever the limit", () => {
    const pixels = overlayPixels({ data: [0], height: 1, width: 1 }, undefined, { ...options, limit: 0 });
    expect(pixelAt(pixels, 0, 0)).toEqual([255, 255, 255, 255]);
  });
});

describe("sums of cells", () => {
  test("over 2 × 2 keep the total, odd edges too", () => {
    const cells = { data: [1, 2, 3, 4, 5, 6, 7, 8, 9], height: 3, width: 3 };
    const sums = pooled(cells);
    expect(sums).toEqual({ data: Float32Array.of(12, 9, 15, 9), height: 2, width: 2 });
  });

  test("stay not a number where a cell is", () => {
    expect(pooled({ data: [1, Number.NaN, 3, 4], height: 2, width: 2 }).data[0]).toBeNaN();
  });

  test("over regions are those of the board", () => {
    const cells = { data: Array.from({ length: 16 }, (_, i) => i), height: 4, width: 4 };
    expect(Array.from(regionSums(cells, [2, 2]))).toEqual([10, 18, 42, 50]);
    expect(Array.from(regionSums(cells, [4, 4]))).toEqual(cells.data);
  });
});

test.each([
  [0, 0, "A1"],
  [7, 7, "H8"],
  [2, 25, "Z3"],
  [0, 26, "AA1"],
  [9, 701, "ZZ10"],
  [0, 702, "AAA1"],
])("row %d, column %d is called %s", (row, column, name) => {
  expect(cellName(row, column)).toBe(name);
});
