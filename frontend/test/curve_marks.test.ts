import { beforeEach, describe, expect, test } from "vitest";
import type { Line } from "../src/charts/curve_data";
import { type Marks, overlayOf } from "../src/charts/curve_marks";
import { scalesOf } from "../src/charts/curve_scales";
import { paletteOf } from "../src/theme";

const line = (colour: string, focus: boolean, epochs: number[], values: number[]): Line => ({
  run: colour,
  label: colour,
  colour,
  focus,
  epochs,
  values,
});
const lines = [
  line("#12b5cb", false, [0, 2, 4], [0, 5, 10]),
  line("#425066", true, [0, 1, 2, 3, 4], [10, 10, Number.NaN, 5, 0]),
];
const scales = scalesOf({ lines, range: [0, 4], axis: false, tick: String, figure: String }, 400, 100);

describe("what lies over a chart", () => {
  let over = document.createElement("div");
  let mark: (marks: Marks) => void = () => undefined;
  beforeEach(() => {
    over = document.createElement("div");
    mark = overlayOf(over, scales, lines, paletteOf(false));
  });
  const shown = () =>
    [...over.children]
      .filter((element) => !(element as HTMLElement).hidden)
      .map((element) => `${element.className} ${(element as HTMLElement).style.transform}`);

  test("are lines at the cursor, the reference and the pointer, and dots where that was measured", () => {
    mark({ cursor: 2, reference: 0, hover: null });
    expect(shown()).toEqual([
      "mark reference translateX(0px)",
      "mark cursor translateX(200px)",
      "point translate(200px, 50px)",
    ]);
    mark({ cursor: 2, reference: 0, hover: 3 });
    expect(shown().slice(2)).toEqual(["mark hover translateX(300px)", "point focus translate(300px, 50px)"]);
  });

  test("is one line where cursor and reference are the same, none where there is nothing", () => {
    mark({ cursor: 4, reference: 4, hover: 4 });
    expect(shown()).toEqual([
      "mark cursor translateX(400px)",
      "point translate(400px, 0px)",
      "point focus translate(400px, 100px)",
    ]);
    mark({ cursor: null, reference: null, hover: null });
    expect(shown()).toEqual([]);
  });

  test("stays within the epochs that are shown", () => {
    mark({ cursor: 9, reference: -1, hover: 5 });
    expect(shown()).toEqual([]);
  });

  test("is moved, not made anew", () => {
    const before = [...over.children];
    for (const cursor of [0, 1, 2, 3, 4]) mark({ cursor, reference: 0, hover: cursor });
    expect([...over.children]).toEqual(before);
    expect(over.children.length).toBe(3 + lines.length);
  });
});
