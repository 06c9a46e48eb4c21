import { beforeEach, describe, expect, test } from "vitest";
import type { Manifest } from "../src/api";
import { chooseAll, filterFault, passingRuns, withNewRuns } from "../src/runs";
import { whatIsAmiss } from "../src/shell/amiss";
import { loadedPart } from "../src/shell/loaded_part";
import { sparedStarts } from "../src/shell/run_names";
import { runsOf, type State, Store, setFocus, shownRuns, showOnly, standAt, store, toggleRun } from "../src/state";
import { group, log } from "./log";

const fresh = (): State => ({
  ...new Store().state,
  groups: log(group("CNN-base", [-1, 0, 5]), group("cnn-wide", [-1, 0]), group("mlp", [0]), group("rnn", [0])),
  epoch: 5,
});
const labels = (runs: readonly { label: string }[]) => runs.map(({ label }) => label);
const shown = () => labels(shownRuns(store.state));

beforeEach(() => {
  store.state = fresh();
});

describe("the filter of runs", () => {
  test.each([
    ["", ["CNN-base", "cnn-wide", "mlp", "rnn"]],
    ["cnn", ["CNN-base", "cnn-wide"]],
    ["^C.*E$", ["CNN-base", "cnn-wide"]],
    ["mlp|rnn", ["mlp", "rnn"]],
    ["mlp/explain", ["mlp"]],
    ["none", []],
    ["(", []],
  ])("%s lets pass %s", (runFilter, passing) => {
    expect(labels(passingRuns({ ...store.state, runFilter }))).toEqual(passing);
  });

  test("says what is wrong with one that is no regular expression", () => {
    expect(filterFault("[a-z]+")).toBe("");
    expect(filterFault("(")).toMatch(/unterminated group/i);
  });

  test("leaves out curves, but the focus run's", () => {
    store.set({ runFilter: "mlp" });
    expect(shown()).toEqual(["CNN-base", "mlp"]);
  });

  test("hides what is chosen without choosing otherwise", () => {
    toggleRun("rnn/explain");
    store.set({ runFilter: "mlp" });
    expect(shown()).toEqual(["CNN-base", "mlp"]);
    toggleRun("mlp/explain");
    store.set({ runFilter: "" });
    expect(shown()).toEqual(["CNN-base", "cnn-wide"]);
  });
});

describe("choosing runs", () => {
  test("draws all that pass, or none of them", () => {
    chooseAll(false);
    expect(shown()).toEqual(["CNN-base"]);
    store.set({ runFilter: "mlp|rnn" });
    chooseAll(true);
    store.set({ runFilter: "" });
    expect(shown()).toEqual(["CNN-base", "mlp", "rnn"]);
    store.set({ runFilter: "rnn" });
    chooseAll(false);
    store.set({ runFilter: "" });
    expect(shown()).toEqual(["CNN-base", "mlp"]);
  });

  test("draws one alone, which details are then of", () => {
    showOnly("mlp/explain");
    expect([store.state.focus, shown()]).toEqual(["mlp/explain", ["mlp"]]);
    setFocus("rnn/explain");
    expect(shown()).toEqual(["mlp", "rnn"]);
    showOnly("rnn/explain");
    expect(shown()).toEqual(["rnn"]);
  });
});

test("runs keep their colours when others come before them", () => {
  const before = log(group("b", [0]), group("c", [0]));
  const after = log(group("a", [0]), group("b", [0]), group("c", [0]));
  const seen = withNewRuns(withNewRuns([], before), after);
  expect(seen).toEqual(["b/explain", "c/explain", "a/explain"]);
  expect(withNewRuns(seen, before)).toBe(seen);
  const runs = runsOf({ ...store.state, groups: after, seen });
  expect(runs.map(({ label, index }) => [label, index])).toEqual([
    ["a", 2],
    ["b", 0],
    ["c", 1],
  ]);
});

test("of long names that begin alike, the start is cut first", () => {
  const names = ["resnet50-imagenet-seed-1", "resnet50-imagenet-seed-2", "vit", "a-name-that-no-other-begins-like"];
  const cut = sparedStarts(names);
  expect(names.map((name) => name.slice(cut.get(name)))).toEqual([
    "net-seed-1",
    "net-seed-2",
    "vit",
    "ther-begins-like",
  ]);
});

describe("how much is loaded", () => {
  test.each([
    ["explanations of every epoch that lag behind", [-1, 0, 1, 2], [11], { loaded: 4, all: 13 }],
    ["as far as the curves", [-1, 0, 1, 2], [2, 2], null],
    ["an epoch whose explanation is under way", [-1, 0, 1, 2], [3], null],
    ["every fifth epoch, the next not yet due", [-1, 4, 9], [13], null],
    ["every fifth epoch, two behind", [-1, 4, 9], [19], { loaded: 11, all: 21 }],
    ["no curves", [-1, 0], [], null],
    ["no explanation", [], [3], null],
  ])("%s", (_, explained, ends, part) => {
    expect(loadedPart(explained, ends)).toEqual(part);
  });
});

describe("what an address names and the log lacks", () => {
  const said = (change: Partial<State>) => whatIsAmiss({ ...store.state, ...change });

  test("is nothing where all is there", () => {
    expect(said({ focus: "mlp/explain", shown: new Set(["rnn/explain"]), method: "integrated_gradients" })).toEqual([]);
  });

  test("is not said before the log is known", () => {
    expect(said({ groups: null, view: "nope" })).toEqual([]);
  });

  test.each<[Partial<State>, RegExp, Partial<State>]>([
    [{ view: "nope" }, /no view “nope”; this is Overview/, { view: "overview" }],
    [{ focus: "gone/explain" }, /gone\/explain is not .* details are of CNN-base/, { focus: "CNN-base/explain" }],
    [
      { shown: new Set(["mlp/explain", "gone/explain"]) },
      /not in this log directory: gone\/explain/,
      { shown: new Set(["mlp/explain"]) },
    ],
    [{ method: "magic" }, /explained by magic; this is Integrated gradients/, { method: "" }],
    [
      { asked: 99 },
      /no explanation of epoch 99; this is epoch 5, the nearest\. The cursor goes there/,
      { asked: null },
    ],
    [{ asked: 3 }, /no explanation of epoch 3; this is epoch 5, the nearest\.$/, { asked: null }],
  ])("%o", (change, text, instead) => {
    const [only, ...more] = said(change);
    expect(only.text).toMatch(text);
    expect(only.instead).toEqual(instead);
    expect(more).toEqual([]);
    expect(said({ ...change, ...instead })).toEqual([]);
  });

  test("is a sample beyond the probe", () => {
    const manifests = { "CNN-base/explain": { probe: { size: 30 }, methods: [] } as unknown as Manifest };
    expect(said({ manifests, sample: 29 })).toEqual([]);
    expect(said({ manifests, sample: 30 })[0].text).toContain("no sample #30; the probe has #0 to #29");
  });
});

test("the cursor stands at the nearest step, and remembers the one it was wanted at", () => {
  expect(standAt(store.state, 5)).toEqual({ epoch: 5, asked: null });
  expect(standAt(store.state, 99)).toEqual({ epoch: 5, asked: 99 });
  expect(standAt(store.state, null)).toEqual({ epoch: 5, asked: null });
  expect(standAt({ ...store.state, groups: log() }, 7)).toEqual({ epoch: 7, asked: null });
});
