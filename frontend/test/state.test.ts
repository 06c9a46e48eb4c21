import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Manifest, Run } from "../src/api";
import {
  againstFor,
  drawnReference,
  markedStep,
  parseReference,
  referenceName,
  referenceStep,
  setReference,
  sinceText,
} from "../src/references";
import {
  atOrBefore,
  cursorSteps,
  focusRun,
  methodOf,
  methodsOf,
  moveEpoch,
  nearest,
  runsOf,
  Store,
  setEpoch,
  setFocus,
  shownMethod,
  shownRuns,
  stepsOfRun,
  store,
  toggleRun,
} from "../src/state";
import { longStepName, placed, placeOf, shortStep, stepName, stepNear } from "../src/steps";
import { group, log, tagged } from "./log";

beforeEach(() => {
  store.state = {
    ...new Store().state,
    groups: log(group("a", [-1, 0, 5, 10]), group("b", [-1, 0, 1]), group("c", [0], { probe: "p2" })),
    epoch: 5,
  };
});

describe("the store", () => {
  test("tells of changes only, with what was before", () => {
    const heard = vi.fn();
    const stop = store.subscribe(heard);
    store.set({ epoch: 5 });
    expect(heard).not.toHaveBeenCalled();
    store.set({ epoch: 10 }, { push: true });
    expect(heard).toHaveBeenCalledWith(
      expect.objectContaining({ epoch: 10 }),
      expect.objectContaining({ epoch: 5 }),
      true,
    );
    stop();
    store.set({ epoch: 0 });
    expect(heard).toHaveBeenCalledTimes(1);
  });
});

describe("the cursor", () => {
  test("stops at steps of the focus run only", () => {
    setEpoch(7);
    expect(store.state.epoch).toBe(5);
    setEpoch(9);
    expect(store.state.epoch).toBe(10);
  });

  test("moves by steps, not by epochs, and stops at both ends", () => {
    moveEpoch(-1);
    expect(store.state.epoch).toBe(0);
    moveEpoch(-10);
    expect(store.state.epoch).toBe(-1);
    moveEpoch(2);
    expect(store.state.epoch).toBe(5);
    moveEpoch(10);
    expect(store.state.epoch).toBe(10);
  });

  test("stops playing when it is moved", () => {
    store.set({ playing: true });
    setEpoch(0);
    expect(store.state.playing).toBe(false);
  });

  test("stops at what a run without attributions has logged, metrics aside", () => {
    const run = {
      ...group("d", [0, 10]).runs[0],
      tags: { "metric/loss": { kind: "series", steps: 1 }, "health/conv": { kind: "series", steps: 0 } },
    } as const;
    expect(stepsOfRun(store.state, run)).toEqual([0, 10]);
  });

  test("needs no list of the steps of a series beside attributions", () => {
    const tags: Run["tags"] = {
      "attribution/integrated_gradients": { kind: "frame", steps: 0 },
      "health/conv": { kind: "series", last: 9 },
    };
    store.set({ groups: log(group("a", [], { step_lists: [[-1, 0, 1]], tags })), method: "lrp" });
    expect(cursorSteps(store.state)).toEqual([-1, 0, 1]);
  });
});

