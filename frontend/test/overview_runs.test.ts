import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Alarm, Comparison, Manifest, Series } from "../src/api";
import { indexAt, valueAt } from "../src/charts/curve_data";
import { onMarks } from "../src/elements/marked";
import { askRuns, type Progress } from "../src/overview/answers";
import { plainTick } from "../src/overview/panel_parts";
import { claimOf } from "../src/overview/settled";
import { changeErrors, ranked, type Share, sharesAt } from "../src/overview/shares";
import { type RunEntry, store } from "../src/state";
import { group } from "./log";

const entry = (name: string, index: number, tags: string[] = []): RunEntry => ({
  ...group(name, [-1, 0, 1], { tags: Object.fromEntries(tags.map((tag) => [tag, { kind: "series", steps: 0 }])) })
    .runs[0],
  group: name,
  label: name,
  index,
});

describe("a question to many runs", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const runs = [entry("focus", 2), entry("a", 0), entry("b", 1)];
  /** Each run answers after so many ms. */
  async function asked(delays: Record<string, number>) {
    const told: { labels: string[]; progress: Progress }[] = [];
    const answer = askRuns(
      runs,
      new AbortController().signal,
      ({ label }) =>
        label in delays
          ? new Promise((done) => {
              setTimeout(done, delays[label], label);
            })
          : undefined,
      (some, progress) => void told.push({ labels: some.map(({ run }) => run.label), progress }),
    );
    await vi.runAllTimersAsync();
    return { told, labels: (await answer).map(({ run }) => run.label) };
  }

  test("is answered at once where all answers are there, in the order of colours", async () => {
    expect(await asked({ focus: 1, a: 2, b: 3 })).toEqual({ told: [], labels: ["a", "b", "focus"] });
  });

  test("tells what has come, once the first run that was asked has answered", async () => {
    const { told, labels } = await asked({ focus: 2000, a: 300, b: 1000 });
    expect(told).toEqual([
      { labels: ["focus"], progress: { answered: 1, asked: 3 } },
      { labels: ["a", "focus"], progress: { answered: 2, asked: 3 } },
    ]);
    expect(labels).toEqual(["a", "b", "focus"]);
  });

  test("is asked of the others once the first has answered, whatever it says, or has nothing to say", async () => {
    const order: string[] = [];
    const answers = askRuns(runs, new AbortController().signal, ({ label }) => {
      order.push(label);
      return label === "focus" ? Promise.reject(new Error("no")) : Promise.resolve(label);
    });
    expect(order).toEqual(["focus"]);
    expect((await answers).map(({ error }) => error !== undefined)).toEqual([false, false, true]);
    expect(order).toEqual(["focus", "a", "b"]);
    expect(await askRuns(runs.slice(0, 1), new AbortController().signal, () => undefined)).toEqual([]);
    expect(await askRuns([], new AbortController().signal, () => Promise.resolve(1))).toEqual([]);
  });

  test("does not wait for runs that have nothing of the kind", async () => {
    const { told } = await asked({ focus: 400, b: 400 });
    expect(told).toEqual([{ labels: ["focus"], progress: { answered: 1, asked: 2 } }]);
  });
});

describe("the place of a value", () => {
  test.each([
    [-2, -1],
    [-1, 0],
    [3, 1],
    [4, 2],
    [99, 2],
  ])("at %d is that of the last one not after it", (epoch, index) => {
    const epochs = [-1, 2, 4, Number.NaN, Number.NaN];
    expect(indexAt(epochs, epoch)).toBe(index);
    const values = [10, 20, 30, 40, 50];
    expect(valueAt({ epochs, values }, epoch)).toBe(values[index] ?? Number.NaN);
  });

  test("is where looking from the end finds it", () => {
    const epochs = Array.from({ length: 300 }, (_, i) => 0.7 * i);
    for (let at = -1; at < 220; at += 0.35) expect(indexAt(epochs, at)).toBe(epochs.findLastIndex((x) => x <= at));
    expect(indexAt([], 3)).toBe(-1);
  });
});

test("charts are told of the cursor once a frame, and no longer once they are gone", async () => {
  const told = vi.fn();
  const added: { hostConnected(): void; hostDisconnected(): void }[] = [];
  onMarks({ addController: (controller: (typeof added)[0]) => added.push(controller) } as never, told);
  const [controller] = added;
  controller.hostConnected();
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  store.set({ hover: 3 });
  store.set({ hover: 4 });
  store.set({ sort: "drift" });
  expect(told).not.toHaveBeenCalled();
  await frame();
  expect(told.mock.calls).toEqual([[{ cursor: null, reference: null, hover: 4 }]]);
  controller.hostDisconnected();
  store.set({ hover: null });
  await frame();
  expect(told).toHaveBeenCalledTimes(1);
});

