import { describe, expect, test } from "vitest";
import type { Alarm, Series } from "../src/api";
import { merge } from "../src/charts/histogram";
import { runsOf, Store, store } from "../src/state";
import { paletteOf, runColour } from "../src/theme";
import { healthPanels } from "../src/views/layers_curves";
import { onOneGrid, type Spread } from "../src/views/layers_data";
import {
  alarmedFigure,
  alarmsUntil,
  branchesFrom,
  HEALTH,
  healthAt,
  healthCurve,
  layerSummary,
  neighbour,
  strip,
} from "../src/views/layers_model";
import { compared, type Moment, said } from "../src/views/layers_spreads";
import { group, log } from "./log";
import { layer } from "./manifest";

const alarm = (kind: string, subject: string, step: number): Alarm => ({
  run: "a",
  kind,
  subject,
  step,
  text: kind,
  evidence: {},
});

describe("the strip", () => {
  const layers = [
    layer("in", { logged: false }),
    layer("a"),
    layer("b"),
    layer("p", { logged: false }),
    layer("q", { logged: false }),
    layer("c"),
  ];

  test("has a card a logged layer, and chips for those between", () => {
    const told = strip(layers).map((piece) =>
      "card" in piece ? piece.card.name : piece.chips.map(({ name }) => name),
    );
    expect(told).toEqual([["in"], "a", "b", ["p", "q"], "c"]);
  });

  test("of a model without layers is empty", () => {
    expect(strip([])).toEqual([]);
  });
});

test("a layer tells what it reads from only where that is not the one before", () => {
  const layers = [
    layer("a"),
    layer("b", { inbound: ["a"] }),
    layer("add", { inbound: ["a", "b"] }),
    layer("skip", { inbound: ["a"] }),
  ];
  expect(layers.map((one) => branchesFrom(layers, one))).toEqual([[], [], ["a", "b"], ["a"]]);
});

test("a layer is told by class, shape and activation", () => {
  expect(layerSummary(layer("a", { class_name: "Conv2D", output_shape: [24, -1, 8], activation: "relu" }))).toBe(
    "Conv2D, 24 × ? × 8, relu",
  );
  expect(layerSummary(layer("a", { output_shape: [] }))).toBe("Dense");
});

test("health is read by name, in the order it is logged", () => {
  const series: Series = {
    steps: [-1, 0],
    wallTimes: [0, 0],
    shape: [7],
    at: (i) => Float32Array.from({ length: 7 }, (_, k) => 10 * i + k),
  };
  expect(HEALTH.map((name) => healthAt(series, name, 1))).toEqual([10, 11, 12, 13, 14, 15, 16]);
  expect(healthCurve(series, "saturated")).toEqual([1, 11]);
  expect(healthAt(series, "dead", -1)).toBeNaN();
});

describe("a layer's alarms", () => {
  const alarms = [alarm("dead_layer", "a", 3), alarm("saturated_layer", "a", 9), alarm("dead_layer", "b", 1)];

  test("are those up to the cursor", () => {
    expect(alarmsUntil(alarms, "a", 5)).toEqual([alarms[0]]);
    expect(alarmsUntil(alarms, "a", null)).toEqual([]);
  });

  test("belong to the figure they are about", () => {
    expect(alarms.map(alarmedFigure)).toEqual(["dead", "saturated", "dead"]);
    expect(alarmedFigure(alarm("jump", "a", 1))).toBeUndefined();
  });
});

test("J and K stop at the ends", () => {
  const names = ["a", "b", "c"];
  expect([neighbour(names, "a", 1), neighbour(names, "c", 1), neighbour(names, "a", -1)]).toEqual(["b", "c", "a"]);
  expect(neighbour(names, "gone", 1)).toBe("a");
  expect(neighbour([], "a", 1)).toBe("");
});

