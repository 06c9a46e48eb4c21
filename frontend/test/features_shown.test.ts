import { render } from "lit";
import { afterEach, describe, expect, test } from "vitest";
import type { Series } from "../src/api";
import "../src/elements/at_cursor";
import { clippedName, shortenedName } from "../src/elements/clipped_name";
import "../src/elements/epoch_marks";
import { store } from "../src/state";
import { featureNames, namesOfInputs } from "../src/views/feature_names";
import { featureTable, highest, maximum, rankCorrelation } from "../src/views/features_model";
import { formatSort, foundOf, isTimeless, parseSort } from "../src/views/features_order";
import { agreementPanel } from "../src/views/features_panels";
import { strongestAtLast } from "../src/views/features_ranks";
import { featuresOfWatch } from "../src/views/features_regions";
import { axesOf } from "../src/views/features_rows";
import { formatShown, parseShown } from "../src/views/features_shown";
import { chunksInSight } from "../src/views/features_table";
import { group, log } from "./log";
import { input, manifest } from "./manifest";

const pristine = store.state;
afterEach(() => {
  document.body.replaceChildren();
  store.set(pristine);
});

const series = (rows: number[][]): Series => ({
  steps: rows.map((_, i) => i),
  wallTimes: rows.map((_, i) => i),
  shape: [3, rows[0].length],
  at: (i) => Float32Array.from([...rows[i], ...rows[i].map((v) => v / 10), ...rows[i]]),
});
const tableOf = (rows: number[][], method = "ig", names = rows[0].map((_, i) => `f${i}`)) => {
  const shape = [rows[0].length];
  const described = manifest({ inputs: [input({ feature_names: names, cells: shape, regions: shape, shape })] });
  return featureTable(method, [{ input: "x", shape, series: series(rows) }], described);
};

describe("what is shown of features stands in the address", () => {
  test.each([
    ["", { mode: "share", top: 25, sought: "", region: "" }],
    ["top=all,show=rank", { mode: "rank", top: Number.POSITIVE_INFINITY, sought: "", region: "" }],
    ["find=a%2Cb%3Dc,region=top%20left", { mode: "share", top: 25, sought: "a,b=c", region: "top left" }],
    ["top=7,show=circles,find=%", { mode: "share", top: 25, sought: "%", region: "" }],
  ] as const)("%s", (filter, shown) => {
    expect(parseShown(filter)).toEqual(shown);
  });

  test("and comes back as it went, beside what other views keep there", () => {
    const shown = { mode: "mean", top: 100, sought: "a,b=c", region: "x" } as const;
    const filter = formatShown("flipped,class=3,top=10", shown);
    expect(filter).toBe("flipped,class=3,top=100,show=mean,find=a%2Cb%3Dc,region=x");
    expect(parseShown(filter)).toEqual(shown);
    expect(formatShown(filter, parseShown(""))).toBe("flipped,class=3");
  });
});

describe("an order", () => {
  test.each([
    ["change@31", { sort: "change", step: 31 }],
    ["share@-1", { sort: "share", step: -1 }],
    ["rank", { sort: "rank", step: null }],
    ["drift@3", { sort: "share", step: null }],
    ["share@x", { sort: "share", step: null }],
  ] as const)("%s is of a step, or of wherever the cursor is", (text, chosen) => {
    expect(parseSort(text)).toEqual(chosen);
    if (chosen.step !== null) expect(formatSort(chosen.sort, chosen.step)).toBe(text);
  });

  test("by name or first sight is the same at every step", () => {
    expect(["share", "seen", "name"].map((sort) => isTimeless(parseSort(sort).sort))).toEqual([false, true, true]);
  });
});