describe("changes of shares", () => {
  const share = (index: number, value: number, standardError: number): Share => ({
    input: "x",
    index,
    name: String(index),
    share: value,
    standardError,
  });
  const now = [share(0, 0.6, 0.05), share(1, 0.4, 0.05)];
  const before = [share(0, 0.5, 0.05), share(1, 0.5, 0.05)];
  const beyond = (errors?: Record<string, number[]>) =>
    ranked(now, before, errors).map(({ beyondNoise }) => beyondNoise);

  test("are held against the error of the pair, which is smaller than both added up", () => {
    expect(beyond()).toEqual([false, false]);
    expect(beyond({ x: [0.01, 0.06] })).toEqual([true, false]);
    expect(beyond({ x: [Number.NaN, 0.01] })).toEqual([false, true]);
  });

  test("are not held against the errors of other features", () => {
    expect(beyond({ x: [0.01, 0.01, 0.01] })).toEqual([false, false]);
    expect(beyond({ other: [0.01, 0.01] })).toEqual([false, false]);
  });

  test("have their errors from the comparison", () => {
    const inputs = { x: { changeStandardError: [0.1, 0.2] } };
    expect(changeErrors({ inputs } as unknown as Comparison)).toEqual({ x: [0.1, 0.2] });
  });

  test("go by the names that all views have, made once", () => {
    const input = (name: string) => ({ name, kind: "tabular", feature_names: ["age"], cells: [1], shape: [1] });
    const manifest = { inputs: [input("x"), input("y")] } as unknown as Manifest;
    const series = { steps: [0], shape: [3, 1], at: () => Float32Array.from([1, 0, 0]) } as unknown as Series;
    const parts = ["x", "y"].map((name) => ({ input: name, shape: [1], series }));
    expect(sharesAt(parts, manifest, 0)?.map(({ name }) => name)).toEqual(["x age", "y age"]);
  });
});

describe("an alarm has settled", () => {
  const run = entry("run", 0, [
    "importance/ig/x",
    "importance/ig/y",
    "importance/saliency/x",
    "health/conv_1",
    "health/conv_2",
    "watch/corner",
    "metric/loss",
  ]);
  const claim = (kind: string, subject: string, evidence: Alarm["evidence"]) =>
    claimOf(run, "ig", { run: run.run, step: 3, kind, subject, text: "", evidence });
  const step = (...importance: number[]) => [...importance, ...importance.map(() => 9), ...importance.map(() => -9)];

  test("once a share is more than half of the way back, over all inputs", () => {
    const moved = claim("share_jump", "A1", { before: 0.1, after: 0.5, cells: [0, 1], input: "y" });
    expect(moved?.tags).toEqual(["importance/ig/x", "importance/ig/y"]);
    expect(moved?.holds(step(5), step(2, -2, 1))).toBe(true); // 4 of 10
    expect(moved?.holds(step(7), step(1, 1, 1))).toBe(false); // 2 of 10
    const fell = claim("share_growth", "A1", { before: 0.5, after: 0.1, cells: [0], input: "x" });
    expect(fell?.holds(step(1), step(9))).toBe(true);
    expect(fell?.holds(step(4), step(6))).toBe(false);
  });

  test("once all layers that it names are within their limit", () => {
    const dead = claim("dead_layer", "conv_1", { dead_fraction: 0.9, limit: 0.5, others: ["conv_2"] });
    expect(dead?.tags).toEqual(["health/conv_1", "health/conv_2"]);
    const [well, ill] = [
      [0.1, 0, 0, 0, 0, 0, 0],
      [0.8, 0, 0, 0, 0, 0, 0],
    ];
    expect(dead?.holds(well, ill)).toBe(true);
    expect(dead?.holds(well, well)).toBe(false);
    const jump = claim("distribution_jump", "conv_1", { before: 1, after: 3, statistic: 9 });
    expect(jump?.holds([0, 0, 0, 0, 2.5, 0, 0])).toBe(true);
    expect(jump?.holds([0, 0, 0, 0, 1.5, 0, 0])).toBe(false);
  });

  test("once watched cells keep their limits, a metric is finite", () => {
    expect(claim("watch_above", "corner", { limit: 0.1, share: 0.2 })?.holds([0.11, 0])).toBe(true);
    expect(claim("watch_above", "corner", { limit: 0.1, share: 0.2 })?.holds([0.09, 0])).toBe(false);
    expect(claim("watch_below", "corner", { limit: 0.1, share: 0.05 })?.holds([0.09, 0])).toBe(true);
    expect(claim("non_finite", "loss", { limit: 0 })?.holds([Number.NaN])).toBe(true);
    expect(claim("non_finite", "loss", { limit: 0 })?.holds([0.3])).toBe(false);
  });

  test("not where it is about one step, or about what was not logged", () => {
    expect(claim("reason_moved", "ig", { before: 0.1, after: 0.5 })).toBe(undefined);
    expect(claim("dead_layer", "conv_9", { limit: 0.5 })).toBe(undefined);
    expect(claim("share_jump", "A1", { before: 0.1, after: 0.5, cells: [0], input: "z" })).toBe(undefined);
    expect(claim("brand_new", "x", {})).toBe(undefined);
  });
});

test.each([
  [0, "0"],
  [0.5, ".5"],
  [-0.05, "−.05"],
  [0.0001, ".0001"],
  [0.00005, "5e−5"],
  [9000, "9000"],
  [12000, "12k"],
  [195500, "195.5k"],
  [-2.5e6, "−2.5M"],
  [1e9, "1e9"],
  [2e23, "2e23"],
])("a tick of %d is %s, which its gutter has room for", (value, text) => expect(plainTick(value)).toBe(text));
