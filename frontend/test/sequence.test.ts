import { describe, expect, test } from "vitest";
import { scaleOf } from "../src/charts/color";
import { drawSequence, type Sequence } from "../src/charts/sequence";
import { palette, recordingPen } from "./pen";

const scale = scaleOf(true, "light");

function drawn(sequence: Partial<Sequence>, lanes: boolean): string[] {
  const { pen, lines } = recordingPen();
  const whole = { values: [1, 0, -1, 0], steps: 2, channels: 2, signal: [0, 5, 1, 5], ...sequence };
  drawSequence(pen, whole, { width: 20, height: 22, limit: 1, scale, palette, lanes });
  return lines;
}

const beginning = (lines: string[], start: string): string[] => lines.filter((line) => line.startsWith(start));

describe("a sequence", () => {
  test("has a lane a channel, shaded by what each step contributed", () => {
    const lines = drawn({}, true);
    expect(beginning(lines, "fillRect")).toEqual([
      "fillRect 0 0 10 10",
      "fillRect 10 0 10 10",
      "fillRect 0 12 10 10",
      "fillRect 10 12 10 10",
    ]);
    expect(beginning(lines, "fillStyle").map((line) => line.slice(12))).toEqual([
      "rgb(140, 54, 5)",
      "rgb(18, 63, 138)",
      "rgb(255, 255, 255)",
      "rgb(255, 255, 255)",
    ]);
    // The first channel rises over its lane's height; the second is constant and lies in the middle of its own.
    expect(lines.filter((line) => /^(moveTo|lineTo)/.test(line))).toEqual([
      "moveTo 5 7",
      "lineTo 15 3",
      "moveTo 5 17",
      "lineTo 15 17",
    ]);
  });

  test("in one lane has all curves over the channels' sums", () => {
    const lines = drawn({ values: [0.5, 0.5, 1, -1] }, false);
    expect(beginning(lines, "fillRect")).toEqual(["fillRect 0 0 10 22", "fillRect 10 0 10 22"]);
    expect(beginning(lines, "fillStyle")).toEqual(["fillStyle = rgb(140, 54, 5)", "fillStyle = rgb(255, 255, 255)"]);
    expect(beginning(lines, "moveTo")).toHaveLength(2);
  });

  test("whose values are one a step shades every lane alike", () => {
    const colours = beginning(drawn({ values: [1, 0] }, true), "fillStyle");
    expect(colours.slice(0, 2)).toEqual(colours.slice(2));
  });

  test("breaks its curve where the signal is missing, and marks what is not finite with no value's colour", () => {
    const lines = drawn({ values: [Number.NaN, 0], channels: 1, signal: [Number.NaN, 3], steps: 2 }, true);
    expect(lines).toContain("fillStyle = line2");
    expect(lines).toContain("fillRect 0 10 10 3");
    expect(beginning(lines, "lineTo")).toEqual([]);
  });

  test("without its signal is shades alone", () => {
    expect(beginning(drawn({ signal: undefined }, true), "stroke")).toEqual([]);
  });
});
