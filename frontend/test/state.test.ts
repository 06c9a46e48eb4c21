import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  atOrBefore,
  cursorSteps,
  focusRun,
  methodOf,
  moveEpoch,
  nearest,
  referenceStep,
  runsOf,
  Store,
  setEpoch,
  setFocus,
  setReference,
  shownRuns,
  stepName,
  stepsOfRun,
  store,
  toggleRun,
} from "../src/state";
import { group, log } from "./log";

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

  test("fall back to a method they have", () => {
    const run = runsOf(store.state)[0];
    expect(methodOf({ ...store.state, method: "lrp" }, run)).toBe("integrated_gradients");
  });
});

test("steps are found near, and before", () => {
  expect(nearest([], 3)).toBe(undefined);
  expect(nearest([0, 10], 5)).toBe(0);
  expect(atOrBefore([-1, 0, 5], 4)).toBe(0);
  expect(atOrBefore([3], 2)).toBe(undefined);
});

test("the first step is the start, whatever its number", () => {
  expect(stepName(-1, [-1, 0])).toBe("start");
  expect(stepName(19, [19, 20])).toBe("start");
  expect(stepName(20, [19, 20])).toBe("epoch 20");
});
