import { describe, expect, test } from "vitest";
import { type Panel, shownPanel } from "../src/elements/panel";

const line = { run: "a", label: "a", colour: "#425066", focus: true, epochs: [0, 1], values: [1, 0.5] };
const panel: Panel = {
  title: "Loss",
  unit: "log scale",
  lines: [line],
  scale: { log: true },
  tick: String,
  figure: String,
  range: [0, 9],
  axis: false,
  smooths: true,
};
const unit = (changed: Partial<Panel>, smoothing: number, scales: string) =>
  shownPanel({ ...panel, ...changed }, smoothing, null, scales, false).unit;

describe("a chart's title says how it is drawn", () => {
  test.each([
    [{}, 0, "", "log scale"],
    [{}, 0.6, "", "log scale, smoothed .60"],
    [{}, 0, "linear:Loss", ""],
    [{}, 0.6, "linear:Loss", "smoothed .60"],
    [{ unit: "%", scale: { high: 1 } }, 0, "log:Loss", "%, log"],
    [{ unit: "p95, log" }, 0, "linear:Loss", "p95"],
    [{ smooths: false }, 0.6, "", "log scale"],
  ])("%j smoothed by %d on %j: %j", (changed, smoothing, scales, said) => {
    expect(unit(changed, smoothing, scales)).toBe(said);
  });

  test("and only curves of learning are smoothed", () => {
    expect(shownPanel(panel, 0.6, [3, 5], "", true)).toMatchObject({
      range: [3, 5],
      axis: true,
      lines: [{ faint: true }, {}],
    });
    expect(shownPanel({ ...panel, smooths: undefined }, 0.6, null, "", false).lines).toBe(panel.lines);
  });
});
