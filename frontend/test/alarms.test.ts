import { beforeEach, describe, expect, test } from "vitest";
import {
  alarmFamily,
  alarmKind,
  alarmLabel,
  alarmSign,
  alarmText,
  alarmView,
  isAbout,
  isAboutFeature,
} from "../src/alarm_kinds";
import { alarmMarks } from "../src/alarms";
import type { Alarm, Manifest } from "../src/api";
import { focusRun, type RunEntry, Store, store } from "../src/state";
import { group, log } from "./log";
import { input, manifest } from "./manifest";

const KINDS = {
  share_jump: "triangle",
  share_growth: "triangle",
  share_level: "triangle",
  rank_entry: "triangle",
  watch_above: "square",
  watch_below: "square",
  protected_share: "square",
  reason_moved: "circle",
  prediction_moved: "circle",
  dead_layer: "diamond",
  saturated_layer: "diamond",
  distribution_jump: "diamond",
  non_finite: "cross",
} as const;

const alarm = (kind: string, more: Partial<Alarm> = {}): Alarm => ({
  run: "a/explain",
  step: 3,
  kind,
  subject: "conv",
  text: "epoch 3: something",
  evidence: {},
  ...more,
});

const tags = {
  "attribution/integrated_gradients": { kind: "frame", steps: 0 },
  "importance/integrated_gradients/x": { kind: "series", steps: 0 },
  "health/conv": { kind: "series", steps: 0 },
} as const;
const run = (): RunEntry => focusRun(store.state) as RunEntry;

beforeEach(() => {
  store.state = {
    ...new Store().state,
    groups: log(group("a", [-1, 0, 1, 2, 3], { tags })),
    manifests: {
      "a/explain": manifest({
        inputs: [input({ name: "x", feature_names: ["age", "size"], cells: [2], regions: [2] })],
      }),
    },
  };
});

describe("every kind of alarm", () => {
  test.each(Object.entries(KINDS))("%s has a sign by its family and a name in words", (kind, sign) => {
    expect(alarmSign(alarm(kind))).toBe(sign);
    expect(alarmFamily(alarm(kind))?.sign).toBe(sign);
    expect(alarmKind(alarm(kind))).not.toContain("_");
  });

  test("of a newer server is shown by its name", () => {
    expect(alarmKind(alarm("lost_in_space"))).toBe("lost in space");
    expect(alarmFamily(alarm("constructor"))).toBe(undefined);
    expect(alarmSign(alarm("lost_in_space"))).toBe("triangle");
    expect(alarmView(store.state, run(), alarm("lost_in_space"))).toEqual({});
  });

  test("leads to the view that shows it", () => {
    const view = (of: Alarm) => alarmView(store.state, run(), of);
    expect(view(alarm("dead_layer"))).toEqual({ view: "layers", layer: "conv" });
    expect(view(alarm("distribution_jump"))).toEqual({ view: "layers", layer: "conv" });
    expect(view(alarm("non_finite"))).toEqual({ view: "layers", layer: "conv" });
    expect(view(alarm("non_finite", { subject: "loss" }))).toEqual({});
    expect(view(alarm("non_finite", { subject: "integrated_gradients" }))).toMatchObject({ view: "samples" });
    expect(view(alarm("share_jump", { subject: "size" }))).toMatchObject({ view: "features", feature: "size" });
    expect(view(alarm("share_jump", { subject: "region (row 1)", evidence: { cells: [1] } }))).toMatchObject({
      feature: "size",
    });
    expect(view(alarm("reason_moved", { subject: "integrated_gradients" }))).toMatchObject({
      view: "samples",
      against: "previous",
      sort: "drift",
      method: "integrated_gradients",
    });
  });
});

test("an alarm of several tells each of them, methods by their titles", () => {
  const of = alarm("non_finite", {
    subject: "integrated_gradients",
    text: "epoch 3: 6 % of the attributions by integrated_gradients are not finite; likewise saliency and conv",
    evidence: { others: ["saliency", "conv"] },
  });
  const methods = ["integrated_gradients", "saliency"].map((name) => ({ name })) as Manifest["methods"];
  expect(alarmText(of, manifest({ methods }))).toBe(
    "6\u202f% of the attributions by Integrated gradients are not finite; likewise Saliency and conv",
  );
  expect(["conv", "saliency", "dense"].map((name) => isAbout(of, name))).toEqual([true, true, false]);
});

test("a feature's alarms are those by its name and those of its region", () => {
  const own = store.state.manifests["a/explain"];
  const region = alarm("share_jump", { subject: "region (row 1)", evidence: { cells: [1], input: "x" } });
  expect(isAboutFeature(region, "size", own)).toBe(true);
  expect(isAboutFeature(region, "age", own)).toBe(false);
  expect(isAboutFeature(alarm("share_jump", { subject: "age" }), "age", undefined)).toBe(true);
  const several = alarm("share_jump", { subject: "x", evidence: { cells: [1], input: "x", other_cells: [[0], [2]] } });
  const named = manifest({ inputs: [input({ name: "x", cells: [4], regions: [4] })] });
  const about = ["feature 0", "feature 1", "feature 2", "feature 3"].map((name) =>
    isAboutFeature(several, name, named),
  );
  expect(about).toEqual([true, true, true, false]);
  expect(isAboutFeature(several, "x feature 2", named)).toBe(true);
});

test("a label at a curve tells from where to where a share went", () => {
  const evidence = { before: 0.025, after: 0.059 };
  expect(alarmLabel(alarm("share_jump", { subject: "A1", evidence }), undefined)).toBe("A1 2.5 → 5.9\u202f%");
  const own = store.state.manifests["a/explain"];
  const region = { subject: "region (row 1)", evidence: { ...evidence, cells: [0, 1], input: "x" } };
  expect(alarmLabel(alarm("share_jump", region), own)).toBe("age–size 2.5 → 5.9\u202f%");
  expect(alarmLabel(alarm("dead_layer"), undefined)).toBe("conv: dead layer");
});

test("charts mark each family once a step", () => {
  store.set({ alarms: [alarm("dead_layer"), alarm("saturated_layer"), alarm("share_jump")] });
  expect(alarmMarks()).toEqual([
    { place: 3, sign: "diamond" },
    { place: 3, sign: "triangle" },
  ]);
});
