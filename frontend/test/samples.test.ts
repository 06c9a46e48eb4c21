import { render } from "lit";
import { describe, expect, test, vi } from "vitest";
import type { Attribution, Comparison, Predictions, SampleArray } from "../src/api";
import type { RunEntry } from "../src/state";
import { stepsAhead } from "../src/views/samples_ahead";
import { formatAsked, parseAsked } from "../src/views/samples_asked";
import { columnsOf, rowHeightOf, textRoom } from "../src/views/samples_columns";
import { limitsOf, type Picture } from "../src/views/samples_data";
import { filmSteps, shortened, withCursor } from "../src/views/samples_film";
import { liveRows, steady } from "../src/views/samples_live";
import { strongestEver, tokensToShow } from "../src/views/samples_map";
import {
  allOf,
  attributionSum,
  filterRows,
  firstToken,
  rowMatches,
  sampleDrift,
  sampleOf,
  sampleRows,
  shownPerClass,
  sortRows,
  withPinned,
} from "../src/views/samples_model";
import { moments } from "../src/views/samples_moments";
import { standardised } from "../src/views/samples_moved";
import { orderHolder } from "../src/views/samples_order";
import { renderSaying, renderVerdict, saying } from "../src/views/samples_says";
import { fitInWords, sumInWords } from "../src/views/samples_sum";
import { input, manifest } from "./manifest";

const array = (values: number[][]): SampleArray => ({
  dtype: "F32",
  shape: [values.length, values[0].length],
  data: Float32Array.from(values.flat()),
});
const ints = (values: number[][]): SampleArray => ({
  ...array(values),
  dtype: "I32",
  data: Int32Array.from(values.flat()),
});

/** Predictions whose likeliest classes and their probabilities are given. */
const says = (classes: number[], probabilities: number[], loss?: number[]): Predictions => ({
  class: ints(classes.map((k) => [k, 9])),
  probability: array(probabilities.map((p) => [p, 1 - p])),
  loss: loss && array([loss]),
});
const attribution = (values: number[][]): Attribution => ({
  values: { x: array(values) },
  completenessError: array([[0.1, 0.4, 0.2, Number.NaN]]),
});
const comparison = (drift: number[]): Comparison => ({
  step: 3,
  referenceRun: "a",
  shareShift: { value: 0, standardError: 0, noise: 0 },
  siblings: [],
  referenceStep: 0,
  drift,
  inputs: {},
});

const rows = sampleRows({
  manifest: manifest(),
  now: says([0, 2, 2, 1], [0.9, 0.6, 0.7, 0.5], [0.1, 2, 0.3, 1]),
  reference: says([0, 1, 1, 1], [0.9, 0.6, 0.7, 0.5]),
  attribution: attribution([[1], [2], [3], [4]]),
  comparison: comparison([0.2, Number.NaN, 0.9, 0.5]),
});
const order = (found: readonly { index: number }[]): number[] => found.map(({ index }) => index);

describe("a sample's row", () => {
  test("says what it is, what the model says, and whether that is wrong or has flipped", () => {
    expect(rows.map(({ label, now, flipped }) => [label, now?.says, now?.wrong, flipped])).toEqual([
      ["a", "a", false, false],
      ["b", "c", true, true],
      ["c", "c", false, true],
      ["a", "b", true, false],
    ]);
  });

  test("spells a flip out, and colours it by whether it ended right", () => {
    expect(rows.map(saying)).toEqual([
      { text: "says a", tone: "" },
      { text: "says b → c", tone: "wrong" },
      { text: "says b → c", tone: "right" },
      { text: "says b", tone: "wrong" },
    ]);
  });

  test("has a name, a number where it has none, and no label without targets", () => {
    const named = sampleRows({ manifest: manifest({ probe: { sample_names: ["<b>p1</b>"], targets: [], size: 2 } }) });
    expect(named.map(({ name, label, target, now }) => [name, label, target, now])).toEqual([
      ["<b>p1</b>", "", -1, undefined],
      ["#1", "", -1, undefined],
    ]);
  });

  test("of a regression tells values, and neither flips nor is wrong", () => {
    const outputs = [{ name: "y", task: "regression" as const, units: 1, class_names: [] }];
    const source = manifest({ outputs, probe: { size: 1, targets: [2.34567] } });
    const [row] = sampleRows({
      manifest: source,
      now: { output: array([[-1.23456]]) },
      reference: { output: array([[2]]) },
    });
    expect([row.label, row.now?.says, row.flipped, row.now?.wrong]).toEqual(["2.35", "−1.23", false, false]);
    expect(saying(row).text).toBe("says 2 → −1.23");
  });
});

