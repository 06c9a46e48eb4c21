/**
 * Whether colours still say what they say to people who confuse some.
 *
 * Machado, Oliveira and Fernandes, A Physiologically-based Model for Simulation of Color Vision Deficiency (2009), table 1, severity 1.0.
 */
import { describe, expect, test } from "vitest";
import {
  colorAt,
  contrast,
  parseHex,
  type Rgb,
  sequentialIndex,
  sequentialLut,
  signedIndex,
  signedLut,
  toOklab,
} from "../src/charts/color";
import { CLASS_COLOURS, classColour } from "../src/model/class_marks";
import { runColour } from "../src/theme";

type Row = readonly [number, number, number];

const VISION: Record<string, readonly [Row, Row, Row]> = {
  common: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const toLinear = (byte: number): number =>
  byte <= 0.04045 * 255 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4;
const toByte = (linear: number): number =>
  255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055);

/** A colour as it is seen, in OKLab. */
function seen(rgb: Rgb, vision: string): number[] {
  const linear = rgb.map(toLinear);
  const mixed = VISION[vision].map((row) => row.reduce((sum, part, channel) => sum + part * linear[channel], 0));
  const [red, green, blue] = mixed.map((value) => toByte(Math.min(1, Math.max(0, value))));
  return toOklab([red, green, blue]);
}

const apart = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((value, axis) => value - b[axis]));

/** The least difference that is noticed: CSS Color 4 takes 0.02 in OKLab. */
const NOTICED = 0.02;

describe.each(Object.keys(VISION))("with %s", (vision) => {
  describe.each(["light", "dark"] as const)("in the %s theme", (theme) => {
    const signed = (value: number) => seen(colorAt(signedLut[theme], signedIndex(value, 1)), vision);
    const sequential = (value: number) => seen(colorAt(sequentialLut[theme], sequentialIndex(value, 1)), vision);
    const tenths = Array.from({ length: 11 }, (_, i) => i / 10);
    const away = theme === "light" ? -1 : 1;

    test("what speaks for the label looks unlike what speaks against it, already at a quarter of the scale", () => {
      for (const value of [0.25, ...tenths.slice(3)]) {
        expect(apart(signed(value), signed(-value)), `±${value}`).toBeGreaterThan(3 * NOTICED);
      }
    });

    test.each([1, -1])(
      "each tenth is noticed, and further from the page's lightness than that before (sign %i)",
      (sign) => {
        for (const [i, value] of tenths.slice(1).entries()) {
          const [before, now] = [signed(sign * tenths[i]), signed(sign * value)];
          expect(away * (now[0] - before[0]), `${tenths[i]} to ${value}`).toBeGreaterThan(0);
          expect(apart(now, before), `${tenths[i]} to ${value}`).toBeGreaterThan(NOTICED);
        }
      },
    );

    test("a larger share is further from the page's lightness, each tenth noticed", () => {
      for (const [i, value] of tenths.slice(1).entries()) {
        const way = away * (sequential(value)[0] - sequential(tenths[i])[0]);
        expect(way, `${tenths[i]} to ${value}`).toBeGreaterThan(NOTICED);
      }
    });

    test("no two of ten classes look alike, and each stands out of the page", () => {
      const page = theme === "light" ? parseHex("#ffffff") : parseHex("#16191f");
      const colours = Array.from({ length: CLASS_COLOURS }, (_, of) => parseHex(classColour(of, theme)));
      colours.forEach((a, i) => {
        expect(contrast(a, page), `${i}`).toBeGreaterThanOrEqual(3);
        for (const [j, b] of colours.slice(0, i).entries())
          expect(apart(seen(a, vision), seen(b, vision)), `${j} and ${i}`).toBeGreaterThan(4 * NOTICED);
      });
    });

    test("no two runs look alike", () => {
      const colours = Array.from({ length: 7 }, (_, run) => seen(parseHex(runColour(run, theme === "dark")), vision));
      colours.forEach((a, i) => {
        for (const [j, b] of colours.slice(0, i).entries())
          expect(apart(a, b), `${j} and ${i}`).toBeGreaterThan(NOTICED);
      });
    });
  });
});