describe("names of features", () => {
  test("are told apart within an input", () => {
    expect(featureNames(input({ feature_names: ["age", "age", "x"] }), [3])).toEqual(["age", "age (2)", "x"]);
  });

  test("have their input's where two inputs share one", () => {
    const named = (name: string, columns: string[]) => ({
      input: name,
      described: input({ name, feature_names: columns }),
      shape: [columns.length],
    });
    expect(namesOfInputs([named("a", ["age", "x"]), named("b", ["age", "y"])])).toEqual([
      ["a age", "x"],
      ["b age", "y"],
    ]);
    expect(namesOfInputs([{ input: "gone", described: undefined, shape: [2] }])).toEqual([["0", "1"]]);
  });

  test("are clipped in their middle, their text whole", () => {
    const name = `${"a".repeat(50)} the end`;
    const host = document.createElement("div");
    render(clippedName(name), host);
    expect(host.textContent).toBe(name);
    expect(host.querySelector(".name-end")?.textContent).toBe("a the end");
    for (const whole of ["short", "עובי דופן התא, ממוצע של שלוש מדידות"]) {
      render(clippedName(whole), host);
      expect(host.querySelector(".name-end")).toBeNull();
      expect(host.textContent).toBe(whole);
    }
    render(clippedName("on\ntwo lines\tand a tab"), host);
    expect(host.textContent).toBe("on two lines and a tab");
    expect(shortenedName(name, 20)).toBe("aaaaaaaaaaaaa…he end");
    expect(shortenedName("short", 20)).toBe("short");
  });
});

describe("declared cells", () => {
  const image = input({ name: "image", kind: "image", shape: [16, 16, 1], cells: [16, 16], regions: [8, 8] });
  const watch = (of: string, cells: number[]) => ({
    name: "w",
    input: of,
    cells,
    contrast: 0,
    at_most: 1,
    at_least: 0,
  });
  const described = manifest({ inputs: [input({ name: "table" }), image], watches: [watch("image", [0, 1, 16, 17])] });
  const part = (name: string, shape: number[]) => ({
    input: name,
    shape,
    series: series([Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1)]),
  });
  const table = featureTable("ig", [part("table", [3]), part("image", [8, 8])], described);

  test("lie in the features of their input", () => {
    expect([...featuresOfWatch(watch("image", [0, 1, 16, 17, 34, 255]), table, described.inputs)]).toEqual([3, 12, 66]);
    expect([...featuresOfWatch(watch("table", [2]), table, described.inputs)]).toEqual([2]);
    expect(featuresOfWatch(watch("sound", [2]), table, described.inputs).size).toBe(0);
  });

  test("choose rows, with what was sought", () => {
    const order = [5, 4, 3, 2];
    expect(foundOf(table, order, "", "w", described)).toEqual([3]);
    expect(foundOf(table, order, "b", "w", described)).toEqual([]);
    expect(foundOf(table, order, "", "unknown", described)).toEqual(order);
  });
});

describe("axes of the columns", () => {
  test("hold nineteen of twenty epochs, whatever a wild one has", () => {
    const rows = Array.from({ length: 41 }, (_, i) => (i === 0 ? [100, 1, 1, 1, 1] : [1, 1, 1, 1, 1]));
    const table = tableOf(rows);
    expect(highest(table)[1]).toBeCloseTo(0.2 + 0.04);
    expect(axesOf(table, undefined, [table]).share).toBe(0.25);
    expect(maximum(table.signedMean)).toBe(100);
  });

  test("are zero where nothing is finite", () => {
    const table = tableOf([[Number.NaN, 1]]);
    expect(axesOf(table, undefined, [table])).toEqual({ share: 0, mean: 1, methods: 0 });
  });
});

describe("methods", () => {
  const up = tableOf([[1, 2, 3, 4]], "integrated_gradients");
  const down = tableOf([[4, 3, 2, 1]], "permutation");
  const mixed = tableOf([[1, 3, 2, 4]], "lrp");

  test("agree by the correlation of their ranks", () => {
    expect(rankCorrelation(up, 0, up, 0)).toBeCloseTo(1);
    expect(rankCorrelation(up, 0, down, 0)).toBeCloseTo(-1);
    expect(rankCorrelation(up, 0, mixed, 0)).toBeCloseTo(0.8);
    expect(rankCorrelation(tableOf([[1, 1, 1]]), 0, tableOf([[1, 2, 3]]), 0)).toBeNaN();
    expect(rankCorrelation(tableOf([[1, 2]]), 0, tableOf([[1, 2]]), 0)).toBeNaN();
  });

  test("are held against each other in all pairs, dashed where the chosen one is not among them", () => {
    store.set({ groups: log(group("a", [0])) });
    const panel = agreementPanel([up, down, mixed], ["ink", "purple", "orange"]);
    expect(panel?.lines.map(({ name, dashed, colour }) => [name, dashed, colour])).toEqual([
      ["IG, Perm.", false, "purple"],
      ["IG, LRP", false, "orange"],
      ["Perm., LRP", true, "orange"],
    ]);
    expect(panel?.scale).toEqual({ low: -1, high: 1 });
    expect(agreementPanel([up], ["ink"])).toBeUndefined();
  });

  test("have room for two long names", () => {
    store.set({ groups: log(group("a", [0])) });
    const [short, long] = [
      ["integrated_gradients", "saliency"],
      ["smooth_grad", "grad_cam"],
    ].map((methods) =>
      agreementPanel(
        methods.map((method) => tableOf([[1, 2, 3]], method)),
        ["ink", "purple"],
      ),
    );
    expect(short?.ends).toBe(128);
    expect(long?.lines[0].name).toBe("SmoothGrad, Grad-CAM");
    expect(long?.ends).toBeGreaterThan(160);
  });
});

