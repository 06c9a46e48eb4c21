import { describe, expect, test } from "vitest";
import { axisOf, epochTicks, spansScales, valueAt } from "../src/charts/curve_data";
import { barsPath, epochScale, fullHeight } from "../src/charts/epoch_bars";

describe("lines", () => {
  test("say at a step what was last measured", () => {
    const line = { epochs: [0, 5], values: [1, 2] };
    expect([valueAt(line, 4), valueAt(line, 5), valueAt(line, 99)]).toEqual([1, 2, 2]);
    expect(valueAt(line, -1)).toBeNaN();
  });
});

describe("axes", () => {
  test.each([
    [[0.02, 0.31], { low: 0 }, { log: false, min: 0, max: 0.4, ticks: [0, 0.1, 0.2, 0.3, 0.4] }],
    [[0.22, 0.99], { high: 1 }, { log: false, min: 0.2, max: 1, ticks: [0.2, 0.4, 0.6, 0.8, 1] }],
    [[45.3, 61], {}, { log: false, min: 45, max: 65, ticks: [45, 50, 55, 60, 65] }],
    [[0.03, 2.4], { log: true }, { log: true, min: 0.025, max: 2.88, ticks: [0.05, 0.2, 1] }],
    [[0, 0], { low: 0 }, { log: false, min: 0, max: 1, ticks: [0, 0.5, 1] }],
    [[0, 2.2e-16], { low: 0 }, { log: false, min: 0, max: 1, ticks: [0, 0.5, 1] }],
    [[0.316], { log: true }, { log: true, min: 0.316 / 1.2, max: 0.316 * 1.2, ticks: [0.3, 0.35] }],
    [[7, 7], {}, { log: false, min: 6, max: 8, ticks: [6, 6.5, 7, 7.5, 8] }],
    [[Number.NaN], { low: 0 }, { log: false, min: 0, max: 1, ticks: [0, 1] }],
    [[], {}, { log: false, min: 0, max: 1, ticks: [0, 1] }],
  ])("of %j with %j", (values, scale, expected) => {
    expect(axisOf(values, scale)).toEqual(expected);
  });

  test("are logarithmic only where values span scales and all are above zero", () => {
    expect(spansScales([2.3, 0.04])).toBe(true);
    expect(spansScales([2.3, 0.4])).toBe(false);
    expect(spansScales([2.3, 0.04, 0])).toBe(false);
    expect(spansScales([])).toBe(false);
  });

  test("of epochs have both ends, and whole epochs that crowd neither", () => {
    expect(epochTicks(-1, 59)).toEqual([-1, 10, 20, 30, 40, 50, 59]);
    expect(epochTicks(0, 3)).toEqual([0, 1, 2, 3]);
    expect(epochTicks(4, 4)).toEqual([4]);
    expect(epochTicks(-1, 2.35)).toEqual([-1, 0, 1, 2, 2.35]);
    expect(epochTicks(-1, -0.6)).toEqual([-1, -0.6]);
  });
});

describe("the transport's bars", () => {
  const scale = epochScale([-1, 0, 1, 2, 3, 4, 5, 6, 7, 8], 100);

  test("stand in the middle of their epoch, and a place in one gives it back", () => {
    expect(scale.x(-1)).toBe(5);
    expect(scale.x(8)).toBe(95);
    expect(scale.epochAt(scale.x(3))).toBeCloseTo(3, 12);
  });

  test("stand closer where steps are parts of epochs", () => {
    const dense = epochScale([-1, -0.8, -0.6, -0.4, -0.35], 85);
    expect(dense.slot).toBeCloseTo(20, 12);
    expect(dense.x(-1)).toBeCloseTo(10, 12);
    expect(dense.x(-0.35)).toBeCloseTo(75, 12);
    expect(dense.epochAt(dense.x(-0.6))).toBeCloseTo(-0.6, 12);
    const widths = barsPath([-0.6, -0.4, -0.35], [1, 1, 1], dense, 20).matchAll(/h([\d.]+)/g);
    expect([...widths].map(([, width]) => Number(width))).toEqual([17.6, 4.4, 4.4]);
  });

  test("are as wide as their steps allow, and cut where the first would hide all others", () => {
    const values = [Number.NaN, 1, ...Array.from({ length: 28 }, () => 0.1)];
    expect(fullHeight(values)).toBe(0.1);
    expect(fullHeight([Number.NaN, 0])).toBe(1);
    expect(barsPath([-1, 3, 8], [Number.NaN, 0.2, 0], scale, 20)).toBe("M40.6,20v-20h8.8v20zM90.6,20v-1h8.8v1z");
  });
});
