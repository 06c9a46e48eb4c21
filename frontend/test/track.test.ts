import { describe, expect, test } from "vitest";
import { besideCursor, captionSide } from "../src/shell/track";

describe("the reference's pill", () => {
  const WIDTH = 1000;
  const wide = 18 + 6.6 * "ref start".length;
  const start = (middle: number, cursorMiddle: number | null) =>
    besideCursor("ref start", middle, cursorMiddle === null ? null : "11", cursorMiddle ?? 0, WIDTH);
  const cursorWide = 18 + 6.6 * 2;

  test("is centred on its step, inside the track", () => {
    expect(start(500, 900)).toBeCloseTo(500 - wide / 2);
    expect(start(2, 900)).toBe(0);
    expect(start(998, 100)).toBeCloseTo(WIDTH - wide);
    expect(start(500, null)).toBeCloseTo(500 - wide / 2);
  });

  test("stands on its own side of the cursor's where they would meet", () => {
    expect(start(500, 510) + wide).toBeLessThan(510 - cursorWide / 2);
    expect(start(510, 500)).toBeGreaterThan(500 + cursorWide / 2);
  });

  test("stands on the other side where there is no room", () => {
    expect(start(2, 8)).toBeGreaterThan(cursorWide);
    expect(start(998, 990) + wide).toBeLessThan(WIDTH - cursorWide);
  });
});

test("the caption leaves signs in sight", () => {
  expect(captionSide([], 1000)).toBe("");
  expect(captionSide([300], 1000)).toBe("");
  expect(captionSide([700], 1000)).toBe("left");
  expect(captionSide([100, 700], 1000)).toBe("none");
});
