import { describe, expect, test } from "vitest";
import { drawSign, SIGN_TEXT, type Sign } from "../src/charts/signs";
import { recordingPen } from "./pen";

describe("a sign", () => {
  test.each(Object.keys(SIGN_TEXT) as Sign[])("of a %s fills a box that stands on its point", (sign) => {
    const { pen, lines } = recordingPen();
    drawSign(pen as CanvasRenderingContext2D, sign, 100, 50, 6);
    expect(lines.at(-1)).toMatch(/^fill/);
    const corners = lines.flatMap((line) => {
      const [name, ...numbers] = line.split(" ");
      const [x, y, a, b] = numbers.map(Number);
      if (name === "moveTo" || name === "lineTo") return [[x, y]];
      if (name === "rect")
        return [
          [x, y],
          [x + a, y + b],
        ];
      return name === "arc"
        ? [
            [x - a, y - a],
            [x + a, y + a],
          ]
        : [];
    });
    const [xs, ys] = [0, 1].map((axis) => corners.map((corner) => corner[axis]));
    expect([Math.min(...xs), Math.max(...xs)]).toEqual([97, 103]);
    expect([Math.min(...ys), Math.max(...ys)]).toEqual([44, 50]);
  });

  test("has a text of its own", () => {
    const texts = Object.values(SIGN_TEXT);
    expect(new Set(texts).size).toBe(texts.length);
  });
});
