import { describe, expect, test } from "vitest";
import type { CompareInput, Comparison, Drift } from "../src/api";
import { byChange } from "../src/compare/changes";
import { distancePanels } from "../src/compare/over_time";
import { placeLabels } from "../src/compare/scatter_labels";
import {
  comparedFeatures,
  finite,
  outliers,
  shareAxis,
  shareTicks,
  shareToAxis,
  typicalNoise,
} from "../src/compare/scatter_model";
import { drawScatter, featureNear, plotOf, pointOf } from "../src/compare/scatter_picture";
import { seedRows, seedSentence, siblingsNote, zText } from "../src/compare/seed_null";
import { shiftSentence, swapped } from "../src/compare/sides";
import { toComparison } from "../src/parsing";
import type { RunEntry } from "../src/state";
import { group } from "./log";
import { input, manifest } from "./manifest";
import { palette, recordingPen } from "./pen";

const compared = (share: number[], reference: number[], more: Partial<CompareInput> = {}): CompareInput => ({
  regions: [share.length],
  share,
  standardError: share.map(() => 0.01),
  referenceShare: reference,
  referenceStandardError: share.map(() => 0.01),
  changeStandardError: share.map(() => 0.006),
  ...more,
});
const comparison = (inputs: Record<string, CompareInput>, more: Partial<Comparison> = {}): Comparison => ({
  step: 31,
  referenceRun: "b/explain",
  referenceStep: 31,
  shareShift: { value: 0.149, standardError: 0.0035, noise: 0.051 },
  siblings: [],
  drift: [],
  inputs,
  ...more,
});
const described = manifest({ inputs: [input({ name: "x", feature_names: ["leak", "age", "size"] })] });
const features = comparedFeatures(comparison({ x: compared([0.31, 0.29, 0.4], [0.02, 0.3, 0.68]) }), described);

describe("features on two sides", () => {
  test("go by their names, of several inputs by theirs too", () => {
    expect(features.map(({ name }) => name)).toEqual(["leak", "age", "size"]);
    const scans = manifest({
      inputs: [
        input({ name: "scan", kind: "image", cells: [2, 2], regions: [1, 2] }),
        input({ name: "t", feature_names: ["age"], cells: [1], regions: [1] }),
      ],
    });
    const both = { scan: compared([0.2, 0.3], [0.1, 0.4], { regions: [1, 2] }), t: compared([0.5], [0.5]) };
    expect(comparedFeatures(comparison(both), scans).map(({ name }) => name)).toEqual(["scan A1", "scan B1", "age"]);
  });

  test("have moved beyond noise if the change is over twice its standard error", () => {
    expect(features.map(({ beyondNoise }) => beyondNoise)).toEqual([true, false, true]);
    expect(features[0].changeError).toBe(0.006);
  });

  test("are judged by the paired error, not by those of both sides", () => {
    const near = (changeStandardError: number[]) =>
      comparedFeatures(comparison({ x: compared([0.3, 0.7], [0.28, 0.72], { changeStandardError }) }), described);
    expect(near([0.009, 0.009]).every(({ beyondNoise }) => beyondNoise)).toBe(true);
    expect(near([0.011, 0.011]).some(({ beyondNoise }) => beyondNoise)).toBe(false);
    expect(near([Number.NaN, Number.NaN]).some(({ beyondNoise }) => beyondNoise)).toBe(false);
  });

  test("are told apart by how much of the difference they carry", () => {
    expect(outliers(features).map(({ name }) => name)).toEqual(["leak", "size"]);
    expect(byChange(features).map(({ name }) => name)).toEqual(["leak", "size", "age"]);
  });

  test("are left out where a share is not a number", () => {
    const broken = comparedFeatures(comparison({ x: compared([0.5, Number.NaN, 0.5], [0.1, 0.2, 0.7]) }), described);
    expect(finite(broken).map(({ name }) => name)).toEqual(["leak", "size"]);
    expect(outliers(broken).every(({ change }) => Number.isFinite(change))).toBe(true);
  });

  test("have a typical noise, the median as a part of the share", () => {
    const even = comparedFeatures(comparison({ x: compared([0.1, 0.3, 0.6], [0.1, 0.3, 0.6]) }), described);
    expect(typicalNoise(even)).toBeCloseTo((2 * 0.006) / 0.3);
    expect(typicalNoise([])).toBe(0);
  });
});

