import { describe, expect, test } from "vitest";
import { signedLut } from "../src/charts/color";
import { binAt, binEdges, drawHistogram, fromRow, merge, shortCount, total } from "../src/charts/histogram";
import { drawMarkedRidge, drawRidges, markBox, ridgeBaseline, ridgeHit, shownRidges } from "../src/charts/ridges";
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
    const grid = merge([
      fromRow(new Float64Array([Number.NaN, Number.NaN, 0, 0])),
      fromRow(new Float64Array([0, 1, 0, 3, 0])),
    ]);
    expect(grid).toEqual({ lower: 1, width: 1, bins: 1, counts: [Float64Array.of(0), Float64Array.of(3)] });
    expect(merge([fromRow(new Float64Array([0, 1, 0, 0]))]).bins).toBe(0);
    expect(merge([]).bins).toBe(0);
  });
});

test("values that went far away get wider bins, so that there are never too many, and no count is lost", () => {
  const near = { lower: 0, width: 1 / 1024, counts: [3, 4] };
  const { bins, width, counts, lower } = merge([near, { lower: 1e7, width: 1 / 1024, counts: [0, 5] }]);
  expect(bins).toBeLessThanOrEqual(257);
  expect(Math.log2(width) % 1).toBe(0);
  expect(counts.map(total)).toEqual([7, 5]);
  expect(counts[1][Math.floor((1e7 - lower) / width)]).toBe(5);
});

describe("a histogram", () => {
  test("has now filled, the reference as a dashed outline on the same grid, and counts beside it", () => {
    const grid = { lower: -1, width: 1, bins: 2, counts: [] };
    const { pen, lines } = recordingPen();
    drawHistogram(pen, grid, [4, 2], [1, 4], { width: 144, height: 64, fill: "fill", palette });
    expect(lines.join("\n")).toMatchInlineSnapshot(`
      "clearRect 0 0 144 64
      font = 11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif
      textAlign = right
      textBaseline = middle
      fillStyle = line
      fillRect 36 44 100 1
      fillStyle = ink3
      fillText 0 30 44
      fillStyle = line
      fillRect 36 24 100 1
      fillStyle = ink3
      fillText 2 30 24
      fillStyle = line
      fillRect 36 4 100 1
      fillStyle = ink3
      fillText 4 30 4
      beginPath
      moveTo 36 44
      lineTo 36 4
      lineTo 86 4
      lineTo 86 24
      lineTo 136 24
      lineTo 136 44
      closePath
      fillStyle = fill
      fill
      beginPath
      moveTo 36 44
      lineTo 36 34
      lineTo 86 34
      lineTo 86 4
      lineTo 136 4
      lineTo 136 44
      strokeStyle = ink2
      lineWidth = 1.3
      setLineDash [3 2]
      stroke
      setLineDash []
      fillStyle = ink3
      font = 11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif
      textBaseline = top
      textAlign = left
      fillText −1 36 50
      textAlign = center
      fillText −.5 61 50
      textAlign = center
      fillText 0 86 50
      textAlign = center
      fillText .5 111 50
      textAlign = right
      fillText 1 136 50"
    `);
  });

  test("of zeros alone has an empty floor", () => {
    const { pen, lines } = recordingPen();
    const grid = { lower: 0, width: 1, bins: 2, counts: [] };
    drawHistogram(pen, grid, [0, 0], undefined, { width: 144, height: 64, fill: "fill", palette });
    const heights = lines.filter((line) => /^lineTo /.test(line)).map((line) => line.split(" ")[2]);
    expect(new Set(heights)).toEqual(new Set(["44"]));
  });

  test("tells which bin a point is in", () => {
    expect([35, 36, 85, 86, 135, 136].map((x) => binAt(x, 2, 144))).toEqual([-1, 0, 0, 1, 1, -1]);
    expect(binEdges(1, 2, 144)).toEqual([86, 136]);
    expect(binAt(50, 0, 144)).toBe(-1);
  });

  test("writes counts shortly", () => {
    expect([0, 7, 999, 1500, 40_000, 2_500_000, 3e12].map(shortCount)).toEqual([
      "0",
      "7",
      "999",
      "1.5k",
      "40k",
      "2.5M",
      "3000G",
    ]);
  });
});

describe("ridges", () => {
  test("are thinned evenly", () => {
    expect(shownRidges(5)).toEqual([0, 1, 2, 3, 4]);
    expect(shownRidges(1000)).toHaveLength(40);
    expect(shownRidges(81)).toEqual(Array.from({ length: 27 }, (_, i) => 3 * i));
    expect(shownRidges(0)).toEqual([]);
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

  const grid = {
    lower: 0,
    width: 1,
    bins: 1,
    counts: [Float64Array.of(100), Float64Array.of(25), Float64Array.of(0)],
  };
  const names = ["start", "0", "1"];
  const size = { width: 144, height: 124, palette };
  const tops = (lines: readonly string[]) =>
    lines.filter((line) => /^lineTo 89 /.test(line)).map((line) => Number(line.split(" ")[2]));
  const base = (step: number) => ridgeBaseline(step, 3, 124);

  test("have heights that are roots of counts, whatever the cursor's step", () => {
    const { pen, lines } = recordingPen();
    drawRidges(pen, names, grid, { ...size, lut: signedLut.light });
    const [first, second, third] = tops(lines);
    expect(base(0) - first).toBeCloseTo(2 * (base(1) - second), 1);
    expect(third).toBeCloseTo(base(2), 1);
    expect(lines.filter((line) => line === "fill")).toHaveLength(3);
  });

  test("are marked by themselves, each in its own box", () => {
    const { pen, lines } = recordingPen();
    const look = { width: 144, height: 124, stroke: "ink", lineWidth: 1.5 };
    drawMarkedRidge(pen, grid, 1, { ...look, fill: "run" });
    const { top, height } = markBox(1, 3, 124);
    const all = recordingPen();
    drawRidges(all.pen, names, grid, { ...size, lut: signedLut.light });
    expect(top + tops(lines)[0]).toBeCloseTo(tops(all.lines)[1], 1);
    expect(tops(lines)[0]).toBeLessThan(height);
    expect(lines.filter((line) => line === "fillStyle = run")).toHaveLength(1);
    expect(lines).toContain("setLineDash []");
    const dashed = recordingPen();
    drawMarkedRidge(dashed.pen, grid, 0, { ...look, dashed: true });
    expect(dashed.lines).toContain("setLineDash [3 2]");
    expect(dashed.lines).not.toContain("fill");
    expect(tops(dashed.lines)[0]).toBeGreaterThan(0);
  });
});
