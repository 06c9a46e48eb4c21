import { describe, expect, test } from "vitest";
import type { ByGroup, FiguresOfSamples, Series } from "../src/api";
import { featureTable } from "../src/views/features_model";
import {
  differenceError,
  differs,
  gapBeyondChance,
  groupFeatures,
  hasRest,
  shareLimit,
} from "../src/views/groups_model";
import { agreementAt, chanceRho, leastAlike } from "../src/views/method_agreement";
import { input, manifest } from "./manifest";

const estimates = (value: number[], standardError = value.map(() => 0.01)) => ({ value, standardError });
const figures = (more: Partial<FiguresOfSamples> = {}): FiguresOfSamples => ({
  samples: 10,
  loss: estimates([1]),
  accuracy: estimates([1]),
  localDrift: { median: [0], lower: [0], upper: [0] },
  shareGap: { ...estimates([0.1]), byChance: [0.05] },
  shares: [estimates([0.2, 0.3], [0.01, 0.05]), estimates([0.1])],
  ...more,
});

describe("a group's figure differs from that of all samples", () => {
  test("by an error that leaves its own part in all out", () => {
    // Two halves with error 1 each: all has 1/√2, and half their difference √2/2.
    expect(differenceError(1, Math.SQRT1_2, 0.5)).toBeCloseTo(Math.SQRT2 / 2, 12);
    // A group that is all samples differs by nothing.
    expect(differenceError(0.3, 0.3, 1)).toBe(0);
    // A tiny one has its own error and that of the rest.
    expect(differenceError(3, 4, 0)).toBe(5);
    // Never less than the group's own part of it, whatever all's error came out as.
    expect(differenceError(1, 0, 0.75)).toBe(0.25);
  });

  test("beyond noise alone", () => {
    const all = { value: 0, standardError: Math.SQRT1_2 };
    expect(differs({ value: 1.5, standardError: 1 }, all, 0.5)).toBe(true);
    expect(differs({ value: 1.4, standardError: 1 }, all, 0.5)).toBe(false);
    expect(differs({ value: Number.NaN, standardError: 1 }, all, 0.5)).toBe(false);
    expect(differs({ value: 9, standardError: Number.NaN }, all, 0.5)).toBe(false);
  });

  test("where there is a rest to hold it against", () => {
    const answer = { all: figures({ samples: 120 }), fewest: 10 } as ByGroup;
    expect([60, 110, 111, 120].map((samples) => hasRest(figures({ samples }), answer))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test("in its shares where they are further from others' than chance makes them", () => {
    expect(gapBeyondChance(figures(), 0)).toBe(true);
    expect(gapBeyondChance(figures({ shareGap: { ...estimates([0.1], [0.03]), byChance: [0.05] } }), 0)).toBe(false);
    expect(gapBeyondChance(figures({ shareGap: { ...estimates([Number.NaN]), byChance: [Number.NaN] } }), 0)).toBe(
      false,
    );
  });
});

test("features of groups have their names, and say which watch protects them", () => {
  const answer = {
    regions: [
      { input: "table", region: 1 },
      { input: "photo", region: 3 },
      { input: "photo", region: 0 },
    ],
  } as ByGroup;
  const inputs = [
    input({ name: "table", feature_names: ["age", "pay"], shape: [2], regions: [2], cells: [2] }),
    input({ name: "photo", kind: "image", shape: [4, 4, 1], regions: [2, 2], cells: [4, 4] }),
  ];
  const watch = { contrast: 0.1, at_most: "NaN", at_least: "NaN" };
  const watches = [
    { ...watch, name: "mark", input: "photo", cells: [15], protected: true },
    { ...watch, name: "other", input: "photo", cells: [0] },
  ];
  expect(groupFeatures(answer, manifest({ inputs, watches }))).toEqual([
    { name: "pay", protected: "" },
    { name: "photo B2", protected: "mark" },
    { name: "photo A1", protected: "" },
  ]);
});

test("the bars of a feature have room for the largest share with its error at any step", () => {
  expect(shareLimit([figures(), figures()], 0)).toBeCloseTo(0.4, 12);
  expect(shareLimit([figures()], 7)).toBe(0);
});

describe("methods against methods", () => {
  const series = (steps: number[], rows: number[][]): Series => ({
    steps,
    wallTimes: steps,
    shape: [3, rows[0].length],
    at: (i) => Float64Array.from([...rows[i], ...rows[i], ...rows[i]]),
  });
  const shape = [5];
  const described = manifest({ inputs: [input({ regions: shape, cells: shape, shape })] });
  const table = (method: string, steps: number[], rows: number[][]) =>
    featureTable(method, [{ input: "x", shape, series: series(steps, rows) }], described);
  const rising = [1, 2, 3, 4, 5];
  const ig = table("ig", [0, 1, 2, 3], [rising, rising, rising, rising]);
  const lime = table("lime", [1, 3], [rising, [5, 4, 3, 2, 1]]);
  const swapped = table("lrp", [0, 1, 2, 3], [rising, rising, [5, 2, 3, 4, 1], rising]);

  test("are each at their last answer until the cursor's step", () => {
    const { columns, rho } = agreementAt([ig, lime], 2);
    expect(columns).toEqual([2, 0]);
    expect(rho[0][1]).toBeCloseTo(1, 6);
    expect(agreementAt([ig, lime], 3).rho[1][0]).toBeCloseTo(-1, 6);
  });

  test("are not compared before one of them has answered, nor where they know other features", () => {
    expect(agreementAt([ig, lime], 0).rho[0][1]).toBeNaN();
    const coarse = featureTable("p", [{ input: "x", shape: [2], series: series([0], [[1, 2]]) }], described);
    expect(agreementAt([ig, coarse], 0).tables).toEqual([ig]);
  });

  test("are said to agree least where they do, and about what", () => {
    const worst = leastAlike(agreementAt([ig, lime, swapped], 2));
    // Σd² = 32 of five: ρ = 1 − 6·32 / (5·24)
    expect(worst).toMatchObject({ a: 0, b: 2, feature: 0, rankA: 5, rankB: 1 });
    expect(worst?.rho).toBeCloseTo(1 - (6 * 32) / 120, 6);
    expect(leastAlike(agreementAt([ig, lime], 0))).toBeUndefined();
    expect(leastAlike(agreementAt([ig], 0))).toBeUndefined();
  });

  test("disagree where they are no more alike than two random orders", () => {
    expect(chanceRho(17)).toBeCloseTo(0.49, 12);
    expect(chanceRho(2)).toBeNaN();
  });
});
