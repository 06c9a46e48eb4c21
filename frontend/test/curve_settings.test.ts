import { beforeEach, describe, expect, test } from "vitest";
import { readAddress, writeAddress } from "../src/address";
import { canBeLog } from "../src/charts/curve_data";
import { chooseScale, setSmoothing, showAll, shownRange, shownScale, zoomAt, zoomTo } from "../src/curve_settings";
import { store } from "../src/state";

beforeEach(() => store.set({ zoom: null, scales: "", smoothing: 0 }));

describe("the zoom", () => {
  const whole = [-1, 59] as const;

  test.each([
    [10.2, 20.7, [10, 21]],
    [20.7, 10.2, [10, 21]],
    [-30, 5, [-1, 5]],
    [3.25, 4.5, [3.25, 4.5]],
    [-1, 59, null],
    [-40, 99, null],
    [7, 7, null],
    [Number.NaN, 9, null],
  ])("from %d to %d shows %j", (from, to, shown) => {
    zoomTo(from, to, whole);
    expect(store.state.zoom).toEqual(shown);
  });

  test("keeps what lies under the pointer where it is, and ends when all is shown", () => {
    zoomAt(29, 0.5, whole);
    expect(store.state.zoom).toEqual([14, 44]);
    zoomAt(14, 0.5, whole);
    expect(store.state.zoom).toEqual([14, 29]);
    zoomAt(20, 100, whole);
    expect(store.state.zoom).toBeNull();
  });

  test("goes no deeper than there is something to see", () => {
    zoomTo(3, 3.02, whole);
    for (let i = 0; i < 20; i++) zoomAt(3.01, 0.5, whole);
    const [first, last] = store.state.zoom ?? [0, 0];
    expect(last - first).toBeGreaterThan(0.01);
  });

  test("leaves a chart whole that has nothing within it", () => {
    expect(shownRange([-1, 9], [20, 40])).toEqual([-1, 9]);
    expect(shownRange([-1, 30], [20, 40])).toEqual([20, 30]);
    expect(shownRange([-1, 30], null)).toEqual([-1, 30]);
  });

  test("comes back from the address with the smoothing", () => {
    zoomTo(12, 19, whole);
    setSmoothing(0.875);
    const { zoom, smoothing } = readAddress(writeAddress("#explain", store.state));
    expect({ zoom, smoothing }).toEqual({ zoom: [12, 19], smoothing: 0.875 });
    showAll();
    setSmoothing(0);
    expect(writeAddress("#explain", store.state)).toBe("#explain");
  });
});

test("the smoothing has ends", () => {
  setSmoothing(1);
  expect(store.state.smoothing).toBe(0.999);
  setSmoothing(-1);
  expect(store.state.smoothing).toBe(0);
});

describe("the scale of a chart", () => {
  const share = { low: 0 };
  const scaleOf = (title: string, scale = {}) => shownScale(title, scale, store.state.scales);

  test("is its own until another is chosen, and again when that is taken back", () => {
    expect(scaleOf("Share shift", share)).toEqual({ low: 0 });
    chooseScale("Share shift", share, true);
    expect(scaleOf("Share shift", share)).toEqual({ log: true });
    expect(scaleOf("Loss", { log: true })).toEqual({ log: true });
    chooseScale("Share shift", share, false);
    expect(store.state.scales).toBe("");
  });

  test("can be linear where its own is not", () => {
    chooseScale("Loss", { log: true }, false);
    chooseScale("Share, of all", {}, true);
    expect(store.state.scales).toBe("linear:Loss,log:Share of all");
    expect(scaleOf("Loss", { log: true })).toEqual({ log: false });
    expect(scaleOf("Share, of all")).toEqual({ log: true });
  });

  test("is logarithmic only where nothing is below zero", () => {
    expect(canBeLog([{ values: [0, 0.5, Number.NaN] }])).toBe(true);
    expect(canBeLog([{ values: [1] }, { values: [-0.1] }])).toBe(false);
    expect(canBeLog([{ values: [0, 0] }])).toBe(false);
    expect(canBeLog([])).toBe(false);
  });
});
