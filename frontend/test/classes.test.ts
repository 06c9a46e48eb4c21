import { describe, expect, test } from "vitest";
import type { Manifest, SampleArray } from "../src/api";
import { classMeans, strongestCells } from "../src/views/class_means";
import { classesByLabel, classesByPrediction, classesToShow } from "../src/views/class_samples";
import { classWords, rankedWords } from "../src/views/class_words";
import { formatShown, parseShown } from "../src/views/features_shown";
import { formatSplit, parseSplit } from "../src/views/features_split";
import { manifest } from "./manifest";

const array = (shape: number[], values: number[]): SampleArray => ({
  dtype: "F32",
  shape,
  data: Float32Array.from(values),
});
const ids = (shape: number[], values: number[]): SampleArray => ({
  dtype: "I32",
  shape,
  data: Int32Array.from(values),
});
const own = (...samples: number[]) => ({ index: 0, name: "a", samples });
const output: Manifest["outputs"][0] = { name: "y", task: "multiclass", units: 3, class_names: ["a", "b", "c"] };

describe("whose samples are shown stands in the address", () => {
  test.each([
    ["", { by: "all", predicted: false, sought: "" }],
    ["by=class,of=predicted,classes=sea%2Clion", { by: "class", predicted: true, sought: "sea,lion" }],
    ["by=nobody,of=me", { by: "all", predicted: false, sought: "" }],
  ] as const)("%s", (filter, expected) => {
    expect(parseSplit(filter)).toEqual(expected);
    expect(parseSplit(formatSplit("", expected))).toEqual(expected);
  });

  test("beside what other views and the features' own choices keep there", () => {
    const filter = formatSplit("top=50,flipped,by=class", { by: "group", predicted: false, sought: "" });
    expect(filter).toBe("top=50,flipped,by=group");
    expect(parseSplit(formatShown(filter, { ...parseShown(filter), top: 10 })).by).toBe("group");
  });
});

describe("samples by class", () => {
  test("are those of each label, in the output's order", () => {
    expect(classesByLabel(manifest({ probe: { targets: [2, 0, 2, 0] } }))).toEqual([
      { index: 0, name: "a", samples: [1, 3] },
      { index: 2, name: "c", samples: [0, 2] },
    ]);
  });

  test("are none of a regression, nor without targets", () => {
    const regression = manifest({ outputs: [{ ...output, task: "regression" }], probe: { targets: [1, 2] } });
    expect(classesByLabel(regression)).toEqual([]);
    expect(classesByLabel(manifest({ probe: { targets: [] } }))).toEqual([]);
  });

  test("go by the likeliest class where that is asked for; one of no probability has none", () => {
    const said = {
      class: ids([3, 2], [1, 0, 0, 1, 1, 0]),
      probability: array([3, 2], [0.9, 0.1, Number.NaN, 0, 0.6, 0.4]),
    };
    expect(classesByPrediction(manifest(), said)).toEqual([{ index: 1, name: "b", samples: [0, 2] }]);
    expect(classesByPrediction(manifest(), undefined)).toEqual([]);
  });

  test("of many classes are those with most samples, or those found by name", () => {
    const many = Array.from({ length: 200 }, (_, index) => ({
      index,
      name: `class ${index}`,
      samples: Array.from({ length: index === 7 || index === 150 ? 3 : 1 }, (_, i) => i),
    }));
    expect(classesToShow(many, 3).map(({ index }) => index)).toEqual([0, 7, 150]);
    expect(classesToShow(many, 3, "CLASS 19").map(({ index }) => index)).toEqual([19, 190, 191]);
    expect(classesToShow(many, 3, "none")).toEqual([]);
  });
});