describe("the axis of shares", () => {
  test("is logarithmic, and one for both sides", () => {
    const axis = { low: 0.01, high: 1 };
    expect(shareToAxis(0.1, axis)).toBeCloseTo(0.5);
    expect(shareToAxis(0, axis)).toBe(0);
    expect(shareToAxis(0.001, axis)).toBe(0);
    const { low, high } = shareAxis(features);
    expect(low).toBeLessThan(0.02);
    expect(high).toBeGreaterThan(0.68);
  });

  test("ends at a thousandth of the largest share", () => {
    const tiny = comparedFeatures(comparison({ x: compared([0.5, 0.5, 0], [0.5, 0.5, 1e-9]) }), described);
    expect(shareAxis(tiny).low).toBeGreaterThan(1e-4);
    expect(shareAxis([]).high).toBeGreaterThan(shareAxis([]).low);
  });

  test("has round ticks", () => {
    expect(shareTicks({ low: 0.002, high: 0.4 })).toEqual([0.003, 0.01, 0.03, 0.1, 0.3]);
  });
});

describe("names in the scatter", () => {
  const plot = { width: 300, height: 300 };
  const widthOf = (name: string) => 7 * name.length;

  test("never cover one another, nor leave the plot", () => {
    const points = Array.from({ length: 12 }, (_, i) => ({ x: 280 + (i % 3), y: 10 + 9 * i, name: `name ${i}` }));
    const labels = placeLabels(points, [], plot, 14, widthOf);
    expect(labels.length).toBeGreaterThan(4);
    for (const a of labels) {
      expect(a.left).toBeGreaterThanOrEqual(0);
      expect(a.left + a.width).toBeLessThanOrEqual(300);
      expect(a.top + a.height).toBeLessThanOrEqual(300);
      for (const b of labels) {
        const apart =
          a.left >= b.left + b.width ||
          b.left >= a.left + a.width ||
          a.top >= b.top + b.height ||
          b.top >= a.top + a.height;
        expect(a === b || apart).toBe(true);
      }
    }
  });

  test("go to the most important first, and give way to a crowd only if they can", () => {
    const point = { x: 100, y: 100, name: "leak" };
    expect(placeLabels([point, { ...point, name: "later" }], [], plot, 14, widthOf)[0].name).toBe("leak");
    const crowd = Array.from({ length: 400 }, (_, i) => ({ x: 15 * (i % 20), y: 15 * Math.floor(i / 20) }));
    expect(placeLabels([point], crowd, plot, 14, widthOf)).toHaveLength(1);
    const beside = placeLabels([point], [{ x: 115, y: 100 }], plot, 14, widthOf)[0];
    const mark = { left: 111, right: 119, top: 96, bottom: 104 };
    const { left, top, width, height } = beside;
    expect(left >= mark.right || left + width <= mark.left || top >= mark.bottom || top + height <= mark.top).toBe(
      true,
    );
  });
});

describe("the picture of the scatter", () => {
  test("has what gained in A above the diagonal", () => {
    const [axis, plot] = [shareAxis(features), plotOf(360, 360)];
    const distance = ({ x, y }: { x: number; y: number }) =>
      plot.top + plot.height - y - (x - plot.left) * (plot.height / plot.width);
    expect(distance(pointOf(features[0], axis, plot))).toBeGreaterThan(50);
    expect(distance(pointOf(features[2], axis, plot))).toBeLessThan(-5);
  });

  test("finds the feature under the pointer", () => {
    const { x, y } = pointOf(features[0], shareAxis(features), plotOf(360, 360));
    expect(featureNear(features, x + 5, y - 5, 360, 360)?.name).toBe("leak");
    expect(featureNear(features, 40, 12, 360, 360)).toBeUndefined();
  });

  test("names those beyond noise", () => {
    const { pen, lines } = recordingPen();
    const measuring = new Proxy(pen, {
      get: (target, key) =>
        key === "measureText" ? (text: string) => ({ width: 7 * text.length }) : Reflect.get(target, key),
    });
    drawScatter(measuring as Parameters<typeof drawScatter>[0], features, {
      width: 360,
      height: 360,
      color: "run",
      palette,
      named: outliers(features),
      hovered: undefined,
    });
    const texts = lines.filter((line) => line.startsWith("fillText")).map((line) => line.split(" ")[1]);
    expect(texts).toContain("leak");
    expect(texts).toContain("size");
    expect(texts).not.toContain("age");
    expect(lines.filter((line) => line === "fillStyle = run")).toHaveLength(2);
  });
});

