import { describe, expect, test } from "vitest";
import type { DriftMatrix } from "../src/api";
import { columnRange } from "../src/charts/epoch_axis";
import { axisLabels } from "../src/compare/axis_labels";
import { shownMatrix } from "../src/compare/matrix_panel";
import {
  cellAt,
  drawPhases,
  hasOpposites,
  isEmpty,
  phaseEnds,
  similarityPixels,
  transposed,
} from "../src/compare/matrix_picture";
import { alikeness, phaseName, phaseSentence, phasesOf } from "../src/compare/phases";
import { toMatrix } from "../src/parsing";
import type { RunEntry } from "../src/state";
import { stepName } from "../src/steps";
import { tagged } from "./log";
import { palette, recordingPen } from "./pen";
import { asText, pixelAt } from "./pictures";

const entry = (name: string, steps: number[], more = {}): RunEntry => ({
  ...tagged(`${name}/explain`, steps, more),
  group: name,
  label: name,
  index: 0,
});
const steps = [-1, 0, 1, 2, 3];
const run = entry("a", steps);
const name = (step: number): string => stepName(run, step);

/** Two blocks: the first two steps are alike, then the last three. */
const blocks = Float32Array.from({ length: 25 }, (_, i) => {
  const [row, column] = [Math.floor(i / 5), i % 5];
  return row === column ? 1 : row < 2 === column < 2 ? 0.9 : 0.25;
});

describe("phases", () => {
  test("begin at the first step and at each change point that is a step", () => {
    expect(phasesOf(steps, [])).toEqual([{ first: 0, last: 4 }]);
    const two = [
      { first: 0, last: 1 },
      { first: 2, last: 4 },
    ];
    expect(phasesOf(steps, [1])).toEqual(two);
    expect(phasesOf(steps, [-1, 1, 77])).toEqual(two);
    expect(phasesOf([], [1])).toEqual([]);
  });

  test("are as alike within as their pairs of different steps, what is not finite left aside", () => {
    const [first, second] = phasesOf(steps, [1]);
    expect(alikeness(blocks, 5, first, first)).toBeCloseTo(0.9);
    expect(alikeness(blocks, 5, first, second)).toBeCloseTo(0.25);
    expect(alikeness(blocks, 5, { first: 3, last: 3 }, { first: 3, last: 3 })).toBeNaN();
    const broken = blocks.slice();
    broken[3 * 5 + 4] = Number.NaN;
    expect(alikeness(broken, 5, second, second)).toBeCloseTo(0.9);
  });

  test("have names in epochs", () => {
    const ten = Array.from({ length: 10 }, (_, i) => i);
    expect(phaseName({ first: 0, last: 7 }, ten, (step) => `epoch ${step}`)).toBe("epochs 0–7");
    expect(phaseName({ first: 0, last: 1 }, steps, name)).toBe("start to epoch 0");
    expect(phaseName({ first: 4, last: 4 }, steps, name)).toBe("epoch 3");
  });

  test("are told in a sentence", () => {
    expect(phaseSentence(phasesOf(steps, [1]), steps, blocks, name)).toBe(
      "Start to epoch 0 (alike to .90), then epochs 1–3 (alike to .90, .25 to the phase before).",
    );
    expect(phaseSentence(phasesOf(steps, []), steps, new Float32Array(25).fill(0.8), name)).toBe(
      "One phase, start to epoch 3: no lasting change was found; its steps are alike to .80.",
    );
  });

  test("are read from the answer, or why nobody looked", () => {
    const steps = { dtype: "I32", shape: [2], data: Int32Array.of(0, 1) };
    const similarity = { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 0.5, 0.5, 1) };
    const tensors = { steps, against_steps: steps, similarity };
    const read = (metadata: Record<string, string>) => toMatrix({ tensors, metadata });
    expect(read({ phases: "[1]" })).toMatchObject({ phases: [1], phasesAbsent: "" });
    expect(read({ phases_absent: "install x[phases]" })).toMatchObject({
      phases: null,
      phasesAbsent: "install x[phases]",
    });
  });
});