describe("what is said of a sample", () => {
  const drawn = (template: unknown) => {
    const root = document.createElement("div");
    render(template, root);
    return root;
  };
  const spoken = (root: Element) => root.textContent?.replace(/\s+/g, " ").trim();

  test("has each name in a part of its own, which shrinks and keeps its direction", () => {
    const root = drawn(renderSaying(rows[1], "all of it"));
    expect(spoken(root)).toBe(saying(rows[1]).text);
    expect([...root.querySelectorAll("bdi.name")].map((name) => name.textContent)).toEqual(["b", "c"]);
    expect(root.querySelector(".said")?.classList.value.trim()).toBe("said wrong");
    expect([...drawn(renderVerdict(rows[1])).querySelectorAll("bdi")].map((name) => name.textContent)).toEqual([
      "b",
      "b",
      "c",
    ]);
  });

  test("has room for one long name on a card", () => {
    const row = { ...rows[1], now: { ...rows[1].now, says: "x".repeat(60) } } as (typeof rows)[1];
    expect(spoken(drawn(renderSaying(row, "", 16)))).toBe(`→ ${"x".repeat(60)}`);
    expect(spoken(drawn(renderSaying(rows[1], "", 16)))).toBe("says b → c");
    expect(spoken(drawn(renderSaying(row, "")))).toBe(`says b → ${"x".repeat(60)}`);
  });

  test("keeps names from right to left apart from what stands beside them", () => {
    const row = { ...rows[1], now: { ...rows[1].now, says: "שלילי" } } as (typeof rows)[1];
    expect(saying(row).text).toBe("says b → \u2068שלילי\u2069");
  });

  test("is a sentence", () => {
    expect(rows.map((row) => spoken(drawn(renderVerdict(row))))).toEqual([
      "is a, says a",
      "is b, said b, now says c",
      "is c, said b, now says c",
      "is a, says b",
    ]);
  });
});

describe("several inputs in a row", () => {
  const image = input({ kind: "image", cells: [16, 32] });
  const text = input({ kind: "text" });

  test("have columns of their own, images as wide as they are", () => {
    expect(columnsOf([image, input(), text])).toBe("112px minmax(0, 1fr) minmax(0, 3fr)");
  });

  test("give a text three whole lines, whatever stands beside it", () => {
    expect([[image], [text, input()], [input(), input()]].map(rowHeightOf)).toEqual([72, 72, 48]);
    expect(textRoom([image, input(), text], 336)).toEqual({ lines: 3, width: 150 });
  });
});

describe("the ends of the colours' scale", () => {
  test("are those of all samples, or of each, now and at the reference", () => {
    const now = [
      [1, -2, Number.NaN],
      [0.1, 0, 0.2],
    ];
    const reference = [
      [0, 0, -40],
      [0, -0.3, 0],
    ];
    const both = limitsOf(manifest(), [attribution(now), attribution(reference)]);
    expect(both.all(0)).toEqual({ cells: 40, cards: 40 });
    expect(both.all(1)).toBe(both.all(0));
    expect(both.each(0)).toEqual({ cells: 40, cards: 40 });
    expect(both.each(1).cells).toBeCloseTo(0.3, 6);
    expect(both.each(1)).toBe(both.each(1));
    const alone = limitsOf(manifest(), [attribution(now)]);
    expect([alone.all(0).cells, alone.each(0).cells]).toEqual([2, 2]);
    expect(alone.each(1).cells).toBeCloseTo(0.2, 6);
  });

  test("are clipped at the 99th percentile of what is not zero", () => {
    const values = [...Array.from({ length: 200 }, (_, i) => i + 1), 0, 0];
    const cells = input({ cells: [values.length] });
    const { each } = limitsOf(manifest({ inputs: [cells] }), [
      attribution([values, values.map((value) => 10 * value)]),
    ]);
    expect([each(0).cells, each(1).cells]).toEqual([198, 1980]);
  });

  test("of cards are of the sums that these show", () => {
    const large = input({ kind: "image", cells: [20, 20] });
    const flat = (value: number) => Array.from({ length: 400 }, () => value);
    const frame = attribution([flat(1), flat(-3)]);
    frame.values.x.shape = [2, 20, 20];
    const { all, each } = limitsOf(manifest({ inputs: [large] }), [frame]);
    expect(all(0)).toEqual({ cells: 3, cards: 12 });
    expect(each(0)).toEqual({ cells: 1, cards: 4 });
    expect(each(1)).toEqual({ cells: 3, cards: 12 });
  });
});

