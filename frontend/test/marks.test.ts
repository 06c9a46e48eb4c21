import { expect, test } from "vitest";
import { CLEAR, fillCells, hatch, makePixels, roundTicks, roundUp, startsOf, toWord } from "../src/charts/marks";
import { asText, pixelAt } from "./pictures";

test.each([
  [0, 100, [0, 50, 100]],
  [-1, 59, [0, 20, 40]],
  [0, 1, [0, 0.5, 1]],
  [0, 0.3, [0, 0.1, 0.2, 0.3]],
  [-0.25, 0.25, [-0.2, 0, 0.2]],
  [-0.45, 0.49, [-0.4, -0.2, 0, 0.2, 0.4]],
  [3, 3, [3]],
  [0, 1e-9, [0, 5e-10, 1e-9]],
  [Number.NaN, 1, []],
])("between %d and %d round numbers are %j", (low, high, ticks) => {
  expect(roundTicks(low, high, 3)).toEqual(ticks);
});

test.each([
  [0.108, 0.12],
  [0.2, 0.2],
  [0.91, 1],
  [7.2, 8],
  [0, 0],
])("%d is rounded up to %d", (value, round) => {
  expect(roundUp(value)).toBe(round);
});

test("a colour is asked for once a cell, and fills it", () => {
  const pixels = makePixels(5, 4);
  const asked: string[] = [];
  const color = (x: number, y: number): number => {
    asked.push(`${x} ${y}`);
    return x < 2 ? toWord([1, 2, 3]) : y < 1 ? CLEAR : toWord([4, 5, 6]);
  };
  fillCells(pixels, startsOf([0, 0, 1, 1, 1]), startsOf([0, 1, 1, 1]), color, "light");
  expect(asText(pixels)).toBe("aa...\naabbb\naabbb\naabbb");
  expect(asked).toEqual(["0 0", "2 0", "0 1", "2 1"]);
  expect(pixelAt(pixels, 1, 1)).toEqual([1, 2, 3, 255]);
});

test("lists begin anew where any of them changes", () => {
  expect(startsOf([0, 0, 1, 1], [5, 5, 5, 6])).toEqual([true, false, true, true]);
  expect(startsOf([])).toEqual([]);
});

test("hatching is never the colour of zero", () => {
  for (const theme of ["light", "dark"] as const) {
    const page = theme === "light" ? [255, 255, 255] : [0x16, 0x19, 0x1f];
    for (let x = 0; x < 4; x++) expect(hatch(x, 0, theme)).not.toEqual(page);
  }
});
