import { describe, expect, test } from "vitest";
import type { Curve, Drift, Manifest, Series } from "../src/api";
import { scoreOf, verdict } from "../src/curves_of_learning";
import { agreement, coarsened, ranks, spearman } from "../src/overview/agreement";
import { askRuns, failureOf } from "../src/overview/answers";
import { badges, type Checks } from "../src/overview/badges";
import { localDriftPanel, overlapPanel, rankPanel, shareShiftPanel, totalPanel } from "../src/overview/drift_panels";
import { lossPanel, overheadPanel, scorePanel } from "../src/overview/learning_panels";
import type { Shared } from "../src/overview/panel_parts";
import { type Facts, sentence } from "../src/overview/sentence";
import { meanShares, ranked, sharesAt } from "../src/overview/shares";
import {
  agreementPanel,
  completenessPanel,
  deletionPanel,
  similarityPanel,
  watchPanels,
} from "../src/overview/trust_panels";
import type { RunEntry } from "../src/state";
import { group } from "./log";

const entry = (name: string, index: number): RunEntry => ({
  ...group(name, [-1, 0, 1]).runs[0],
  group: name,
  label: name,
  index,
});
const [a, b] = [entry("a", 0), entry("b", 1)];
const shared: Shared = {
  focus: "b/explain",
  dark: false,
  range: [-1, 1],
  alarms: [{ place: 1, sign: "diamond" }],
  alarmLabel: "conv_1",
};

const series = (steps: number[], rows: number[][], shape: number[]): Series => ({
  steps,
  wallTimes: steps,
  shape,
  at: (i) => Float32Array.from(rows[i]),
});

const curve = (name: string, split: Curve["split"], values: number[]): Curve => ({
  name,
  split,
  run: "b/train",
  steps: values.map((_, i) => i),
  epochs: values.map((_, i) => i),
  values,
});

const drift: Drift = {
  steps: [-1, 0, 1],
  referenceSteps: [-1, -1, -1],
  samples: 256,
  localDrift: { median: [0, 0.4, 0.5], lower: [0, 0.3, 0.4], upper: [0, 0.6, 0.7] },
  shareShift: {
    value: [0, 0.1, 0.2],
    standardError: [0, 0.01, 0.2],
    lower: [0, 0.08, 0],
    upper: [0, 0.12, 0.5],
    noise: [0, 0.05, 0.06],
  },
  rankCorrelation: [1, 0.9, 0.8],
  topOverlap: { value: [1, 0.8, 0.6], k: 5, byChance: 0.078 },
  effectiveFeatures: [40, 30, 31],
  totalAttribution: { value: [0.5, 3, 4], standardError: [0.02, 0.1, 0.1] },
  completenessP50: [0.001, 0.002, 0.003],
  completenessP95: [0.01, 0.02, 0.03],
};

