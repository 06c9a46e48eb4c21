import { describe, expect, test } from "vitest";
import {
  ago,
  distance,
  figure,
  fixed,
  isolated,
  minus,
  percent,
  plusMinus,
  points,
  shape,
  shortHash,
  thousands,
  withError,
  words,
} from "../src/format";

describe("numbers", () => {
  test.each([
    [percent(0.147), "14.7\u202f%"],
    [percent(0.147, { unit: false }), "14.7"],
    [percent(Number.NaN), "–"],
    [withError(0.081, 0.002), "8.1 ± 0.4\u202f%"],
    [withError(0.081, Number.NaN), "8.1\u202f%"],
    [withError(Number.NaN, 0.002), "–"],
    [plusMinus(0.002), " ± 0.4"],
    [plusMinus(Number.NaN), ""],
    [distance(0.352), ".35"],
    [distance(-0.352), "−.35"],
    [distance(0.0021), ".002"],
    [distance(0.0004), "<.001"],
    [distance(0), ".000"],
    [distance(1), "1.00"],
    [figure(0.09712), ".097"],
    [figure(2.345), "2.35"],
    [figure(51.13), "51.1"],
    [figure(12345.4), "12\u202f345"],
    [figure(0.00001234), "1.2e−5"],
    [figure(0), ".000"],
    [thousands(1234567), "1\u202f234\u202f567"],
    [thousands(-1234), "−1234"],
    [points(0.043), "+4.3"],
    [points(-0.009), "−0.9"],
    [points(-0.0001), "0.0"],
    [fixed(-0.5, 1), "−0.5"],
    [minus(-1), "−1"],
  ])("%s", (written, expected) => expect(written).toBe(expected));
});

test("names and times are words", () => {
  expect(words("integrated_gradients")).toBe("Integrated gradients");
  expect(shortHash("7c1e90afdd")).toBe("7c1e 90af");
  expect(shape([24, 24, 1])).toBe("24\u202f×\u202f24\u202f×\u202f1");
  expect([ago(4200), ago(180_000), ago(7_300_000), ago(-5)]).toEqual([
    "4\u202fs ago",
    "3\u202fmin ago",
    "2\u202fh ago",
    "0\u202fs ago",
  ]);
});

test("a name from right to left leaves the figures beside it where they are", () => {
  expect(isolated("worst area")).toBe("worst area");
  expect(isolated("שלילי")).toBe("\u2068שלילי\u2069");
});