describe("the picture of similarities", () => {
  test("has the run's own steps from left to right", () => {
    expect(Array.from(transposed([1, 2, 3, 4, 5, 6], 2, 3))).toEqual([1, 4, 2, 5, 3, 6]);
  });

  test("counts from zero unless explanations speak against one another", () => {
    expect(hasOpposites([1, -0.01, Number.NaN])).toBe(false);
    expect(hasOpposites([1, -0.4])).toBe(true);
    expect(isEmpty([Number.NaN, Number.NaN])).toBe(true);
    expect(isEmpty([Number.NaN, 0])).toBe(false);
  });

  test("is hatched where a step is not finite", () => {
    const values = Float32Array.of(1, Number.NaN, Number.NaN, Number.NaN);
    const places = [0, 1];
    const pixels = similarityPixels(
      { values, rows: places, columns: places },
      { width: 8, height: 8, signed: false, theme: "light" },
    );
    expect(pixelAt(pixels, 1, 1)).toEqual([24, 44, 90, 255]);
    expect(asText(pixels)).toMatchInlineSnapshot(`
      "aaaabccc
      aaaacccb
      aaaaccbc
      aaaacbcc
      bcccbccc
      cccbcccb
      ccbcccbc
      cbcccbcc"
    `);
  });

  test("leaves no gaps between thinned steps", () => {
    const places = [0, 1, 10];
    const pixels = similarityPixels(
      { values: new Float32Array(9).fill(1), rows: places, columns: places },
      { width: 22, height: 22, signed: false, theme: "light" },
    );
    expect(new Set(pixels.data.filter((_, i) => i % 4 === 3))).toEqual(new Set([255]));
  });

  test("knows the cell under the pointer, and nothing beside the picture", () => {
    const map = { rows: [0, 1], columns: [0, 1, 2, 3] };
    expect(cellAt(map, 0, 0, 100, 100)).toEqual({ row: 0, column: 0 });
    expect(cellAt(map, 80, 51, 100, 100)).toEqual({ row: 1, column: 3 });
    expect(cellAt(map, 100, 10, 100, 100)).toBeUndefined();
    expect(cellAt(map, -1, 10, 100, 100)).toBeUndefined();
    expect(cellAt({ rows: [], columns: [] }, 1, 1, 100, 100)).toBeUndefined();
  });

  test("boxes its phases", () => {
    const { pen, lines } = recordingPen();
    const places = [0, 1, 2, 3];
    drawPhases(pen, phasesOf(places, [2]), places, { width: 80, height: 40, palette });
    expect(lines.filter((line) => line.startsWith("strokeRect"))).toEqual([
      "strokeRect 1.5 1.5 37 17",
      "strokeRect 1.5 1.5 37 17",
      "strokeRect 41.5 21.5 37 17",
      "strokeRect 41.5 21.5 37 17",
    ]);
  });

  test("ends a phase where the next begins", () => {
    const places = [0, 1, 2, 3];
    const ends = phasesOf(places, [1]).map((phase) => phaseEnds(phase, places, columnRange(places), 400));
    expect(ends).toEqual([
      [0, 100],
      [100, 400],
    ]);
  });
});

describe("labels of an axis", () => {
  test("give way to the marked epoch", () => {
    const places = Array.from({ length: 41 }, (_, i) => i - 1);
    const labels = axisLabels(places, 31);
    expect(labels.filter(({ strong }) => strong).map(({ text }) => text)).toEqual(["31"]);
    expect(labels.map(({ text }) => text)).toEqual(["−1", "10", "20", "39", "31"]);
    expect(axisLabels(places, null).map(({ text }) => text)).toContain("30");
  });
});

describe("what is drawn of an answer", () => {
  const answer = (more: Partial<DriftMatrix>): DriftMatrix => ({
    steps: [0, 1],
    againstSteps: [0, 1, 2],
    similarity: Float32Array.of(1, 2, 3, 4, 5, 6),
    phases: [],
    phasesAbsent: "",
    ...more,
  });

  test("turns rows into columns", () => {
    const shown = shownMatrix(answer({}), entry("a", [0, 1]), entry("b", [0, 1, 2]));
    expect(shown.columns.steps).toEqual([0, 1]);
    expect(shown.rows.steps).toEqual([0, 1, 2]);
    expect(Array.from(shown.values)).toEqual([1, 4, 2, 5, 3, 6]);
  });

  test("counts the steps that cannot be read, those of one run once", () => {
    const nan = Number.NaN;
    const one = entry("a", [0, 1]);
    const broken = answer({ againstSteps: [0, 1], similarity: Float32Array.of(1, nan, nan, nan) });
    expect(shownMatrix(broken, one, one).unread).toBe(1);
    const two = answer({ similarity: Float32Array.of(nan, nan, nan, nan, 1, 1) });
    expect(shownMatrix(two, one, entry("b", [0, 1, 2])).unread).toBe(2);
  });

  test("leaves out iterations that have no place on the axis of epochs yet", () => {
    const counted = entry("a", [0, 50, 100], {
      step_unit: "iteration",
      step_lists: [[0, 50, 100]],
      epoch_lists: [[-1, 0.5, "NaN"]],
    });
    const similarity = Float32Array.of(1, 2, 9, 3, 4, 9, 9, 9, 9);
    const shown = shownMatrix(
      answer({ steps: [0, 50, 100], againstSteps: [0, 50, 100], similarity }),
      counted,
      counted,
    );
    expect(shown.columns.steps).toEqual([0, 50]);
    expect(Array.from(shown.values)).toEqual([1, 3, 2, 4]);
  });
});