describe("samples of an array", () => {
  const half: SampleArray = {
    dtype: "F16",
    shape: [2, 2],
    data: Float32Array.of(1, -2, 4, Number.NaN), // as browsers without half floats hold them
    scale: 0.5,
  };

  test("are in the method's unit, and the same object as long as one is held", () => {
    const second = sampleOf(half, 1);
    expect([...second]).toEqual([2, Number.NaN]);
    expect(sampleOf(half, 1)).toBe(second);
    expect([...allOf(half)]).toEqual([0.5, -1, 2, Number.NaN]);
  });

  test("are no copies where numbers are as they were logged", () => {
    const plain = array([
      [1, 2],
      [3, 4],
    ]);
    expect(sampleOf(plain, 1).buffer).toBe(plain.data.buffer);
  });
});

describe("samples are sorted", () => {
  test.each([
    ["drift", [2, 3, 0, 1]],
    ["loss", [1, 3, 2, 0]],
    ["confidence", [3, 1, 2, 0]],
    ["completeness", [1, 2, 0, 3]],
    ["index", [0, 1, 2, 3]],
  ] as const)("by %s, those without the figure last", (sort, expected) => {
    expect(order(sortRows(rows, sort))).toEqual(expected);
  });
});

describe("the order of samples", () => {
  const make = (...indices: number[]) => vi.fn(() => indices);

  test("holds while the cursor moves, and says which step it is of", () => {
    const order = orderHolder();
    order.get("drift", 5, true, make(2, 0, 1));
    const again = make(0, 1, 2);
    expect(order.get("drift", 6, true, again)).toEqual({ indices: [2, 0, 1], step: 5 });
    expect(again).not.toHaveBeenCalled();
  });

  test("is made again when something else is asked for, or on demand", () => {
    const order = orderHolder();
    order.get("drift", 5, true, make(2, 0, 1));
    expect(order.get("loss", 6, true, make(1, 0, 2))).toEqual({ indices: [1, 0, 2], step: 6 });
    order.drop();
    expect(order.get("loss", 7, true, make(0))).toEqual({ indices: [0], step: 7 });
  });

  test("is made again as long as figures are on their way", () => {
    const order = orderHolder();
    order.get("drift", 5, false, make(0, 1, 2));
    expect(order.get("drift", 5, true, make(2, 1, 0)).indices).toEqual([2, 1, 0]);
    expect(order.get("drift", 5, false, make(1, 0, 2)).indices).toEqual([2, 1, 0]);
  });
});

describe("frames are fetched ahead", () => {
  const steps = Array.from({ length: 301 }, (_, i) => i - 1);

  test("at rest: the neighbours, then some over the whole run", () => {
    const ahead = stepsAhead(steps, 10, 400_000, false);
    expect(ahead.slice(0, 4)).toEqual([11, 9, 12, 8]);
    expect(ahead).toContain(-1);
    expect(ahead).toContain(299);
    expect(ahead.length).toBeLessThanOrEqual(28);
    expect(new Set(ahead).size).toBe(ahead.length);
    expect(ahead).not.toContain(10);
  });

  test("of large frames only the neighbours", () => {
    expect(stepsAhead(steps, 299, 20_000_000, false)).toEqual([298, 297]);
  });

  test("playing: those it comes to", () => {
    expect(stepsAhead(steps, 296, 400_000, true)).toEqual([297, 298, 299]);
    expect(stepsAhead([-1], -1, 1, false)).toEqual([]);
  });
});

test("an object is the same while its parts are", () => {
  const same = steady<{ a: number; b: number[] }>();
  const b = [1];
  const first = same({ a: 1, b });
  expect(same({ a: 1, b })).toBe(first);
  expect(same({ a: 1, b: [1] })).not.toBe(first);
});

