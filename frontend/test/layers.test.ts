import { describe, expect, test } from "vitest";
import type { Alarm, Series } from "../src/api";
import { curveTable } from "../src/charts/curve_table";
import { merge } from "../src/charts/histogram";
import { runsOf, Store, store } from "../src/state";
import { paletteOf, runColour } from "../src/theme";
import { search } from "../src/views/layers";
import { healthPanels, sinceWhen, usualRange } from "../src/views/layers_curves";
import { onOneGrid, type Spread } from "../src/views/layers_data";
import {
  alarmedFigure,
  alarmsUntil,
  HEALTH,
  healthAt,
  healthCurve,
  isOver,
  layerSummary,
  neighbour,
  withCalls,
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

describe("a layer that is called several times", () => {
  const layers = [
    layer("a"),
    layer("inner/b", { inbound: ["a"] }),
    layer("inner/c", { inbound: ["inner/b"] }),
    layer("join", { inbound: ["inner/c", "inner/c"], logged: false }),
  ];

  test("has a card a call, each reading from the same call of what was called again too", () => {
    const calls = withCalls(layers, ["a", "inner/c:1", "inner/b", "inner/b:1", "inner/c"]);
    expect(calls.map(({ name, inbound }) => [name, ...inbound])).toEqual([
      ["a"],
      ["inner/b", "a"],
      ["inner/b:1", "a"],
      ["inner/c", "inner/b"],
      ["inner/c:1", "inner/b:1"],
      ["join", "inner/c", "inner/c:1"],
    ]);
    expect(layerSummary(calls[2])).toBe("Dense, 8, call 2");
  });

  test("is none of that where nothing was logged of further calls", () => {
    expect(withCalls(layers, ["a", "inner/b", "gone:1"])).toEqual(layers);
  });
});

describe("limits", () => {
  test("are passed by what is beyond them alone", () => {
    expect([isOver("dead", 0.5), isOver("dead", 0.51), isOver("saturated", 0.31), isOver("nonFinite", 1e-6)]).toEqual([
      false,
      true,
      true,
      true,
    ]);
    expect([isOver("gradient", 1e9), isOver("dead", Number.NaN)]).toEqual([false, false]);
  });
});

test("a search finds layers by name and class, case left aside", () => {
  const layers = [layer("block/Conv_1", { class_name: "Conv2D" }), layer("pool"), layer("head")];
  expect([...(search(layers, "conv") ?? [])]).toEqual(["block/Conv_1"]);
  expect([...(search(layers, " DENSE ") ?? [])]).toEqual(["pool", "head"]);
  expect(search(layers, "lstm")?.size).toBe(0);
  expect(search(layers, "  ")).toBeUndefined();
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
    const tanh = layer("dense", { activation: "tanh" });
    const [mine, others] = [health([0, 5], [1, 2]), health([0, 4], [3, 4])];
    const now = { spreads: {}, health: mine, step: 5 };
    expect(said("weight", tanh, now, { spreads: {}, health: others, step: 4 })).toBe("norm 4.00 → 2.00");
    expect(said("weight", tanh, now, { ...now, step: 0 })).toBe("norm 1.00 → 2.00");
    expect(said("weight", tanh, now, now)).toBe("norm 2.00");
    expect(said("gradient", tanh, now, now)).toBe("");
  });

  test("has its curve over those of the other layers, in the other run's colour, each with its name", () => {
    store.state = { ...new Store().state, groups: log(group("a", [0, 5]), group("b", [0, 4])) };
    const [run, other] = runsOf(store.state);
    const [mine, grey, others] = [health([0, 5], [1, 2]), health([0, 5], [1, 1]), health([0, 4], [3, 4])];
    const figures = (of: Series): Series => ({ ...of, at: (i) => Float32Array.from({ length: 7 }, () => of.at(i)[5]) });
    const theirLayer = { run: other, spreads: {}, health: figures(others) };
    const dense = layer("dense");
    const greys = [{ name: "conv", health: figures(grey) }];
    const [panel] = healthPanels(figures(mine), greys, undefined, dense, run, theirLayer, [], false, 480);
    expect(panel.lines.map(({ label, colour, aside }) => [label, colour, aside ?? false])).toEqual([
      ["dense", runColour(run.index, false), false],
      ["conv", paletteOf(false).line2, true],
      [`dense, ${other.label}`, runColour(other.index, false), false],
    ]);
    expect(new Set(curveTable(panel.lines, 0).rows.map(([, curve]) => curve))).toEqual(
      new Set(["dense", "conv", `dense, ${other.label}`]),
    );
    const [alone] = healthPanels(figures(mine), [], undefined, dense, run, undefined, [], false, 480);
    expect(alone.lines.map(({ label }) => label)).toEqual(["dense"]);
  });
});