describe("the mean attribution of a class", () => {
  test("is over its samples, with the error of a mean", () => {
    const values = array([4, 2], [1, 0, 3, 0, 100, 100, 5, 6]);
    const [mean] = classMeans(values, [own(0, 1, 3)]);
    expect(Array.from(mean.mean)).toEqual([3, 2]);
    expect(mean.standardError[0]).toBeCloseTo(2 / Math.sqrt(3), 6); // sd of 1, 3, 5 is 2
    expect(mean.standardError[1]).toBeCloseTo(Math.sqrt(12) / Math.sqrt(3), 6);
    expect([mean.count, mean.leftOut]).toEqual([3, 0]);
  });

  test("takes half floats in their own unit", () => {
    const scaled = { ...array([2, 1], [1, 3]), scale: 10 };
    expect(classMeans(scaled, [own(0, 1)])[0].mean[0]).toBe(20);
  });

  test("leaves out samples that are not finite, and is NaN without any that is", () => {
    const values = array([3, 2], [1, 2, Number.NaN, 0, 3, Number.POSITIVE_INFINITY]);
    const [some, none] = classMeans(values, [own(0, 1, 2), own(1)]);
    expect([...some.mean, some.count, some.leftOut]).toEqual([1, 2, 1, 2]);
    expect(some.standardError[0]).toBeNaN(); // of one sample
    expect(none.mean[0]).toBeNaN();
  });

  test("is not made again for the same array and classes", () => {
    const [values, classes] = [array([2, 1], [1, 3]), [own(0, 1)]];
    expect(classMeans(values, classes)).toBe(classMeans(values, classes));
    expect(classMeans(values, [own(0)])[0].mean[0]).toBe(1);
  });

  test("is strongest where any class is", () => {
    const means = classMeans(array([2, 3], [1, -5, 0, 2, 0, 0]), [own(0), own(1)]);
    expect(strongestCells(means, 2)).toEqual([1, 0]);
  });
});

describe("the words of a class", () => {
  // 0 is padding; word 1 stands twice in the first sample.
  const tokens = ids([4, 3], [1, 1, 0, 1, 2, 0, 1, 2, 3, 2, 0, 0]);
  const values = array([4, 3], [1, 2, 9, 5, -1, 9, 4, -3, 0.5, 7, 9, 9]);

  test("contribute the sum of their places in a sample, on average over the samples that hold them", () => {
    const [{ words, count }] = classWords(values, tokens, true, [own(0, 1, 2)]);
    expect(count).toBe(3);
    expect([...words.keys()].sort()).toEqual([1, 2, 3]);
    expect(words.get(1)).toMatchObject({ samples: 3, mean: 4 }); // 3, 5, 4
    expect(words.get(1)?.standardError).toBeCloseTo(1 / Math.sqrt(3), 6);
    expect(words.get(1)?.share).toBeCloseTo(12 / 16.5, 6); // |1| + |2| + |5| + |4| of all but padding
    expect(words.get(2)).toMatchObject({ samples: 2, mean: -2 });
    expect(words.get(3)?.standardError).toBeNaN();
  });

  test("take token 0 for a word where it is none of padding", () => {
    expect(classWords(values, tokens, false, [own(0)])[0].words.get(0)?.mean).toBe(9);
  });

  test("stand for and against the class by what they contribute, rare ones apart", () => {
    const more = ids([3, 3], [5, 6, 7, 5, 6, 8, 5, 6, 8]);
    const given = array([3, 3], [1, -2, 50, 1, -4, -9, 1, -6, -9]);
    const [found] = classWords(given, more, false, [own(0, 1, 2)]);
    const { towards, against, rare } = rankedWords(found, 8);
    expect(towards.map(({ id }) => id)).toEqual([5]);
    expect(against.map(({ id, mean }) => [id, mean])).toEqual([[6, -4]]);
    expect(rare.map(({ id }) => id)).toEqual([7, 8]);
  });

  test("leave out samples whose attributions are not finite", () => {
    const broken = array([4, 3], [Number.NaN, 2, 9, 5, -1, 9, 4, -3, 0.5, 7, 9, 9]);
    const [{ words, count, leftOut }] = classWords(broken, tokens, true, [own(0, 1)]);
    expect([count, leftOut, words.get(1)?.mean]).toEqual([1, 1, 5]);
  });
});