describe("while the cursor moves", () => {
  const now = attribution([
    [3, 0],
    [0, 2],
  ]);
  const reference = attribution([
    [1, 0],
    [2, 0],
  ]);
  const run = { run: "r", tags: {}, step_lists: [] } as unknown as RunEntry;
  const drawn = {
    run,
    manifest: manifest(),
    now,
    nowStep: 7,
    reference,
    referenceAt: { run, step: -1 },
  } as unknown as Picture;
  const drifts = (against: string, found?: Comparison) => {
    const row = liveRows(drawn, against, undefined, found);
    return [row(0).drift, row(1).drift];
  };

  test("drift is of the frames that are drawn until the server's is there", () => {
    const [still, turned] = drifts("start", comparison([0.4, 0.6]));
    expect(still).toBeCloseTo(0, 6);
    expect(turned).toBeCloseTo(1, 6);
    expect(drifts("start", { ...comparison([0.4, 0.6]), step: 7 })).toEqual([0.4, 0.6]);
  });

  test("predictions of another step say of which", () => {
    const logged = (steps: number[]) =>
      ({ run: "r", tags: { predictions: { steps: 0 } }, step_lists: [steps] }) as unknown as RunEntry;
    const saidAt = (steps: number[]) =>
      liveRows(
        { ...drawn, run: logged(steps) },
        "start",
        { now: says([0, 1], [1, 1]), reference: undefined },
        undefined,
      )(1).saidAt;
    expect([saidAt([-1, 5, 9]), saidAt([5, 7])]).toEqual([5, undefined]);
  });

  test("drift from a mean of steps is the server's alone", () => {
    expect(drifts("trailing:5")).toEqual([Number.NaN, Number.NaN]);
  });
});

describe("samples are filtered", () => {
  test.each([
    ["class=0", [0, 3]],
    ["flipped", [1, 2]],
    ["wrong", [1, 3]],
    ["flipped,wrong", [1]],
    ["per=1", [0, 1, 2]],
    ["class=0,per=1", [0]],
    ["class=7", []],
    ["class=1;DROP,per=-3,nonsense", [0, 1, 2, 3]],
  ])("%s", (text, expected) => {
    expect(order(filterRows(rows, parseAsked(text)))).toEqual(expected);
  });

  test("and the address gives all of it back", () => {
    for (const text of [
      "",
      "class=3",
      "class=0,flipped,wrong,per=2",
      "flipped,pin=18.3",
      "maps=change,text=left%20side%2C%20%3D50%25",
      "maps=now,scale=each",
    ])
      expect(formatAsked("", parseAsked(text))).toBe(text);
    expect(parseAsked("maps=now,text=a%2Cb")).toMatchObject({ shown: "now", sought: "a,b" });
    expect(parseAsked("maps=none,scale=3,text=100%")).toMatchObject({ shown: "all", scale: "all", sought: "100%" });
  });

  test("beside what other views keep in it", () => {
    const asked = { ...parseAsked("wrong,top=50,region=left%2Cupper"), wrong: false, flipped: true };
    expect(formatAsked("wrong,top=50,region=left%2Cupper", asked)).toBe("top=50,region=left%2Cupper,flipped");
  });

  test("but pinned ones stand first, pass or not", () => {
    const filter = parseAsked("wrong,pin=3.0.3.77.x");
    expect(filter.pinned).toEqual([3, 0, 77]);
    expect(order(withPinned(rows, filterRows(rows, filter), filter))).toEqual([3, 0, 1]);
  });

  test("and as many of each class as a list has room for", () => {
    expect(new Set(rows.map(({ target }) => target)).size).toBe(3);
    expect([1, 3, 4, 6].map((room) => shownPerClass(rows, room))).toEqual([1, 1, 2, 2]);
    expect(shownPerClass([], 5)).toBe(5);
  });

  test("and found by name, label or prediction", () => {
    expect(order(rows.filter((row) => rowMatches(row, " C ")))).toEqual([1, 2]);
    expect(order(rows.filter((row) => rowMatches(row, "#3")))).toEqual([3]);
    expect(order(rows.filter((row) => rowMatches(row, "")))).toEqual([0, 1, 2, 3]);
    expect(order(rows.filter((row) => rowMatches(row, "so D", row.index === 2 ? "not so dull" : "")))).toEqual([2]);
  });
});

describe("a text longer than its line", () => {
  test.each([
    ["begins three tokens before the one that changed most", [0, 0, 0, 0, 0, -9, 1], [0, 2, 0, 0, 0, 0, 0], 2],
    ["begins at its first where that is near", [0, 5, 0], [0, 0, 0], 0],
    ["or where nothing changed", [1, 2, 3, 4, 5], [1, 2, 3, 4, 5], 0],
  ])("%s", (_, now, before, from) => {
    expect(firstToken(now, before)).toBe(from);
  });
});

