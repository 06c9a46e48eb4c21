import { describe, expect, test } from "vitest";
import type { Curve, Drift, Series } from "../src/api";
import { betweenTwo, boldText, figureRows, type MeasuredAt } from "../src/compare/figure_noise";
import { learningPanels } from "../src/compare/over_time";
import type { RunAnswers } from "../src/compare/run_figures";
import { seedPair } from "../src/compare/seeds";
import { whyNothing } from "../src/compare/told";
import { runsOf, store } from "../src/state";
import { group, log } from "./log";

const runs = runsOf({ ...store.state, groups: log(group("a", [-1, 0, 1, 2]), group("b", [-1, 0, 1, 2])) });
const series = (steps: number[], values: number[][]): Series => ({
  steps,
  wallTimes: steps,
  shape: [values[0].length],
  at: (i) => Float64Array.from(values[i]),
});
const curve = (name: string, split: Curve["split"], values: number[]): Curve => ({
  name,
  split,
  run: "",
  steps: [0, 1, 2],
  epochs: [0, 1, 2],
  values,
});
const flat = { median: [], lower: [], upper: [] };
const drift = (effective: number[], shift: number[], errors: number[]): Drift => ({
  steps: [-1, 0, 1, 2],
  referenceSteps: [-1, -1, -1, -1],
  samples: 8,
  localDrift: flat,
  shareShift: { value: shift, standardError: errors, lower: [], upper: [], noise: [] },
  rankCorrelation: [],
  topOverlap: { value: [], byChance: 0, k: 1 },
  effectiveFeatures: effective,
  totalAttribution: { value: [], standardError: [] },
  completenessP50: [],
  completenessP95: [],
});
const answers = (index: number, more: Partial<RunAnswers> = {}): RunAnswers => ({
  run: runs[index],
  curves: [],
  drift: undefined,
  deletion: undefined,
  agreement: undefined,
  trainingGap: undefined,
  watches: {},
  ...more,
});
const at = (of: RunAnswers, step = 2): MeasuredAt => ({ answers: of, step });
const row = (a: RunAnswers, b: RunAnswers, title: string, seeds: MeasuredAt[] = []) =>
  figureRows(at(a), at(b), seeds, "completeness").find(({ figure }) => figure.title === title);

describe("the figures of two sides", () => {
  test("are those of the step, over held-out samples where there are any", () => {
    const a = answers(0, {
      curves: [
        curve("loss", "training", [3, 2, 1]),
        curve("loss", "validation", [3, 2.5, 2]),
        curve("accuracy", "validation", [0.1, 0.5, 0.981]),
      ],
    });
    const b = answers(1, {
      curves: [curve("loss", "validation", [3, 2.5, 2.2]), curve("accuracy", "validation", [0.1, 0.5, 0.93])],
    });
    const loss = row(a, b, "Validation loss");
    expect(loss?.figure.text(loss.here.value)).toBe("2.00");
    expect(loss?.difference).toBeCloseTo(-0.2);
    const accuracy = row(a, b, "Validation accuracy");
    expect(accuracy?.figure.difference(accuracy.difference)).toBe("+5.1");
    expect(row(a, b, "Deletion gap")).toBeUndefined();
  });

  test("hold the share of declared cells, the last that was measured", () => {
    const [a, b] = [0.15, 0.03].map((share, i) =>
      answers(i, {
        watches: {
          corner: series(
            [-1, 1],
            [
              [0.01, 0.001],
              [share, 0.004],
            ],
          ),
        },
      }),
    );
    const corner = row(a, b, "corner");
    expect(corner?.here).toEqual({ value: 0.15, error: 0.004 });
    expect(corner?.kind).toBe("error");
    expect(corner?.beyond).toBe(true);
  });

  test("are bold beyond twice their own errors, not within", () => {
    const shifted = (shift: number) => answers(0, { drift: drift([1, 1, 1, 1], [0, 0, 0, shift], [0, 0, 0, 0.01]) });
    expect(row(shifted(0.2), shifted(0.17), "Share shift")?.beyond).toBe(true);
    expect(row(shifted(0.2), shifted(0.18), "Share shift")?.beyond).toBe(false);
  });

  test("are held against what two seeds differ by, where that is more", () => {
    const of = (index: number, effective: number) =>
      answers(index, { drift: drift([1, 1, 1, effective], [0, 0, 0, 0], [0, 0, 0, 0]) });
    const seeds = [10, 14].map((effective, i) => at(of(i, effective)));
    const [a, b] = [of(0, 19), of(1, 10)];
    expect(row(a, b, "Effective features", seeds)).toMatchObject({ noise: 4, kind: "seeds", beyond: true });
    expect(row(of(0, 17), b, "Effective features", seeds)?.beyond).toBe(false);
    expect(boldText(figureRows(at(a), at(b), seeds, "completeness"))).toContain("two seeds");
  });

  test("are held against their change from step to step where nothing else is known", () => {
    const a = answers(0, { drift: drift([4, 5, 6, 7], [Number.NaN, 0, 0, 0], [0, 0, 0, 0].fill(Number.NaN)) });
    const found = figureRows(at(a, 2), at(a, -1), [], "completeness").find(
      ({ figure }) => figure.title === "Effective features",
    );
    expect(found).toMatchObject({ difference: 3, noise: 1, kind: "steps", beyond: true });
  });

  test("of what is not finite there is no difference, and none of it is bold", () => {
    const a = answers(0, { deletion: series([2], [[Number.NaN, Number.NaN]]) });
    const b = answers(1, { deletion: series([2], [[0.4, 0.01]]) });
    const gap = row(a, b, "Deletion gap");
    expect(gap?.figure.difference(gap.difference)).toBe("–");
    expect(gap?.beyond).toBe(false);
  });
});

