import { describe, expect, test } from "vitest";
import { signedLut } from "../src/charts/color";
import { drawHistogram, fromRow, merge, total } from "../src/charts/histogram";
import { drawRidges, ridgeBaseline, ridgeHit, shownRidges } from "../src/charts/ridges";
import { palette, recordingPen } from "./pen";

/** Counts of values in the bins of a grid, one by one. */
function counted(values: readonly number[], lower: number, width: number, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.floor((value - lower) / width)] += 1;
  return counts;
}

describe("histograms of different bin widths", () => {
  const values = Array.from({ length: 500 }, (_, i) => Math.sin(i * 12.9898) * 3);
  const narrow = { lower: -4, width: 0.125, counts: counted(values, -4, 0.125, 64) };
  const wide = { lower: -16, width: 0.5, counts: counted(values, -16, 0.5, 64) };

  test("merge exactly: the counts are those of the values in the wider bins", () => {
    const { lower, width, bins, counts } = merge([narrow, wide]);
    expect(width).toBe(0.5);
    expect(Array.from(counts[0])).toEqual(counted(values, lower, 0.5, bins));
    expect(Array.from(counts[1])).toEqual(Array.from(counts[0]));
    expect(total(counts[0])).toBe(500);
  });

  test("are cut to the range that holds counts", () => {
    const { lower, bins } = merge([narrow, wide]);
    expect(lower).toBe(Math.floor(Math.min(...values) / 0.5) * 0.5);
    expect(lower + bins * 0.5).toBe(Math.floor(Math.max(...values) / 0.5) * 0.5 + 0.5);
  });

  test("an edge that is no multiple of the wider width still finds its bin", () => {
    const grid = merge([
      { lower: -0.25, width: 0.25, counts: [1, 2, 3] },
      { lower: -1, width: 1, counts: [5, 7] },
    ]);
    expect(grid).toEqual({ lower: -1, width: 1, bins: 2, counts: [Float64Array.of(1, 5), Float64Array.of(5, 7)] });
  });

  test("empty and unreadable ones are empty, not an error", () => {
    const grid = merge([fromRow([Number.NaN, Number.NaN, 0, 0]), fromRow([0, 1, 0, 3, 0])]);
    expect(grid).toEqual({ lower: 1, width: 1, bins: 1, counts: [Float64Array.of(0), Float64Array.of(3)] });
    expect(merge([fromRow([0, 1, 0, 0])]).bins).toBe(0);
    expect(merge([]).bins).toBe(0);
  });
});

test("now is filled, the reference is a dashed outline on the same grid", () => {
  const grid = { lower: -1, width: 1, bins: 2, counts: [] };
  const { pen, lines } = recordingPen();
  drawHistogram(pen, grid, [4, 2], [1, 4], { width: 100, height: 64, fill: "fill", palette });
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "clearRect 0 0 100 64
    fillStyle = line
    fillRect 0 44 100 1
    beginPath
    moveTo 0 44
    lineTo 0 4
    lineTo 50 4
    lineTo 50 24
    lineTo 100 24
    lineTo 100 44
    closePath
    fillStyle = fill
    fill
    beginPath
    moveTo 0 44
    lineTo 0 34
    lineTo 50 34
    lineTo 50 4
    lineTo 100 4
    lineTo 100 44
    strokeStyle = ink2
    lineWidth = 1.3
    setLineDash [3 2]
    stroke
    setLineDash []
    fillStyle = ink3
    font = 11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif
    textBaseline = top
    textAlign = left
    fillText −1 0 50
    textAlign = center
    fillText −.5 25 50
    textAlign = center
    fillText 0 50 50
    textAlign = center
    fillText .5 75 50
    textAlign = right
    fillText 1 100 50"
  `);
});

describe("ridges", () => {
  test("are thinned evenly, never the cursor or the reference", () => {
    expect(shownRidges(5, 2, 0)).toEqual([0, 1, 2, 3, 4]);
    const many = shownRidges(300, 31, 19);
    expect(many.length).toBeLessThanOrEqual(42);
    expect(many).toContain(31);
    expect(many).toContain(19);
    expect(shownRidges(3, -1, -1)).toEqual([0, 1, 2]);
  });

  test("a point hits the ridge it stands in", () => {
    for (const step of [0, 7, 30, 60]) {
      expect(ridgeHit(ridgeBaseline(step, 61, 500) - 1, 61, 500)).toBe(step);
    }
    expect(ridgeHit(-50, 61, 500)).toBe(0);
    expect(ridgeHit(9999, 61, 500)).toBe(60);
    expect(ridgeHit(3, 1, 500)).toBe(0);
    expect(ridgeHit(3, 0, 500)).toBe(-1);
  });

  test("have heights that are roots of counts; the cursor's is filled, the reference's dashed", () => {
    const grid = {
      lower: 0,
      width: 1,
      bins: 1,
      counts: [Float64Array.of(100), Float64Array.of(25), Float64Array.of(0)],
    };
    const { pen, lines } = recordingPen();
    const marks = { cursor: 0, reference: 1 };
    drawRidges(pen, ["start", "0", "1"], grid, {
      width: 144,
      height: 124,
      lut: signedLut.light,
      palette,
      fill: "run",
      ...marks,
    });
    const tops = lines.filter((line) => /^lineTo 89 /.test(line)).map((line) => Number(line.split(" ")[2]));
    const [first, second, third] = [0, 2, 4].map((i) => tops[i]);
    const base = (step: number) => ridgeBaseline(step, 3, 124);
    expect(base(0) - first).toBeCloseTo(2 * (base(1) - second), 1);
    expect(third).toBeCloseTo(base(2), 1);
    expect(lines.filter((line) => line === "fillStyle = run")).toHaveLength(1);
    expect(lines.filter((line) => line === "setLineDash [3 2]")).toHaveLength(1);
  });
});
