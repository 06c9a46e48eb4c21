import { describe, expect, test } from "vitest";
import { scaleOf } from "../src/charts/color";
import { drawAgreement, drawRanks, rankToY } from "../src/charts/ranks";
import { sparklinePaths, sparklinePoint } from "../src/charts/sparkline";
import { textPositions, tokenShade } from "../src/charts/tokens";
import { palette, recordingPen } from "./pen";

const path = (lines: readonly string[]): string[] =>
  lines.filter((line) => /^(moveTo|lineTo|bezierCurveTo|arc) /.test(line));

describe("a sparkline", () => {
  test("spans its box and breaks where a value is not a number", () => {
    expect(sparklinePaths([0, 10, Number.NaN, 5, 0])).toEqual({ line: "M0 96L120 0M360 48L480 96", dots: "" });
  });

  test("of a constant lies in the middle; a value by itself is a dot", () => {
    expect(sparklinePaths([7])).toEqual({ line: "", dots: "M240 48h0" });
    expect(sparklinePaths([2, 2, Number.POSITIVE_INFINITY, 2])).toEqual({ line: "M0 48L160 48", dots: "M480 48h0" });
    const point = sparklinePoint([1, Number.POSITIVE_INFINITY, 3, 2]);
    expect([point(0), point(2), point(3)]).toEqual([
      [0, 1],
      [2 / 3, 0],
      [1, 0.5],
    ]);
  });

  test("of nothing that is a number is empty", () => {
    expect(sparklinePaths([Number.NaN, Number.NaN])).toEqual({ line: "", dots: "" });
  });
});

describe("a token", () => {
  const light = scaleOf(true, "light");

  test("takes the scale's colour and the ink that stands out", () => {
    expect(tokenShade(2, 2, light)).toEqual({
      background: "rgb(140, 54, 5)",
      ink: "rgb(255, 255, 255)",
      hatched: false,
    });
    expect(tokenShade(0.6, 2, light).ink).toBe("rgb(0, 0, 0)");
    expect(tokenShade(2, 2, scaleOf(true, "dark")).ink).toBe("rgb(0, 0, 0)");
  });

  test("next to zero is left plain, and one that is no number is hatched", () => {
    expect(tokenShade(0.01, 2, light)).toEqual({ background: undefined, ink: undefined, hatched: false });
    expect(tokenShade(Number.NaN, 2, light).hatched).toBe(true);
    expect(tokenShade(Number.POSITIVE_INFINITY, 2, light).hatched).toBe(true);
  });

  test("without a sign takes a scale that starts at zero", () => {
    const scale = scaleOf(false, "light");
    expect(tokenShade(0, 2, scale).background).toBe(undefined);
    expect(tokenShade(2, 2, scale).background).toBe("rgb(24, 44, 90)");
  });

  test("before or behind the text that is padding is left out, but never all of them", () => {
    expect(textPositions([5, 0, 7, 0, 0], ["", "[UNK]"])).toEqual([0, 1, 2]);
    expect(textPositions([0, 0, 5, 6], [])).toEqual([2, 3]);
    expect(textPositions([0, 0], ["<PAD>"])).toEqual([0]);
    expect(textPositions([0, 2], ["the", "a", "film"])).toEqual([0, 1]);
  });
});

describe("ranks over the epochs", () => {
  const options = {
    width: 120,
    height: 105,
    places: 10,
    color: "run",
    palette,
    left: 10,
    right: 10,
    range: [0, 10] as const,
  };

  test("the first is at the top, those beyond the places leave at the bottom", () => {
    expect(rankToY(1, 10, 105)).toBe(5);
    expect(rankToY(10, 10, 105)).toBe(95);
    expect(rankToY(11, 10, 105)).toBe(rankToY(60, 10, 105));
    expect(rankToY(60, 10, 105)).toBeGreaterThan(105);
  });

  test("the selected curve is drawn last, rings only within the places", () => {
    const { pen, lines } = recordingPen();
    const curves = [
      { name: "a", ranks: [1, 2], selected: true },
      { name: "b", ranks: [2, 30], selected: false },
    ];
    drawRanks(pen, [0, 10], curves, options);
    expect(path(lines)).toEqual([
      "moveTo 10 15",
      "bezierCurveTo 60 15 60 107 110 107",
      "arc 10 15 2.5 0 6.3",
      "moveTo 10 5",
      "bezierCurveTo 60 5 60 15 110 15",
      "arc 10 5 4 0 6.3",
      "arc 110 15 4 0 6.3",
    ]);
    expect(lines.filter((line) => line.startsWith("strokeStyle")).at(-1)).toBe("strokeStyle = run");
  });

  test("nothing is drawn between ranks that are both beyond the places, or unknown", () => {
    const { pen, lines } = recordingPen();
    const curves = [{ name: "a", ranks: [30, 12, 10, Number.NaN, 3], selected: false }];
    drawRanks(pen, [0, 1, 2, 3, 4], curves, { ...options, range: [0, 4] });
    expect(path(lines)).toEqual([
      "moveTo 35 107",
      "bezierCurveTo 47.5 107 47.5 95 60 95",
      "arc 60 95 2.5 0 6.3",
      "arc 110 25 2.5 0 6.3",
    ]);
  });
});

test("methods lie on one axis with marks of different shapes; one that is missing is not drawn", () => {
  const { pen, lines } = recordingPen();
  const marks = [
    { share: 0.5, standardError: 0 },
    { share: Number.NaN, standardError: 0 },
    { share: 1, standardError: 0.1 },
  ];
  drawAgreement(pen, marks, { width: 110, height: 24, limit: 1, colors: ["ink", "ring", "diamond"], palette });
  expect(path(lines)).toEqual([
    "arc 55 12.5 4 0 6.3",
    "moveTo 85 12.5",
    "lineTo 105 12.5",
    "moveTo 105 7.5",
    "lineTo 110 12.5",
    "lineTo 105 17.5",
    "lineTo 100 12.5",
  ]);
});
