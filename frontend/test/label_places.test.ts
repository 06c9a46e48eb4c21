import { describe, expect, test } from "vitest";
import { besideCurve, besideWall, bestPlace, profileOf, spreadOut } from "../src/charts/label_places";

const plot = { width: 200, height: 80 };
const name = { width: 40, height: 14 };
const flat = (y: number) =>
  profileOf(
    [
      [0, y],
      [200, y],
    ],
    200,
  );
const around = { plot, others: [], walls: [], taken: [] };

describe("what a curve covers", () => {
  test("is its height in every column it runs through, and nothing beyond its ends", () => {
    const { top, bottom } = profileOf(
      [
        [2, 10],
        [6, 30],
      ],
      10,
    );
    expect([...top]).toEqual([Number.NaN, Number.NaN, 10, 15, 20, 25, 30, ...Array(4).fill(Number.NaN)]);
    expect([...bottom.slice(2, 7)]).toEqual([15, 20, 25, 30, 30]);
  });

  test("is all of a jump within one column", () => {
    const { top, bottom } = profileOf(
      [
        [3.2, 5],
        [3.8, 70],
        [4.4, 20],
      ],
      10,
    );
    expect([top[3], bottom[3]]).toEqual([5, 70]);
  });

  test("is one column for a single measurement", () => {
    const { top } = profileOf([[4, 7]], 8);
    expect([top[3], top[4], top[5]]).toEqual([Number.NaN, 7, Number.NaN]);
  });
});

describe("a name", () => {
  test("stands above or below its curve, inside the plot", () => {
    const low = besideCurve(flat(78), name, plot);
    expect(low.every(({ top }) => top + name.height < 78)).toBe(true);
    const high = besideCurve(flat(2), name, plot);
    expect(high.every(({ top }) => top > 2)).toBe(true);
    expect([...low, ...high].every(({ left }) => left >= 0 && left + name.width <= plot.width)).toBe(true);
  });

  test("is written over no other curve", () => {
    const own = flat(40);
    const above = bestPlace(besideCurve(own, name, plot), own, { ...around, others: [flat(30)] });
    expect(above?.top).toBeGreaterThan(40);
    const below = bestPlace(besideCurve(own, name, plot), own, { ...around, others: [flat(50)] });
    expect(below?.top).toBeLessThan(40 - name.height);
  });

  test("keeps off the cursor and the reference, and moves when the cursor comes to it", () => {
    const own = flat(40);
    const places = besideCurve(own, name, plot);
    const first = bestPlace(places, own, around);
    expect(first).toMatchObject({ left: 156 });
    const second = bestPlace(places, own, { ...around, walls: [170, 120] });
    if (!second) throw new Error("there is room");
    for (const x of [170, 120]) expect(x < second.left || x > second.left + name.width).toBe(true);
  });

  test("covers no other name, and is left out where there is no room beside them", () => {
    const own = flat(40);
    const places = besideCurve(own, name, plot);
    const taken = [{ left: 100, top: 0, width: 100, height: 80 }];
    expect(bestPlace(places, own, { ...around, taken })?.left).toBeLessThanOrEqual(60);
    expect(bestPlace(places, own, { ...around, taken: [{ left: 0, top: 0, ...plot }] })).toBe(undefined);
  });

  test("stands where two curves part, not where they are one", () => {
    const own = profileOf(
      [
        [0, 20],
        [100, 60],
        [200, 60],
      ],
      200,
    );
    const place = bestPlace(besideCurve(own, name, plot), own, { ...around, others: [flat(60)] });
    expect(place?.left).toBeLessThan(80);
  });

  test("of a single point stands beside it", () => {
    const point = (x: number) => profileOf([[x, 40]], plot.width);
    expect(besideCurve(point(100), name, plot).map(({ left, top }) => [left, top])).toEqual([
      [108, 33],
      [52, 33],
    ]);
    expect(besideCurve(point(198), name, plot).map(({ left }) => left)).toEqual([150]);
  });

  test("of an alarm stands beside its line, off the curves", () => {
    const place = bestPlace(besideWall(100, name, plot), undefined, { ...around, others: [flat(8)], walls: [100] });
    expect(place?.top).toBeGreaterThan(8);
    expect(place?.left).toBe(106);
  });
});

test("names at the ends of lines are moved apart, in the lines' order", () => {
  expect(spreadOut([10, 50, 12], 14, 66)).toEqual([10, 50, 24]);
  expect(spreadOut([64, 60, 66], 14, 66)).toEqual([52, 38, 66]);
});
