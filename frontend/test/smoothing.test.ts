import { describe, expect, test } from "vitest";
import { smooth, smoothLines } from "../src/charts/smoothing";

/** As TensorBoard writes it: a running average from zero, divided by what it lacks for having started there. */
function byDefinition(values: readonly number[], weight: number): number[] {
  let last = 0;
  let counted = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    last = last * weight + (1 - weight) * value;
    counted++;
    return last / (1 - weight ** counted);
  });
}

const NOISY = Array.from({ length: 300 }, (_, i) => Math.exp(-i / 40) + Math.sin(12.9898 * i) / 4);

describe("smoothing", () => {
  test.each([0, 0.3, 0.6, 0.9, 0.999])("by %d is TensorBoard's", (weight) => {
    const [found, expected] = [smooth(NOISY, weight), byDefinition(NOISY, weight)];
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 12);
    });
  });

  test("has closed forms: halves of what was before, and a constant as it is", () => {
    expect(smooth([1, 0.5, 0], 0.5)).toEqual([1, (0.5 + 0.5) / 1.5, (0 + 0.25 + 0.25) / 1.75]);
    for (const value of smooth([7, 7, 7], 0.9)) expect(value).toBeCloseTo(7, 12);
    expect(smooth([], 0.9)).toEqual([]);
  });

  test("starts at the first value and leaves gaps as gaps", () => {
    expect(smooth([Number.NaN, 4, Number.POSITIVE_INFINITY, 1], 0.5)).toEqual([
      Number.NaN,
      4,
      Number.POSITIVE_INFINITY,
      (1 + 2) / 1.5,
    ]);
  });
});

describe("smoothed lines", () => {
  const line = {
    run: "a",
    label: "a",
    colour: "#425066",
    focus: true,
    epochs: [0, 1],
    values: [1, 0],
    name: "training",
  };

  test("have what was measured faint behind them, without name or value of its own", () => {
    const [behind, smoothed] = smoothLines([line], 0.5);
    expect(behind).toMatchObject({ values: [1, 0], faint: true, aside: true, name: undefined });
    expect(smoothed).toMatchObject({ values: [1, 0.5 / 1.5], measured: [1, 0], name: "training" });
  });

  test("have nothing behind them where they stand aside themselves", () => {
    expect(smoothLines([{ ...line, aside: true }], 0.5)).toMatchObject([{ values: [1, 0.5 / 1.5], aside: true }]);
  });

  test("are never those with a band, nor those to be held against", () => {
    const banded = { ...line, band: { lower: [0, 0], upper: [2, 1] } };
    const noise = { ...line, dashed: true };
    expect(smoothLines([banded, noise], 0.9)).toEqual([banded, noise]);
  });

  test("are as measured without a weight", () => {
    const lines = [line];
    expect(smoothLines(lines, 0)).toBe(lines);
  });
});