test("the strongest are those of the last step that has shares", () => {
  const rows = [
    [1, 5, 2],
    [9, 5, 2],
    [Number.NaN, 5, 2],
  ];
  expect(strongestAtLast(tableOf(rows))).toEqual([0, 1, 2]);
});

describe("ranks", () => {
  const nothing = [Number.NaN, Number.NaN];
  async function ranks(rows: number[][]): Promise<string> {
    store.set({ groups: log(group("a", [0, 1, 2])), epoch: 2 });
    const element = Object.assign(document.createElement("explain-feature-ranks"), { table: tableOf(rows) });
    document.body.append(element);
    await element.updateComplete;
    return (element.shadowRoot?.textContent ?? "").replace(/\s+/g, " ");
  }

  test("say of which step the strongest are where that is not the last", async () => {
    expect(await ranks([[1, 3], [9, 5], nothing])).toContain("Strongest at epoch 1: later shares are not finite.");
    expect(await ranks([nothing, [9, 5], [1, 3]])).not.toContain("Strongest at");
  });

  test("are of nothing where no share is finite", async () => {
    const told = await ranks([nothing, nothing, nothing]);
    expect(told).toContain("No ranks: no share is finite at any epoch.");
    expect(told).not.toContain("f0");
  });
});

test("rows come and go by whole chunks", () => {
  expect(chunksInSight(0, 600, 1000)).toEqual({ first: 0, end: 32 });
  expect(chunksInSight(2400, 600, 1000)).toEqual({ first: 96, end: 128 });
  expect(chunksInSight(0, 600, 5)).toEqual({ first: 0, end: 5 });
});

describe("what follows the cursor", () => {
  test("is drawn again when it moves, and when the reference does", async () => {
    let drawn = 0;
    const element = Object.assign(document.createElement("explain-at-cursor"), {
      content: () => {
        drawn += 1;
        return `epoch ${store.state.epoch}`;
      },
    });
    document.body.append(element);
    await element.updateComplete;
    store.set({ epoch: 3 });
    await element.updateComplete;
    expect(element.textContent).toBe("epoch 3");
    const before = drawn;
    store.set({ hover: 2 });
    await element.updateComplete;
    expect(drawn).toBe(before);
    store.set({ against: "last" });
    await element.updateComplete;
    expect(drawn).toBe(before + 1);
  });

  test("is a line for the cursor, the reference and each alarm", async () => {
    store.set({ groups: log(group("a", [-1, 0, 1, 2])), epoch: 1, against: "start" });
    const element = Object.assign(document.createElement("explain-epoch-marks"), {
      range: { first: -1.5, last: 2.5 },
      alarms: [0, 2],
    });
    document.body.append(element);
    await element.updateComplete;
    const places = (kind: string) =>
      [...element.renderRoot.querySelectorAll<HTMLElement>(`.${kind}`)].map(({ style }) => style.left);
    expect([places("cursor"), places("reference"), places("alarm")]).toEqual([
      ["62.5%"],
      ["12.5%"],
      ["37.5%", "87.5%"],
    ]);
    store.set({ epoch: -1 });
    await element.updateComplete;
    expect([places("cursor"), places("reference")]).toEqual([["12.5%"], []]);
  });
});