describe("the reference", () => {
  test("is the first step unless another is chosen", () => {
    expect(referenceStep(store.state)).toBe(-1);
  });

  test("can be a step, which must exist", () => {
    setReference(8);
    expect(store.state.against).toBe("step:10");
    expect(referenceStep(store.state)).toBe(10);
  });

  test("can be the step before the cursor, of which the first has none", () => {
    store.set({ against: "previous" });
    expect(referenceStep(store.state)).toBe(0);
    setEpoch(-1);
    expect(referenceStep(store.state)).toBe(null);
  });

  test("is what the routes take, and nothing else", () => {
    expect(parseReference("trailing:5")).toEqual({ kind: "trailing", count: 5 });
    expect(parseReference("step:-1")).toEqual({ kind: "step", step: -1 });
    expect(parseReference("best:val_loss")).toEqual({ kind: "best", metric: "val_loss" });
    expect(parseReference("run:a@b/explain@12")).toEqual({ kind: "run", run: "a@b/explain", step: 12 });
    expect(parseReference("run:a@12", (name) => name === "a@12")).toEqual({ kind: "run", run: "a@12", step: null });
    for (const wrong of ["best", "best:", "trailing:0", "trailing:51", "step:x", "first", "start:1", ""]) {
      expect(parseReference(wrong), wrong).toBeUndefined();
    }
  });

  test("of a mean is drawn as the step before, and marked nowhere", () => {
    store.set({ against: "trailing:5" });
    expect(referenceStep(store.state)).toBe(0);
    expect(markedStep(store.state)).toBe(null);
    expect(referenceName(store.state)).toBe("the mean of the 5 steps before");
    expect(sinceText(store.state)).toBe("from 5 before");
  });

  test("is the last step", () => {
    store.set({ against: "last" });
    expect(markedStep(store.state)).toBe(10);
    expect(sinceText(store.state)).toBe("since 10");
  });

  test("by a metric is the step that the server named, for as long as that is what is asked", () => {
    store.set({ against: "best:val_loss" });
    expect(referenceStep(store.state)).toBe(null);
    store.set({ best: { run: "a/explain", against: "best:val_loss", step: 5 } });
    expect(markedStep(store.state)).toBe(5);
    expect(referenceName(store.state)).toBe("epoch 5, the best val_loss");
    store.set({ against: "best:val_accuracy" });
    expect(referenceStep(store.state)).toBe(null);
  });

  test("can be another run at the same epoch, which must have it", () => {
    store.set({ against: "run:b/explain", epoch: 0 });
    expect(drawnReference(store.state)).toMatchObject({ run: { run: "b/explain" }, step: 0 });
    expect(referenceName(store.state)).toBe("b at epoch 0");
    expect(sinceText(store.state)).toBe("from b");
    expect(referenceStep(store.state)).toBe(null);
    store.set({ epoch: 5 });
    expect(drawnReference(store.state)).toBe(null);
    store.set({ against: "run:b/explain@1" });
    expect(drawnReference(store.state)).toMatchObject({ step: 1 });
  });

  test("of a run held against another changes sides with the focus", () => {
    store.set({ against: "run:b/explain" });
    setFocus("b/explain");
    expect(store.state.against).toBe("run:a/explain");
  });

  test("is asked of each run at its own step", () => {
    store.set({ against: "step:10" });
    const b = runsOf(store.state)[1];
    expect(againstFor(store.state, b)).toBe("step:1");
    store.set({ against: "trailing:5" });
    expect(againstFor(store.state, b)).toBe("trailing:5");
  });
});

describe("runs", () => {
  test("keep their place, and stay the same objects until there is something new", () => {
    expect(runsOf(store.state).map(({ label, index }) => [label, index])).toEqual([
      ["a", 0],
      ["b", 1],
      ["c", 2],
    ]);
    expect(runsOf(store.state)[0]).toBe(runsOf({ ...store.state, epoch: 1 })[0]);
  });

  test("of the log directory itself are called as it is", () => {
    store.set({ groups: log(group("", [0])) });
    expect(focusRun(store.state)?.label).toBe("logs");
  });

  test("are drawn if they compare with the focus run, unless they were chosen", () => {
    expect(shownRuns(store.state).map(({ label }) => label)).toEqual(["a", "b"]);
    toggleRun("c/explain");
    toggleRun("b/explain");
    expect(shownRuns(store.state).map(({ label }) => label)).toEqual(["a", "c"]);
    toggleRun("a/explain");
    expect(shownRuns(store.state).map(({ label }) => label)).toEqual(["a", "c"]);
  });

  test("are drawn unasked only as many as there are colours, the focus run among them", () => {
    store.set({ groups: log(...Array.from({ length: 20 }, (_, i) => group(`r${i}`, [0]))), focus: "r19/explain" });
    expect(shownRuns(store.state).map(({ label }) => label)).toEqual(["r0", "r1", "r2", "r3", "r4", "r5", "r19"]);
  });

  test("take the focus with their own steps, and are then drawn", () => {
    setFocus("c/explain");
    expect(focusRun(store.state)?.label).toBe("c");
    expect(cursorSteps(store.state)).toEqual([0]);
    expect(shownRuns(store.state).map(({ label }) => label)).toEqual(["a", "b", "c"]);
  });

  test("keep the epochs of the cursor and the reference when the focus moves to a run in iterations", () => {
    const iterations = {
      step_unit: "iteration",
      step_lists: [[0, 20, 40, 300]],
      epoch_lists: [[-1, 0, 1, 5.2]],
    } as const;
    const dense = group("d", [], structuredClone(iterations) as never);
    store.set({ groups: log(group("a", [-1, 0, 1, 5]), dense), epoch: 5, against: "step:1" });
    setFocus("d/explain");
    expect([store.state.epoch, store.state.against]).toEqual([300, "step:40"]);
    setFocus("a/explain");
    expect([store.state.epoch, store.state.against]).toEqual([5, "step:1"]);
  });
});