describe("a sample's attribution", () => {
  const frame = (x: number[][], y: number[][]): Attribution => ({ values: { x: array(x), y: array(y) } });
  const one = frame(
    [
      [9, 9],
      [3, 0],
    ],
    [[9], [4]],
  );

  test("sums over all inputs", () => {
    expect(attributionSum(one, 1)).toBe(7);
  });

  test("drifts by one minus the cosine over all inputs", () => {
    expect(sampleDrift(one, one, 1)).toBeCloseTo(0, 12);
    expect(
      sampleDrift(
        one,
        frame(
          [
            [0, 0],
            [0, 5],
          ],
          [[0], [0]],
        ),
        1,
      ),
    ).toBe(1);
    expect(
      sampleDrift(
        one,
        frame(
          [
            [0, 0],
            [-3, 0],
          ],
          [[0], [-4]],
        ),
        1,
      ),
    ).toBeCloseTo(2, 12);
    expect(
      sampleDrift(
        one,
        frame(
          [
            [0, 0],
            [1, 0],
          ],
          [[0], [0]],
        ),
        1,
      ),
    ).toBeCloseTo(1 - 3 / 5, 12);
  });

  test("has no drift where one side is all zero or lacks an input", () => {
    expect(
      sampleDrift(
        one,
        frame(
          [
            [0, 0],
            [0, 0],
          ],
          [[0], [0]],
        ),
        1,
      ),
    ).toBeNaN();
    expect(
      sampleDrift(
        one,
        {
          values: {
            x: array([
              [1, 1],
              [1, 1],
            ]),
          },
        },
        1,
      ),
    ).toBeNaN();
  });
});

describe("a filmstrip", () => {
  const steps = Array.from({ length: 61 }, (_, i) => i - 1);
  const change = steps.map((step) => (step >= 20 && step < 30 ? 1 : 0.01));

  test("is denser where the explanation changed, and has both ends and what is to be kept", () => {
    const film = filmSteps(steps, change, 14, [19]);
    expect(film).toHaveLength(14);
    expect([film[0], film.at(-1)]).toEqual([-1, 59]);
    expect(film).toContain(19);
    const during = film.filter((step) => step >= 20 && step < 30).length;
    expect(during / 10).toBeGreaterThan((3 * (film.length - during)) / 51);
    expect(film).toEqual([...film].sort((a, b) => a - b));
  });

  test("is all steps where they are few, and even where nothing is known of change", () => {
    expect(filmSteps([-1, 0, 5], [], 14)).toEqual([-1, 0, 5]);
    expect(filmSteps([], [], 14)).toEqual([]);
    const even = filmSteps(steps, [], 7);
    const gaps = even.slice(1).map((step, i) => step - even[i]);
    expect(Math.max(...gaps)).toBeLessThanOrEqual((2 * 61) / 5);
    expect(
      filmSteps(
        steps,
        steps.map(() => Number.NaN),
        7,
      ),
    ).toEqual(even);
  });

  test("shows the cursor's frame in place of its neighbour, never of the reference", () => {
    const frames = [0, 10, 20].map((value) => attribution([[value]]));
    const film = { steps: [0, 10, 20], frames };
    const cursor = attribution([[11]]);
    expect(withCursor(film, 10, cursor, null)).toBe(film);
    expect(withCursor(film, 11, undefined, null)).toBe(film);
    expect(withCursor(film, 11, cursor, null)).toEqual({ steps: [0, 11, 20], frames: [frames[0], cursor, frames[2]] });
    expect(withCursor(film, 11, cursor, 10)).toEqual({ steps: [0, 10, 11], frames: [frames[0], frames[1], cursor] });
    expect(withCursor(film, 25, cursor, 20).steps).toEqual([0, 20, 25]);
  });
});

test("a card shows reference, now and change; without a reference only now", () => {
  expect(moments("all", "card", true)).toEqual(["reference", "now", "change"]);
  expect(moments("all", "text", true)).toEqual(["reference", "now"]);
  expect(moments("change", "row", true)).toEqual(["change"]);
  expect(moments("change", "card", false)).toEqual(["now"]);
});