describe("charts of the Overview", () => {
  test("draw validation solid and the focus run's training dotted", () => {
    const curves = [curve("loss", "training", [2, 0.02]), curve("loss", "validation", [1, 0.04])];
    expect(
      lossPanel(
        [
          { run: a, value: curves },
          { run: b, value: curves },
        ],
        shared,
      ),
    ).toMatchSnapshot();
  });

  test("draw training where there is no validation", () => {
    const [line, none] = lossPanel([{ run: b, value: [curve("loss", "training", [2, 1])] }], shared).lines;
    expect(line).toMatchObject({ values: [2, 1], focus: true });
    expect(line.dotted).toBe(undefined);
    expect(none).toBe(undefined);
  });

  test("lie at the epochs of iterations", () => {
    const run: RunEntry = {
      ...a,
      step_unit: "iteration",
      step_lists: [[-1, 0, 1]],
      epoch_lists: [[-1, -0.4, 0.2]],
    };
    expect(localDriftPanel([{ run, value: drift }], "", shared).lines[0].epochs).toEqual([-1, -0.4, 0.2]);
  });

  test("of a sum's error go by its name, and are left out where the method has none", () => {
    const none = { ...drift, completenessP95: drift.steps.map(() => Number.NaN) };
    expect(completenessPanel([{ run: a, value: drift }], "conservation", shared)?.title).toBe("Conservation error");
    expect(completenessPanel([{ run: a, value: drift }], "completeness", shared)?.title).toBe("Completeness error");
    expect(completenessPanel([{ run: a, value: none }], "", shared)).toBe(undefined);
  });

  test("of agreement are left out where nothing can be ranked", () => {
    const rho = (values: number[]) => [{ run: a, value: { steps: [-1, 0], values } }];
    expect(agreementPanel(rho([Number.NaN, Number.NaN]), shared)).toBe(undefined);
    expect(agreementPanel(rho([Number.NaN, 0.5]), shared)?.lines[0].values).toEqual([Number.NaN, 0.5]);
  });

  test("have a band around the focus run alone", () => {
    const answers = [
      { run: a, value: drift },
      { run: b, value: drift },
    ];
    expect(shareShiftPanel(answers, "since start", shared)).toMatchSnapshot();
    expect(localDriftPanel(answers, "since start", shared).lines.map(({ band }) => band !== undefined)).toEqual([
      false,
      true,
    ]);
  });

  test("hold the focus run's share shift against its noise", () => {
    const { lines } = shareShiftPanel(
      [a, b].map((run) => ({ run, value: drift })),
      "since start",
      shared,
    );
    const dashed = lines.filter((line) => line.dashed);
    expect(dashed).toMatchObject([{ run: "b/explain", name: "noise", values: [0, 0.05, 0.06] }]);
    const unknown = { ...drift, shareShift: { ...drift.shareShift, noise: drift.steps.map(() => Number.NaN) } };
    expect(shareShiftPanel([{ run: b, value: unknown }], "", shared).lines.some((line) => line.dashed)).toBe(false);
  });

  test("of an order are drawn with chance, and left out where nothing can be ordered", () => {
    const answers = [{ run: b, value: drift }];
    expect(rankPanel(answers, "since start", shared)?.lines[0].values).toEqual([1, 0.9, 0.8]);
    expect(overlapPanel(answers, "since start", shared)).toMatchObject({
      title: "Overlap of the first 5",
      limits: [{ value: 0.078, label: "by chance 7.8\u202f%" }],
    });
    const none = drift.steps.map(() => Number.NaN);
    const flat = [
      { run: b, value: { ...drift, rankCorrelation: none, topOverlap: { ...drift.topOverlap, value: none } } },
    ];
    expect(rankPanel(flat, "", shared)).toBe(undefined);
    expect(overlapPanel(flat, "", shared)).toBe(undefined);
    expect(overlapPanel([], "", shared)).toBe(undefined);
  });

  test("of totals have two standard errors around them, never below zero", () => {
    const { band } = totalPanel([{ run: b, value: drift }], "nats", shared)?.lines[0] ?? {};
    expect(band?.lower.map((x) => x.toFixed(2))).toEqual(["0.46", "2.80", "3.80"]);
    const wide = { ...drift, totalAttribution: { value: [0.1, 1, 1], standardError: [1, 0, 0] } };
    expect(totalPanel([{ run: b, value: wide }], "", shared)?.lines[0].band?.lower[0]).toBe(0);
  });

  test("of the start turn drift into similarity, the band's ends changed over", () => {
    const [line] = similarityPanel([{ run: b, value: drift }], shared)?.lines ?? [];
    expect(line.values).toEqual([1, 0.6, 0.5]);
    expect(line.band?.lower[2]).toBeCloseTo(0.3);
    expect(line.band?.upper[2]).toBeCloseTo(0.6);
  });

  test("of a gap have its error around them and a line at none", () => {
    const gap = [
      {
        run: b,
        value: series(
          [0, 4],
          [
            [0.2, 0.05],
            [0.3, 0.05],
          ],
          [2],
        ),
      },
    ];
    expect(deletionPanel(gap, shared)).toMatchObject({ limits: [{ value: 0 }] });
    expect(deletionPanel(gap, shared)?.lines[0].band?.lower[0]).toBeCloseTo(0.1);
    expect(deletionPanel([], shared)).toBe(undefined);
  });

  test("of watched cells have the limits that were given", () => {
    const share = [
      {
        run: b,
        value: series(
          [0, 1],
          [
            [0.02, 0.001],
            [0.12, 0.001],
          ],
          [2],
        ),
      },
    ];
    const watch = { name: "corner", input: "x", cells: [0], contrast: 0.03, at_most: 0.1, at_least: "NaN" };
    const [panel] = watchPanels([{ name: "corner", share }], [watch], shared);
    expect(panel.title).toBe("corner");
    expect(panel.limits?.map(({ label }) => label)).toEqual(["at most 10.0\u202f%", "contrast 3.0\u202f%"]);
    expect(watchPanels([{ name: "corner", share: [] }], [watch], shared)).toEqual([]);
  });

  test("mark the budget where one was set", () => {
    const overhead = [{ run: b, value: series([0, 1], [[0.08], [0.09]], []) }];
    expect(overheadPanel(overhead, 0.1, shared).limits).toEqual([{ value: 0.1, label: "budget 10\u202f%" }]);
    expect(overheadPanel(overhead, 0, shared).limits).toEqual([]);
    expect(overheadPanel(overhead, 0, shared).lines[0].values.map((x) => x.toFixed(2))).toEqual(["0.08", "0.09"]);
  });

  test("leave out a run that answered with an error", () => {
    const answers = [
      { run: a, error: new Error("no") },
      { run: b, value: drift },
    ];
    const drawn = shareShiftPanel(answers, "", shared).lines.filter(({ dashed }) => !dashed);
    expect(drawn.map(({ run }) => run)).toEqual(["b/explain"]);
    expect(failureOf(answers)).toBe(undefined);
    expect(failureOf(answers.slice(0, 1))).toEqual(new Error("no"));
  });

  test("write a loss that is not finite as what it is", () => {
    const { figure } = lossPanel([{ run: b, value: [curve("loss", "training", [1e9, Number.NaN])] }], shared);
    expect([1e9, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(figure)).toEqual([
      "1.00e9",
      "NaN",
      "∞",
      "−∞",
    ]);
  });

  test("have no score where none was logged", () => {
    expect(
      scorePanel(
        [{ run: b, value: [curve("loss", "training", [1]), curve("learning_rate", "training", [1])] }],
        shared,
      ),
    ).toBe(undefined);
  });
});

test("runs are asked each for themselves, and those without the data are left out", async () => {
  const answers = await askRuns([a, b, entry("c", 2)], new AbortController().signal, (run) =>
    run === a ? Promise.resolve(1) : run === b ? Promise.reject(new Error("no")) : undefined,
  );
  expect(answers).toEqual([
    { run: a, value: 1 },
    { run: b, error: new Error("no") },
  ]);
});

describe("how well a run does", () => {
  test("is its accuracy, else another score, else its loss", () => {
    const loss = curve("loss", "validation", [1]);
    expect(scoreOf([loss, curve("auc", "validation", [1]), curve("accuracy", "training", [1])])).toEqual({
      name: "accuracy",
      share: true,
    });
    expect(scoreOf([loss, curve("mae", "training", [1])])).toEqual({ name: "mae", share: false });
    expect(verdict([loss])?.curve).toBe(loss);
    expect(verdict([])).toBe(undefined);
  });
});

describe("agreement of ranks", () => {
  test("shares ranks between equal values", () => expect(ranks([10, 30, 10, 20])).toEqual([1.5, 4, 1.5, 3]));

  test("is Spearman's ρ", () => {
    expect(spearman([1, 2, 3], [10, 20, 99])).toBe(1);
    expect(spearman([1, 2, 3], [3, 2, 1])).toBe(-1);
    // 1 − 6 Σd² / (n (n² − 1)) with d = 1, −1, 1, −1, 0
    expect(spearman([1, 2, 3, 4, 5], [2, 1, 4, 3, 5])).toBeCloseTo(1 - (6 * 4) / (5 * 24), 12);
    expect(spearman([1, 1, 1], [1, 2, 3])).toBeNaN();
  });

  test("sums a fine grid over a coarse one that divides it", () => {
    expect(
      coarsened(
        Array.from({ length: 16 }, (_, i) => i),
        [4, 4],
        [2, 2],
      ),
    ).toEqual([10, 18, 42, 50]);
    expect(coarsened([1, 2, 3, 4, 5, 6], [6], [3])).toEqual([3, 7, 11]);
    expect(coarsened([1, 2, 3], [3], [2])).toBe(undefined);
  });

  test("is there at the steps that both have", () => {
    const method = {
      series: series(
        [-1, 0, 5],
        [
          [9, 9, 9],
          [1, 2, 3],
          [1, 2, 3],
        ],
        [1, 3],
      ),
      shape: [3],
    };
    const permutation = {
      series: series(
        [0, 5, 9],
        [
          [4, 5, 6],
          [6, 5, 4],
          [1, 1, 2],
        ],
        [1, 3],
      ),
      shape: [3],
    };
    expect(agreement(method, permutation)).toEqual({ steps: [0, 5], values: [1, -1] });
  });
});

describe("shares", () => {
  const manifest = {
    inputs: [
      {
        name: "x",
        kind: "tabular",
        shape: [2],
        dtype: "float32",
        feature_names: ["size", "<b>age</b>"],
        vocabulary: [],
        cells: [2],
        regions: [2],
      },
    ],
  } as unknown as Manifest;
  // importance, its standard error, signed mean
  const parts = [
    {
      input: "x",
      shape: [2],
      series: series(
        [-1, 3],
        [
          [1, 3, 0.1, 0.1, 0, 0],
          [3, 1, 0.1, 0.1, 0, 0],
        ],
        [3, 2],
      ),
    },
  ];

  test("sum to one, and come largest first with what they were", () => {
    const [now, before] = [3, -1].map((step) => sharesAt(parts, manifest, step));
    expect(now?.map(({ share }) => share)).toEqual([0.75, 0.25]);
    expect(
      ranked(now ?? [], before).map(({ name, share, reference, change, beyondNoise }) => [
        name,
        share,
        reference,
        change,
        beyondNoise,
      ]),
    ).toEqual([
      ["size", 0.75, 0.25, 0.5, true],
      ["<b>age</b>", 0.25, 0.75, -0.5, true],
    ]);
  });

  test("do not exist where nothing was measured or all is zero", () => {
    expect(sharesAt(parts, manifest, 4)).toBe(undefined);
    expect(sharesAt([{ ...parts[0], series: series([0], [[0, 0, 0, 0, 0, 0]], [3, 2]) }], manifest, 0)).toBe(undefined);
  });
});

test("shares of several steps are held against their mean", () => {
  const at = (share: number, standardError: number) => [{ input: "x", index: 0, name: "a", share, standardError }];
  expect(meanShares([at(0.25, 0.01), at(0.75, 0.03)])).toEqual(at(0.5, 0.02));
  expect(meanShares([at(0.25, 0.01), undefined])).toBe(undefined);
  expect(meanShares([])).toBe(undefined);
});

describe("trust in words", () => {
  const checks: Checks = {
    sumError: "completeness",
    completeness: Number.NaN,
    similarity: Number.NaN,
  };
  const said = (more: Partial<Checks>) => badges({ ...checks, ...more }).map(({ tone, text }) => `${tone}: ${text}`);

  test("says nothing of what was not checked", () => expect(said({})).toEqual([]));

  test("has words of its own for each check", () => {
    expect(said({ completeness: 0.02 })).toEqual(["ok: Completeness holds"]);
    expect(said({ completeness: 0.2, sumError: "conservation" })).toEqual(["warn: Conservation fails"]);
    expect(said({ deletion: { value: 0.2, error: 0.05 } })).toEqual(["ok: Deletion beats chance"]);
    expect(said({ deletion: { value: 0.05, error: 0.05 } })).toEqual(["warn: Deletion is no better than chance"]);
    expect(said({ deletion: { value: -0.2, error: 0.05 } })).toEqual(["warn: Deletion is worse than chance"]);
    expect(said({ agreement: { value: 0.9 } })).toEqual(["ok: Permutation agrees"]);
    expect(said({ agreement: { value: 0.1 } })).toEqual(["warn: Permutation disagrees"]);
    expect(said({ similarity: 0.95 })).toEqual(["warn: Still like the start"]);
    expect(said({ trainingGap: { value: 0.1, error: 0.01 } })).toEqual(["plain: Training samples differ"]);
    expect(said({ localFit: { value: 0.83 } })).toEqual(["ok: Local models fit"]);
    expect(said({ localFit: { value: 0.31 } })).toEqual(["warn: Local models fit poorly"]);
  });

  test("says when that was, where it was not at the cursor", () => {
    const at = "epoch 20";
    const found = badges({
      ...checks,
      completeness: 0.02,
      deletion: { value: 0.2, error: 0.05, at },
      agreement: { value: 0.9, at },
      trainingGap: { value: 0.1, error: 0.01 },
    });
    expect(found.map((badge) => badge.at)).toEqual([undefined, at, at, undefined]);
  });
});

describe("the sentence", () => {
  const facts: Facts = {
    run: "cnn",
    reference: "epoch 19",
    elsewhere: false,
    noise: Number.NaN,
    now: "epoch 31",
    same: false,
    alone: false,
    shift: 0.17,
    standardError: 0.0035,
    samples: 256,
  };
  const said = (more: Partial<Facts>) =>
    sentence({ ...facts, ...more })
      .map(({ text }) => text)
      .join("")
      .replaceAll("\u202f", " ");
  const feature = {
    input: "image",
    index: 0,
    name: "A1",
    share: 0.147,
    standardError: 0.001,
    reference: 0.025,
    change: 0.122,
    beyondNoise: true,
  };

  test("says what moved, with its noise", () => {
    const learning = {
      name: "validation accuracy",
      before: 0.944,
      now: 0.981,
      text: (x: number) => `${(100 * x).toFixed(1)} %`,
      smallest: 0.001,
    };
    expect(said({ feature, learning })).toBe(
      "Since epoch 19, 17.0 ± 0.7 % of the attribution of cnn has moved. A1 now holds 14.7 % of it, up from 2.5 %. Validation accuracy rose meanwhile from 94.4 % to 98.1 %.",
    );
    expect(said({ learning: { ...learning, now: 0.9441 } })).toContain("Validation accuracy stayed at 94.4 %.");
    expect(said({ learning, agreement: { before: 0.86, now: 0.71 } })).toContain(
      "to 98.1 %; permutation importance now agrees less (ρ .86 → .71).",
    );
    expect(said({ learning, agreement: { before: -0.1, now: 0.3 } })).toContain("agrees more (ρ −.10 → .30)");
    expect(said({ learning, agreement: { before: 0.8, now: 0.75 } })).not.toContain("permutation");
    expect(said({ learning, agreement: { before: Number.NaN, now: 0.75 } })).not.toContain("permutation");
  });

  test("calls a change within its noise what it is", () => {
    expect(said({ shift: 0.004, standardError: 0.003 })).toBe(
      "Since epoch 19, 0.4 ± 0.6 % of the attribution of cnn has moved, no more than its sampling noise. ",
    );
    expect(said({ feature: { ...feature, beyondNoise: false } })).not.toContain("A1");
    expect(said({ noise: 0.2 })).toContain("no more than its sampling noise");
    expect(said({ noise: 0.1 })).not.toContain("noise");
  });

  test("does not say that something moved since what is no moment of the run", () => {
    expect(said({ elsewhere: true, reference: "cnn-wide at epoch 31" })).toBe(
      "Against cnn-wide at epoch 31, 17.0 ± 0.7 % of the attribution of cnn lies elsewhere. ",
    );
  });

  test("says when there are few samples", () =>
    expect(said({ samples: 32 })).toContain("17.0 ± 0.7 % (few samples: 32) of"));

  test("has nothing to compare at the reference, or without one", () => {
    expect(said({ same: true })).toContain("Epoch 31 is the reference.");
    expect(said({ same: true, alone: true, now: "the start" })).toContain("One explanation of cnn so far: the start.");
    expect(said({ shift: Number.NaN, reference: "" })).toContain("no reference");
    expect(said({ shift: Number.NaN })).toContain("Nothing to compare at epoch 31");
    expect(said({ shift: Number.NaN })).toContain("not finite");
  });
});
