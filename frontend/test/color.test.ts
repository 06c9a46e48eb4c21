import { describe, expect, test } from "vitest";
import {
  colorAt,
  contrast,
  fromOklab,
  inkOn,
  luminance,
  magnitudeAt,
  parseHex,
  sequentialIndex,
  sequentialLut,
  signedIndex,
  signedLut,
  toOklab,
} from "../src/charts/color";

const hex = (rgb: readonly number[]): string => `#${rgb.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;

describe("the signed scale", () => {
  test.each([
    ["light", "#123f8a", "#ffffff", "#8c3605"],
    ["dark", "#9ccbff", "#16191f", "#ffc490"],
  ] as const)("of the %s theme has its ends and the page's colour at zero", (theme, low, zero, high) => {
    const lut = signedLut[theme];
    expect(hex(colorAt(lut, signedIndex(-1, 1)))).toBe(low);
    expect(hex(colorAt(lut, signedIndex(0, 1)))).toBe(zero);
    expect(hex(colorAt(lut, signedIndex(1, 1)))).toBe(high);
  });

  test("passes through its stops within a table's step", () => {
    const stops = ["#123f8a", "#3f74bd", "#86ade0", "#cfdff3", "#ffffff", "#fadcc8", "#eda876", "#cc6a28", "#8c3605"];
    stops.forEach((stop, i) => {
      const found = colorAt(signedLut.light, signedIndex(i / 4 - 1, 1));
      const [l, a, b] = toOklab(found);
      const [x, y, z] = toOklab(parseHex(stop));
      expect(Math.hypot(l - x, a - y, b - z)).toBeLessThan(0.012);
    });
  });

  test.each(["light", "dark"] as const)("is monotone in lightness along both arms (%s)", (theme) => {
    const lightness = Array.from({ length: 255 }, (_, i) => toOklab(colorAt(signedLut[theme], i + 1))[0]);
    const direction = theme === "light" ? 1 : -1;
    for (let i = 1; i < 128; i++) {
      expect(direction * (lightness[i] - lightness[i - 1])).toBeGreaterThan(-0.004);
      expect(direction * (lightness[254 - i] - lightness[255 - i])).toBeGreaterThan(-0.004);
    }
  });

  test("is symmetric, and clipped at its limit", () => {
    for (const value of [0, 0.1, 0.5, 0.99, 1, 7]) {
      expect(signedIndex(value, 1) - 128).toBe(128 - signedIndex(-value, 1));
    }
    expect(signedIndex(7, 1)).toBe(255);
    expect(signedIndex(Number.NEGATIVE_INFINITY, 1)).toBe(1);
    expect(signedIndex(3, 0)).toBe(128);
  });
});

test("the sequential scale starts at zero and ends at its limit", () => {
  expect(hex(colorAt(sequentialLut.light, sequentialIndex(0, 5)))).toBe("#f5f8fa");
  expect(hex(colorAt(sequentialLut.light, sequentialIndex(5, 5)))).toBe("#182c5a");
  expect(hex(colorAt(sequentialLut.dark, sequentialIndex(9, 5)))).toBe("#effaf3");
  expect(sequentialIndex(-1, 5)).toBe(0);
  expect(sequentialIndex(1, 0)).toBe(0);
});

test("OKLab there and back is the same colour", () => {
  for (const color of ["#000000", "#ffffff", "#ff0000", "#12b5cb", "#8c3605", "#010203"]) {
    expect(hex(fromOklab(toOklab(parseHex(color))))).toBe(color);
  }
  // Ottosson's own table: white has lightness 1 and no chroma.
  const [lightness, a, b] = toOklab([255, 255, 255]);
  expect(lightness).toBeCloseTo(1, 5);
  expect(Math.hypot(a, b)).toBeLessThan(1e-4);
});

test("contrast is that of WCAG", () => {
  expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21, 10);
  expect(contrast([255, 255, 255], [255, 255, 255])).toBe(1);
  expect(luminance([255, 0, 0])).toBeCloseTo(0.2126, 10);
});

test.each(["light", "dark"] as const)("text on every cell of the %s scale can be read", (theme) => {
  for (let i = 1; i < 256; i++) {
    const cell = colorAt(signedLut[theme], i);
    expect(contrast(cell, inkOn(cell))).toBeGreaterThanOrEqual(4.5);
  }
});

describe("the clipping magnitude", () => {
  test("is the percentile of what is not zero, over all arrays", () => {
    const values = Array.from({ length: 100 }, (_, i) => (i % 2 ? -1 : 1) * (i + 1));
    expect(magnitudeAt([values.slice(0, 30), values.slice(30)], 99)).toBe(99);
    expect(magnitudeAt([values, new Float32Array(1000)], 99)).toBe(99);
    expect(magnitudeAt([values], 100)).toBe(100);
  });

  test("leaves out what is not a number, and is 0 of nothing", () => {
    expect(magnitudeAt([[Number.NaN, 2, Number.POSITIVE_INFINITY]], 100)).toBe(2);
    expect(magnitudeAt([[0, Number.NaN]], 99)).toBe(0);
    expect(magnitudeAt([], 99)).toBe(0);
  });
});
