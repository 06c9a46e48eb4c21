import { describe, expect, test } from "vitest";
import { drawPlot, stretches } from "../src/charts/curve_plot";
import { scalesOf } from "../src/charts/curve_scales";
import type { CurveChart } from "../src/charts/curves";
import { paletteOf } from "../src/theme";
import { recordingPen } from "./pen";

const line = { run: "a", label: "a", colour: "#12b5cb", focus: true };

const chart = (changes: Partial<CurveChart> = {}): CurveChart => ({
  lines: [{ ...line, epochs: [-1, 0, 1, 2, 3], values: [4, 3, Number.NaN, 2, 0] }],
  scale: { low: 0, high: 4 },
  tick: String,
  figure: String,
  range: [-1, 3],
  axis: true,
  ...changes,
});

/** The pen's strokes of a chart whose plot has 40 pixels an epoch and 20 a unit. */
function drawn(of: CurveChart): string[] {
  const { pen, lines } = recordingPen();
  drawPlot(pen, of, scalesOf(of, 160, 80), paletteOf(false));
  return lines;
}

describe("scales", () => {
  test("lead from epochs and values to pixels and back", () => {
    const scales = scalesOf(chart(), 160, 80);
    expect([scales.x(-1), scales.x(1), scales.x(3)]).toEqual([0, 80, 160]);
    expect([scales.y(4), scales.y(1), scales.y(0)]).toEqual([0, 60, 80]);
    expect(scales.placeAt(scales.x(1.25))).toBeCloseTo(1.25, 12);
    expect([scales.shows(3), scales.shows(3.1), scales.holds(4), scales.holds(5)]).toEqual([true, false, true, false]);
  });

  test("are equal steps a factor where they are logarithmic, and zero lies below all", () => {
    const of = chart({ lines: [{ ...line, epochs: [0, 1], values: [0.01, 10] }], scale: { log: true } });
    const { y, holds } = scalesOf(of, 160, 80);
    expect(y(0.1) - y(1)).toBeCloseTo(y(0.01) - y(0.1), 12);
    expect(y(0)).toBeGreaterThan(80);
    expect([holds(0), holds(0.01)]).toEqual([false, true]);
  });

  test("put a lone epoch in the middle", () => {
    expect(scalesOf(chart({ range: [2, 2] }), 160, 80).x(2)).toBe(80);
  });

  test("hold bands and limits, and nothing beyond the epochs that are shown", () => {
    const epochs = [-1, 0, 9];
    const band = { lower: [0, 1, 2], upper: [2, 7, 99] };
    const of = chart({ lines: [{ ...line, epochs, values: [1, 2, 50], band }], scale: { low: 0 } });
    expect(scalesOf(of, 160, 80).axis.max).toBe(8);
    expect(scalesOf({ ...of, limits: [{ value: 12, label: "limit" }] }, 160, 80).axis.max).toBeGreaterThanOrEqual(12);
  });
});

describe("what is shaded", () => {
  const limit = { value: 3, to: Number.POSITIVE_INFINITY, label: "limit", shade: "alarmBg" } as const;
  const usual = { value: 1, to: 2, label: "usual", shade: "sunk" } as const;
  const rects = (of: CurveChart, colour: string): string[] => {
    const lines = drawn(of);
    return lines.flatMap((text, i) => (text === `fillStyle = ${colour}` ? [lines[i + 1]] : []));
  };

  test("reaches from the limit to the end of the axis, and has a dashed edge", () => {
    const of = chart({ limits: [limit] });
    expect(rects(of, paletteOf(false).alarmBg)).toEqual(["fillRect 0 0 160 20"]);
    expect(drawn(of)).toContain("setLineDash [2 2]");
  });

  test("as usual has both ends, no edge and makes no room for itself", () => {
    const of = chart({ limits: [usual] });
    expect(rects(of, paletteOf(false).sunk)).toEqual(["fillRect 0 40 160 20"]);
    expect(drawn(of)).not.toContain("setLineDash [2 2]");
    const far = { ...usual, value: 10, to: 20 };
    expect(rects(chart({ limits: [far] }), paletteOf(false).sunk)).toEqual([]);
    expect(scalesOf(chart({ limits: [far], scale: { low: 0 } }), 160, 80).axis.max).toBe(4);
  });

  test("beyond the highest value still has room on the axis", () => {
    expect(scalesOf(chart({ limits: [{ ...limit, value: 10 }], scale: { low: 0 } }), 160, 80).axis.max).toBeGreaterThan(
      10,
    );
  });
});

describe("stretches", () => {
  test("break where a value is not finite, and pass over what has no place", () => {
    const epochs = [0, 1, 2, Number.NaN, 3, 4];
    expect(stretches({ epochs, values: [1, 2, Number.POSITIVE_INFINITY, 3, 4, 5] })).toEqual([
      [0, 1],
      [4, 5],
    ]);
    expect(stretches({ epochs, values: [1, 2, 3, Number.NaN, 4, 5] })).toEqual([[0, 1, 2, 4, 5]]);
    expect(stretches({ epochs: [0], values: [Number.NaN] })).toEqual([]);
  });
});

describe("a chart", () => {
  test("is axes, bands, lines and points, limits and alarms, from the back to the front", () => {
    const band = { lower: [3, 2, Number.NaN, 1, 0], upper: [4, 4, Number.NaN, 3, 1] };
    const [own] = chart().lines;
    const of = chart({
      lines: [
        { ...own, band },
        { ...own, focus: false, dotted: true, epochs: [0, 2], values: [1, 1] },
      ],
      limits: [{ value: 3, label: "limit" }],
      alarms: [
        { place: 2, sign: "triangle" },
        { place: 2, sign: "diamond" },
        { place: 9, sign: "square" },
      ],
    });
    expect(drawn(of).join("\n")).toMatchSnapshot();
  });

  test("draws the focus run last, and what was measured before what smooths it", () => {
    const of = chart({
      lines: [
        { ...line, colour: "#000001", epochs: [0], values: [1] },
        { ...line, colour: "#000002", focus: false, epochs: [0], values: [1] },
        { ...line, colour: "#000003", faint: true, epochs: [0], values: [1] },
      ],
    });
    const strokes = drawn(of).filter((text) => text.startsWith("strokeStyle"));
    expect(strokes.slice(0, 3)).toEqual(["#00000359", "#000002", "#000001"].map((colour) => `strokeStyle = ${colour}`));
  });

  test("shows a value with no neighbour as a point, unless it lies beyond the epochs that are shown", () => {
    const values = [1, Number.NaN, 2, Number.NaN, 3];
    const of = chart({ lines: [{ ...line, epochs: [-1, 0, 1, 2, 5], values }] });
    expect(drawn(of).filter((text) => text.startsWith("arc"))).toEqual(["arc 0 60 3 0 6.3", "arc 80 40 3 0 6.3"]);
  });

  test("without the epochs' axis says nothing of them", () => {
    expect(drawn(chart({ axis: false })).filter((text) => text.startsWith("fillText"))).toHaveLength(5);
    expect(drawn(chart()).filter((text) => text.startsWith("fillText")).length).toBeGreaterThan(5);
  });
});
