import { describe, expect, test } from "vitest";
import { drawShareBar, drawSignedBar, drawSparkbars, strongest } from "../src/charts/bars";
import { scaleOf } from "../src/charts/color";
import { palette, recordingPen } from "./pen";

const options = { width: 40, height: 21, limit: 2, scale: scaleOf(true, "light"), palette };
/** Filled rectangles with their colours. */
const rectangles = (lines: readonly string[]): string[] => {
  let color = "";
  return lines.flatMap((line) => {
    if (line.startsWith("fillStyle = ")) color = line.slice("fillStyle = ".length);
    return line.startsWith("fillRect ") ? [`${line.slice("fillRect ".length)} ${color}`] : [];
  });
};

describe("bars in fixed order", () => {
  test("rise for, hang against, and are clipped at the limit", () => {
    const { pen, lines } = recordingPen();
    drawSparkbars(pen, [2, -1, 0, 99], options);
    const [axis, ...bars] = rectangles(lines);
    expect(axis).toBe("0 11 40 1 line");
    expect(bars.map((bar) => bar.split(" ").slice(0, 4).map(Number))).toEqual([
      [0, 1, 9, 10],
      [10, 12, 9, 5],
      [30, 1, 9, 10],
    ]);
    expect(bars[0].endsWith(bars[2].split(" ").slice(4).join(" "))).toBe(true);
    expect(bars[0].split("rgb")[1]).not.toBe(bars[1].split("rgb")[1]);
  });

  test("show what is not a number as a grey stub, never as nothing", () => {
    const { pen, lines } = recordingPen();
    drawSparkbars(pen, [Number.NaN, 0], options);
    expect(rectangles(lines).slice(1)).toEqual(["0 10 19 3 line2"]);
  });

  test("without a sign stand on the lower edge, and take all its height", () => {
    const { pen, lines } = recordingPen();
    drawSparkbars(pen, [2, 1, Number.POSITIVE_INFINITY], { ...options, scale: scaleOf(false, "light") });
    const [axis, ...bars] = rectangles(lines);
    expect(axis).toBe("0 20 40 1 line");
    expect(bars.map((bar) => bar.split(" ").slice(0, 4).map(Number))).toEqual([
      [0, 1, 12, 19],
      [13, 10, 12, 10],
      [27, 18, 12, 3],
    ]);
  });

  test("of more features than pixels are still a pixel each", () => {
    const { pen, lines } = recordingPen();
    drawSparkbars(pen, new Float32Array(100).fill(1), options);
    expect(rectangles(lines)).toHaveLength(101);
  });
});

describe("one signed bar", () => {
  test("starts in the middle; the reference is a tick in ink", () => {
    const { pen, lines } = recordingPen();
    drawSignedBar(pen, -1, 2, options);
    const [axis, bar, tick] = rectangles(lines);
    expect(axis).toBe("20 0 1 21 line");
    expect(bar.split(" ").slice(0, 4).map(Number)).toEqual([11, 6, 9, 9]);
    expect(tick).toBe("37 4 2 13 ink");
  });

  test("without a sign starts at the left", () => {
    const { pen, lines } = recordingPen();
    drawSignedBar(pen, 1, 2, { ...options, scale: scaleOf(false, "light") });
    const [axis, bar, tick] = rectangles(lines);
    expect(axis).toBe("0 0 1 21 line");
    expect(bar.split(" ").slice(0, 4).map(Number)).toEqual([0, 6, 18, 9]);
    expect(tick).toBe("35 4 2 13 ink");
  });

  test("has no tick without a reference, and a stub for what is not a number", () => {
    const { pen, lines } = recordingPen();
    drawSignedBar(pen, Number.NaN, Number.NaN, options);
    expect(rectangles(lines)).toEqual(["20 0 1 21 line", "12 10 17 3 line2"]);
  });
});

test("a share has its whisker of two standard errors and its reference", () => {
  const { pen, lines } = recordingPen();
  drawShareBar(pen, 0.5, 0.1, 0.25, { width: 102, height: 24, limit: 1, color: "run", palette });
  expect(rectangles(lines)).toEqual(["0 6 50 12 run", "30 12 40 1 ink"]);
  expect(lines).toContain("moveTo 25.5 4");
});

test("a share over other samples is pointed at, within the picture", () => {
  const corners = (beside: number) => {
    const { pen, lines } = recordingPen();
    drawShareBar(pen, 0.5, 0, Number.NaN, { width: 102, height: 24, limit: 1, color: "run", palette, beside });
    return lines.filter((line) => /^(moveTo|lineTo)/.test(line));
  };
  expect(corners(0.25)).toEqual(["moveTo 25 15", "lineTo 21 22", "lineTo 29 22"]);
  expect(corners(0)[1]).toBe("lineTo 0 22");
  expect(corners(Number.NaN)).toEqual([]);
});

test("a share that is not a number draws nothing", () => {
  const { pen, lines } = recordingPen();
  drawShareBar(pen, Number.NaN, Number.NaN, Number.NaN, { width: 102, height: 24, limit: 1, color: "run", palette });
  expect(lines).toEqual(["clearRect 0 0 102 24"]);
});

describe("the strongest", () => {
  test("by value or reference come first, the others are summed", () => {
    const { bars, others } = strongest([0.1, -3, 2, 0.5], [4, 0, 0, 0.2], 2);
    expect(bars.map(({ index }) => index)).toEqual([0, 1]);
    expect(others).toEqual({ count: 2, value: 2.5, reference: 0.2 });
  });

  test("keep the order of equals and put what is not a number last", () => {
    const { bars, others } = strongest([1, Number.NaN, -1], undefined, 3);
    expect(bars.map(({ index }) => index)).toEqual([0, 2, 1]);
    expect(others.count).toBe(0);
  });
});