test("two seeds differ by the mean over all pairs", () => {
  expect(betweenTwo([1, 2, 4])).toBe(2);
  expect(betweenTwo([1, Number.NaN])).toBeNaN();
});

test("two seeds are B and another run, or the first two", () => {
  expect(seedPair(["s0", "s1", "s2"], "s1")).toEqual(["s1", "s0"]);
  expect(seedPair(["s0", "s1"], "elsewhere")).toEqual(["s0", "s1"]);
  expect(seedPair(["s0"], "s0")).toBeNull();
});

test("curves of learning go by their sides where there are two", () => {
  const curves = runs.slice(0, 2).map((run) => ({ run, value: [curve("loss", "validation", [3, 2, 1])] }));
  expect(learningPanels(curves, runs[0], [-1, 2], false)[0].lines.map(({ name }) => name)).toEqual(["A", "B"]);
  expect(learningPanels(curves.slice(0, 1), runs[0], [-1, 2], false)[0].lines[0].name).toBeUndefined();
});

describe("where there is nothing to compare, it is said why", () => {
  const state = { ...store.state, groups: log(group("a", [-1, 0, 1]), group("b", [0, 1])), epoch: 1 };
  const [a, b] = runsOf(state);
  test.each([
    ["the same step", state, { run: a, step: 1 }, "A and B are the same explanation"],
    ["no step before", state, null, "No reference"],
    [
      "another run without that epoch",
      { ...state, epoch: -1, against: "run:b/explain" },
      null,
      "No explanation at this epoch",
    ],
    [
      "one step in all",
      { ...state, groups: log(group("a", [0])), epoch: 0 },
      { run: a, step: 0 },
      "One explanation so far",
    ],
  ])("%s", (_, of, place, title) => {
    expect(whyNothing(of, a, place)?.title).toBe(title);
  });

  test("runs that explained other samples are told apart, whatever the epoch", () => {
    const other = log(group("a", [-1, 0, 1]), group("b", [0, 1], { probe: "another" }));
    const [own] = runsOf({ ...state, groups: other });
    const told = whyNothing({ ...state, groups: other, against: "run:b/explain" }, own, null);
    expect(told).toMatchObject({ title: "b explained other samples", warn: true });
    expect(told?.text).toContain("anot her");
  });

  test("and nothing where A and B differ", () => {
    expect(whyNothing(state, a, { run: b, step: 1 })).toBeUndefined();
    expect(whyNothing({ ...state, epoch: -1, against: "run:b/explain" }, a, null)?.step).toBe(0);
  });
});