describe("a layer against another run", () => {
  const spread = (steps: number[], ...histograms: Spread["histograms"][number][]): Spread => ({
    steps,
    histograms,
    grid: merge(histograms),
  });
  const health = (steps: number[], norms: number[]): Series => ({
    steps,
    wallTimes: steps,
    shape: [7],
    at: (i) => Float32Array.from({ length: 7 }, (_, k) => (HEALTH[k] === "weight" ? norms[i] : Number.NaN)),
  });
  const own = spread([0, 5], { lower: 0, width: 1, counts: [4, 0] }, { lower: 0, width: 1, counts: [2, 2] });
  const theirs = spread([0, 4], { lower: -2, width: 2, counts: [8, 0] }, { lower: -2, width: 2, counts: [2, 6] });
  const moment = (step: number, weight: Spread | Error | undefined): Moment => ({
    spreads: weight ? { weight } : {},
    health: undefined,
    step,
  });

  test("has its bins in common with it", () => {
    const [mine, others] = onOneGrid(own, theirs);
    expect([mine.lower, mine.width, mine.bins]).toEqual([-2, 2, 2]);
    expect(mine.counts.map((counts) => [...counts])).toEqual([
      [0, 4],
      [0, 4],
    ]);
    expect(others.counts.map((counts) => [...counts])).toEqual([
      [8, 0],
      [2, 6],
    ]);
  });

  test("is drawn with the other's histogram of the nearest step, scaled to as many values", () => {
    const drawn = compared("weight", moment(5, own), moment(4, theirs));
    expect([...(drawn?.now ?? [])]).toEqual([0, 4]);
    expect([...(drawn?.before ?? [])]).toEqual([1, 3]);
  });

  test("is drawn alone where the other did not log it, or it cannot be read", () => {
    for (const lacking of [undefined, new Error("broken")]) {
      const drawn = compared("weight", moment(5, own), moment(4, lacking));
      expect([...(drawn?.now ?? [])]).toEqual([2, 2]);
      expect(drawn?.before).toBeUndefined();
    }
    expect(compared("weight", moment(5, undefined), moment(4, theirs))).toBeUndefined();
  });

  test("against its own steps keeps its bins and its counts", () => {
    const drawn = compared("weight", moment(5, own), moment(0, own));
    expect([...(drawn?.before ?? [])]).toEqual([4, 0]);
    expect(compared("weight", moment(5, own), moment(5, own))?.before).toBeUndefined();
  });

  test("says both figures", () => {
    const [mine, others] = [health([0, 5], [1, 2]), health([0, 4], [3, 4])];
    const now = { spreads: {}, health: mine, step: 5 };
    expect(said("weight", now, { spreads: {}, health: others, step: 4 })).toBe("norm 4.00 → 2.00");
    expect(said("weight", now, { ...now, step: 0 })).toBe("norm 1.00 → 2.00");
    expect(said("weight", now, now)).toBe("norm 2.00");
    expect(said("gradient", now, now)).toBe("");
  });

  test("has its curve over those of the other layers, in the other run's colour", () => {
    store.state = { ...new Store().state, groups: log(group("a", [0, 5]), group("b", [0, 4])) };
    const [run, other] = runsOf(store.state);
    const [mine, grey, others] = [health([0, 5], [1, 2]), health([0, 5], [1, 1]), health([0, 4], [3, 4])];
    const figures = (of: Series): Series => ({ ...of, at: (i) => Float32Array.from({ length: 7 }, () => of.at(i)[5]) });
    const theirLayer = { run: other, spreads: {}, health: figures(others) };
    const [panel] = healthPanels(figures(mine), [figures(grey)], "dense", run, theirLayer, [], false);
    expect(panel.lines.map(({ label, colour, aside }) => [label, colour, aside ?? false])).toEqual([
      ["dense", runColour(run.index, false), false],
      ["another layer", paletteOf(false).line2, true],
      [other.label, runColour(other.index, false), false],
    ]);
    const [alone] = healthPanels(figures(mine), [], "dense", run, undefined, [], false);
    expect(alone.lines.map(({ label }) => label)).toEqual(["dense"]);
  });
});