describe("the method", () => {
  const tags = (...names: string[]) => ({
    tags: Object.fromEntries(names.map((name) => [name, { kind: "frame", steps: 0 }])) as never,
  });
  const saliency = group("s", [-1, 0], tags("attribution/saliency", "attribution/lrp", "importance/permutation/x"));

  beforeEach(() => store.set({ groups: log(saliency, group("g", [-1, 0])), focus: "s/explain" }));

  test("is integrated gradients where the focus run has them, else its manifest's first", () => {
    expect(shownMethod({ ...store.state, focus: "g/explain" })).toBe("integrated_gradients");
    expect(shownMethod(store.state)).toBe("saliency");
    const manifest = { methods: [{ name: "permutation" }, { name: "lrp" }, { name: "saliency" }] } as Manifest;
    const known = { ...store.state, manifests: { "s/explain": manifest } };
    expect(shownMethod(known)).toBe("lrp");
    expect(methodsOf(known, runsOf(known)[0])).toEqual(["lrp", "saliency"]);
  });

  test("is the chosen one for all runs, and none takes another's place", () => {
    const state = { ...store.state, method: "lrp" };
    const [first, second] = runsOf(state);
    expect(methodOf(state, first)).toBe("lrp");
    expect(methodOf(state, second)).toBe(undefined);
    expect(cursorSteps({ ...state, focus: "g/explain" })).toEqual([-1, 0]);
  });

  test("of features only leaves samples to the one that was", () => {
    expect(shownMethod({ ...store.state, method: "permutation" })).toBe("saliency");
  });
});

test("steps are found near, and before", () => {
  expect(nearest([], 3)).toBe(undefined);
  expect(nearest([0, 10], 5)).toBe(0);
  expect(atOrBefore([-1, 0, 5], 4)).toBe(0);
  expect(atOrBefore([3], 2)).toBe(undefined);
});

test("the first step is the start, whatever its number", () => {
  const fresh = tagged("a", [-1, 0]);
  const tuned = tagged("b", [19, 20], { step_lists: [[19, 20], [20]] });
  expect(stepName(fresh, -1)).toBe("start");
  expect(stepName(tuned, 19)).toBe("start");
  expect(stepName(tuned, 20)).toBe("epoch 20");
  expect(longStepName(tuned, 20)).toBe("epoch 20");
});

test("iterations are called by their epochs, and found by them", () => {
  const run = tagged("c", [], {
    step_unit: "iteration",
    step_lists: [
      [0, 1175, 20000],
      [1175, 500],
    ],
    epoch_lists: [
      [-1, 2.35, "NaN"],
      [2.35, 0],
    ],
  });
  expect([0, 1175, 500, 7].map((step) => placeOf(run, step))).toEqual([-1, 2.35, 0, Number.NaN]);
  expect(placeOf(run, 20000)).toBeNaN();
  expect(stepName(run, 0)).toBe("start");
  expect(stepName(run, 1175)).toBe("epoch 2.35");
  expect(longStepName(run, 1175)).toBe("epoch 2.35 · batch 1175");
  expect(shortStep(run, 500)).toBe("0");
  expect(stepNear(run, [0, 500, 1175], 1.3)).toBe(1175);
  expect(stepNear(run, [], 1)).toBe(undefined);
  expect(placed(run, [0, 1175, 20000])).toEqual([0, 1175]);
});