describe("curves of health", () => {
  const series = (of: Partial<Record<(typeof HEALTH)[number], number[]>>, length: number): Series => ({
    steps: Array.from({ length }, (_, i) => i - 1),
    wallTimes: [],
    shape: [7],
    at: (i) => Float64Array.from(HEALTH, (name) => of[name]?.[i] ?? Number.NaN),
  });
  const panels = (health: Series, activation = "tanh") => {
    store.state = { ...new Store().state, groups: log(group("a", health.steps)) };
    const [run] = runsOf(store.state);
    return healthPanels(health, [], [0.01, 0.1], layer("dense", { activation }), run, undefined, [], false, 480);
  };

  test("are those that have a meaning, and help stands behind each title", () => {
    const found = panels(series({ saturated: [0.1, 0.2], update: [Number.NaN, 0.1], nonFinite: [0, 0] }, 2));
    expect(found.map(({ title, unit }) => [title, unit])).toEqual([
      ["Saturated", "% of outputs beyond ±.97"],
      ["Update ratio", "‖Δw‖ / ‖w‖, %"],
    ]);
    expect(found.every(({ help, smooths }) => help && smooths)).toBe(true);
    expect(found.map(({ axis }) => axis)).toEqual([false, true]);
    expect(panels(series({ nonFinite: [0, 0.5] }, 2)).map(({ title }) => title)).toEqual(["Not finite"]);
  });

  test("shade what is beyond the limit once they come near it, and what is usual", () => {
    const limits = (values: number[]) => panels(series({ saturated: values }, 2))[0].limits;
    expect(limits([0.1, 0.2])).toEqual([
      { value: 0.3, to: Number.POSITIVE_INFINITY, label: "limit 30\u202f%", shade: "alarmBg" },
    ]);
    expect(limits([0.01, 0.1])).toEqual([]);
    const [update] = panels(series({ update: [0.01, 0.02] }, 2));
    expect(update.limits).toEqual([{ value: 0.01, to: 0.1, label: "usual range", shade: "sunk" }]);
  });

  test("say since when there is none", () => {
    store.state = { ...new Store().state, groups: log(group("a", [-1, 0, 1, 2])) };
    const [run] = runsOf(store.state);
    const since = (...values: number[]) => sinceWhen(run, [-1, 0, 1, 2], values);
    expect(since(0.1, 0.2, 0, 0)).toBe("none since epoch 1");
    expect(since(0.1, 0, 0, 0.1)).toBe("");
    expect(since(0, 0, 0, 0)).toBe("");
    expect(since(0.1, Number.NaN, 0, 0)).toBe("");
  });

  test("are usual where nine of ten of at least three layers are", () => {
    const values = Array.from({ length: 101 }, (_, i) => i + 1);
    const of = series({ update: values }, 101);
    expect(usualRange([of, of, of], "update")).toEqual([6, 96]);
    expect(usualRange([of, of], "update")).toBeUndefined();
    expect(usualRange([of, of, series({}, 3)], "update")).toBeUndefined();
  });
});