test("a table's values are told in standard deviations; a constant column has none", () => {
  const data = [1, 5, 2, 5, 3, 5];
  const [first, second] = standardised(data, 2, 2);
  expect(first).toBeCloseTo(1 / Math.sqrt(2 / 3), 6);
  expect(second).toBeNaN();
});

test("a table by epoch has the columns that weighed most at any step", () => {
  const steps = [Float32Array.of(0, 1, -9, Number.NaN), undefined, Float32Array.of(5, 1, 0, 2)];
  expect(strongestEver(steps, 4)).toEqual([2, 0, 3, 1]);
});

test("a long text by epoch has the tokens that weighed most at any step, in its order", () => {
  const positions = Array.from({ length: 50 }, (_, i) => i + 5);
  const steps = [0, 1].map((late) =>
    Float32Array.from({ length: 60 }, (_, i) => (i === 7 ? 9 * late : i === 50 ? -8 : i / 100)),
  );
  const shown = tokensToShow(positions, steps);
  expect(shown).toHaveLength(40);
  expect(shown).toEqual([7, ...Array.from({ length: 39 }, (_, i) => i + 16)]);
  expect(tokensToShow([3, 4], steps)).toEqual([3, 4]);
});

test("a class's long name keeps its begin and its end", () => {
  expect(shortened("malignant")).toBe("malignant");
  expect(shortened("class 017 of those that are told apart")).toBe("class 0… apart");
});

test("large numbers of a regression have all their digits", () => {
  const outputs = [{ name: "y", task: "regression" as const, units: 1, class_names: [] }];
  const [row] = sampleRows({
    manifest: manifest({ outputs, probe: { size: 1, targets: [-246913.4] } }),
    now: { output: array([[1234.5]]) },
  });
  expect([row.label, row.now?.says]).toEqual(["\u2212246\u202f913", "1235"]);
});

describe("what a sample's values sum to", () => {
  const [row] = rows;
  const frame = (values: number[], more: Partial<Attribution> = {}): Attribution => ({
    values: { x: array([values]) },
    score: array([[5]]),
    ...more,
  });
  const said = (method: string, now: Attribution) =>
    sumInWords({ method, unit: "nats" } as Picture, now, { ...row, completenessError: 0.1 });
  const error = { completenessError: array([[0.1]]) };

  test("is held against the score's difference from the baseline's", () =>
    expect(said("integrated_gradients", frame([1, 2], { ...error, baselineScore: array([[1.5]]) }))).toBe(
      "The attribution sums to +3.00 nats; F(x) − F(x′) is +3.50, completeness error 10.0\u202f% of Σ|attribution|.",
    ));

  test("is, of relevance, held against the score", () =>
    expect(said("lrp_2", frame([1, 2], error))).toBe(
      "The relevance sums to +3.00 nats; F(x) is +5.00, conservation error 10.0\u202f% of Σ|relevance|.",
    ));

  test("means nothing where a method promises nothing", () =>
    expect(said("saliency", frame([1, 2]))).toContain("not defined for Saliency"));

  test("is held against nothing where a local model was fitted, whose fit is told", () => {
    const fits = (fit: number) => fitInWords(frame([1, 2], { fit: array([[fit]]) }), 0);
    expect(fits(0.834)).toEqual({
      text: "The local model explains 83.4\u202f% of the score’s variance around this sample.",
      weak: false,
    });
    expect(fits(0.31)?.text).toContain("31.0\u202f% of the score’s variance around this sample: little to go by");
    expect(fits(-0.2)?.text).toContain("explains nothing");
    expect(fits(Number.NaN)?.text).toContain("does not vary");
    expect([0.31, -0.2, Number.NaN].every((fit) => fits(fit)?.weak)).toBe(true);
    expect(fitInWords(frame([1, 2]), 0)).toBe(undefined);
    expect(said("lime", frame([1, 2], { fit: array([[0.8]]) }))).toContain("not defined for LIME");
  });

  test("is none where values are not finite", () =>
    expect(said("lrp", frame([Number.NaN, Number.POSITIVE_INFINITY, 1], error))).toContain("2 values"));
});

test("a model that says nothing finite is wrong, and has flipped", () => {
  const [first] = sampleRows({
    manifest: manifest(),
    now: says([0], [Number.NaN]),
    reference: says([0], [0.9]),
  });
  expect(first.now).toMatchObject({ says: "not finite", class: -1, wrong: true });
  expect(saying(first)).toEqual({ text: "says a → not finite", tone: "wrong" });
});