describe("the null of seeds", () => {
  const siblings = Array.from({ length: 6 }, (_, i) => `seed-${i}/explain`);
  const null_ = { seedCenter: [0.02, 0.3, 0.68], seedSpread: [0.01, 0.02, 0.1], z: [29, -0.5, -2.8] };
  const answer = comparison({ x: compared([0.31, 0.29, 0.4], [0.02, 0.3, 0.68], null_) }, { siblings });

  test("sorts features by how far they lie from their siblings", () => {
    const rows = seedRows(answer, comparedFeatures(answer, described));
    expect(rows.map(({ feature, z }) => [feature.name, z])).toEqual([
      ["leak", 29],
      ["size", -2.8],
      ["age", -0.5],
    ]);
    expect(seedSentence(rows[0], 6)).toBe("leak carries 31.0\u202f% here, 2.0 ± 1.0\u202f% in 6 sibling runs: z = 29.");
    expect(zText(-2.84)).toBe("−2.8");
  });

  test("is absent with too few siblings, and that is said", () => {
    const alone = comparison({ x: compared([0.31, 0.29, 0.4], [0.02, 0.3, 0.68]) }, { siblings: ["b/explain"] });
    expect(seedRows(alone, comparedFeatures(alone, described))).toEqual([]);
    expect(siblingsNote(0)).toMatch(/^There are no sibling runs: too few/);
    expect(siblingsNote(1)).toMatch(/^There is 1 sibling run: too few/);
    expect(siblingsNote(3)).toMatch(/^With 3 siblings the spread is itself uncertain/);
    expect(siblingsNote(6)).toBe("");
  });

  test("is read from the answer as the route writes it", () => {
    const text = {
      step: 31,
      reference_run: "b/explain",
      reference_step: 31,
      share_shift: { value: 0.2, standard_error: 0.01, lower: 0.18, upper: 0.22, noise: "NaN" },
      samples: { drift: [0.1, "NaN"] },
      siblings: ["b/explain", "c/explain"],
      inputs: {
        x: {
          regions: [1],
          share: [1],
          standard_error: [0],
          reference_share: [1],
          reference_standard_error: [0],
          change_standard_error: ["NaN"],
          seed_center: [1],
          seed_spread: [0.1],
          z: ["NaN"],
        },
      },
    };
    const read = toComparison(text);
    expect(read.shareShift).toEqual({ value: 0.2, standardError: 0.01, noise: Number.NaN });
    expect(read.siblings).toEqual(["b/explain", "c/explain"]);
    expect(read.inputs.x).toMatchObject({
      changeStandardError: [Number.NaN],
      seedCenter: [1],
      seedSpread: [0.1],
      z: [Number.NaN],
    });
    expect(seedRows(read, comparedFeatures(read, described))).toEqual([]);
  });
});

describe("the distance over time", () => {
  test("is drawn on one axis, with its noise", () => {
    const [zeros, ones] = [
      [0, 0],
      [1, 1],
    ];
    const drift: Drift = {
      steps: [-1, 3],
      referenceSteps: [-1, 3],
      samples: 64,
      localDrift: { median: [0, 0.4], lower: zeros, upper: ones },
      shareShift: { value: [0, 0.2], standardError: zeros, lower: zeros, upper: ones, noise: [0.05, 0.06] },
      rankCorrelation: ones,
      topOverlap: { value: ones, k: 1, byChance: 0.1 },
      effectiveFeatures: ones,
      totalAttribution: { value: ones, standardError: zeros },
      completenessP50: zeros,
      completenessP95: zeros,
    };
    const run: RunEntry = { ...group("a", [-1, 3]).runs[0], group: "a", label: "a", index: 0 };
    const [shift, local] = distancePanels(run, drift, "from b", false);
    expect([shift.range, local.range]).toEqual([
      [-1, 3],
      [-1, 3],
    ]);
    expect([shift.axis, local.axis]).toEqual([false, true]);
    expect(shift.lines.map(({ values }) => values)).toEqual([
      [0, 0.2],
      [0.05, 0.06],
    ]);
    expect(local.unit).toContain("from b");
  });
});

describe("the two sides", () => {
  const entry = (name: string, index: number): RunEntry => ({
    ...group(name, [-1, 0, 1]).runs[0],
    group: name,
    label: name,
    index,
  });
  const [a, b] = [entry("a", 0), entry("b", 1)];

  test("say in a sentence how far they lie apart, with noise", () => {
    expect(shiftSentence(comparison({}))).toBe(
      "14.9 ± 0.7\u202f% of the attribution lies elsewhere (noise of the samples: 5.1\u202f%)",
    );
    const nan = { value: Number.NaN, standardError: Number.NaN, noise: Number.NaN };
    expect(shiftSentence(comparison({}, { shareShift: nan }))).toMatch(/^nothing to compare/);
  });

  test("are swapped within a run by exchanging cursor and reference", () => {
    expect(swapped(a, 1, { run: a, step: -1 })).toEqual({ epoch: -1, against: "step:1" });
    expect(swapped(a, 1, { run: b, step: -1 })).toBeNull();
    expect(swapped(a, 1, null)).toBeNull();
  });
});
