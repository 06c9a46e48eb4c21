import { afterEach, describe, expect, test, vi } from "vitest";
import type { Series } from "../src/api";
import { cellSize } from "../src/elements/named_map";
import "../src/elements/picture_grid";
import "../src/elements/sample_strip";
import { toAttention, toMaps, toMaximized } from "../src/layer_frames";
import type { Numbers, Safetensors, Tensor } from "../src/safetensors";
import { runsOf, Store, store } from "../src/state";
import { hiddenPart, lookedAt, patchCells, placesOf } from "../src/views/layers_attention_model";
import { entropyPanel } from "../src/views/layers_entropy";
import { frameAt, paceText } from "../src/views/layers_frames";
import { cellAt, hasSign, largest, mapAt, mapLimit, mapsTable } from "../src/views/layers_maps_model";
import { layerSize, layerSummary, loggedLayers, parametersText, picturesOf } from "../src/views/layers_model";
import { lacksAttention } from "../src/views/layers_pictures";
import { attentionTable, endText, gridAt, lookAt, lookEnd, mapsOf, seenOf, weightEnd } from "../src/views/layers_seen";
import {
  asColours,
  deviations,
  filmWith,
  reachedText,
  spreadOver,
  unitName,
  unitsTable,
  unitValues,
  valueNames,
} from "../src/views/layers_units_model";
import { group, log } from "./log";
import { input, layer, manifest } from "./manifest";

afterEach(() => {
  document.body.replaceChildren();
});

const f32 = (shape: number[], values: ArrayLike<number>): Tensor => ({
  dtype: "F32",
  shape,
  data: Float32Array.from(values),
});
const i32 = (...values: number[]): Tensor => ({ dtype: "I32", shape: [values.length], data: Int32Array.from(values) });
const file = (tensors: Record<string, Tensor>, metadata: Record<string, string> = {}): Safetensors => ({
  tensors,
  metadata,
});

const text = input({ name: "text", kind: "text", cells: [4], vocabulary: ["", "not", "good", "at\nall"] });
const image = input({ name: "image", kind: "image", cells: [2, 2] });
const tokens = { queries: "tokens", keys: "tokens", input: "text" };
const described = manifest({ inputs: [text, image] });

/** Two heads over three words and a pad: the first looks at itself, the second from everywhere at the second word. */
const HEADS = [
  [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  [0, 0.5, 0, 0.5, 0, 0.5, 0, 0.5, 0, 0.5, 0, 0.5, 0, 0.5, 0, 0.5],
].flat();
const attention = (values: readonly number[] = HEADS, samples = [5]) =>
  toAttention(file({ weights: f32([samples.length, 2, 4, 4], values), samples: i32(...samples) }, tokens));
const sample = { data: [1, 2, 3, 0], shape: [4] };

describe("frames of a layer", () => {
  test("have places by their kinds, and one head where it is rolled out", () => {
    const weights = f32([2, 3, 3], new Array(18).fill(1 / 3));
    const metadata = {
      queries: "patches",
      keys: "patches",
      rows: "1",
      columns: "2",
      pooled: "2",
      layers: '["a", "b"]',
    };
    const rolled = toAttention(file({ weights, samples: i32(4, 7) }, metadata));
    expect(rolled.weights.shape).toEqual([2, 1, 3, 3]);
    expect(rolled.keys).toEqual({ kind: "patches", rows: 1, columns: 2, pooled: 2 });
    expect(rolled.queries.pooled).toBe(1);
    expect([rolled.samples, rolled.layers]).toEqual([
      [4, 7],
      ["a", "b"],
    ]);
  });

  test("of positions that nobody described are positions", () => {
    const weights = f32([1, 1, 1, 1], [1]);
    for (const metadata of [{}, { keys: "patches" }, { keys: "smells", layers: "broken[" }]) {
      const read = toAttention(file({ weights, samples: i32(0) }, metadata as Record<string, string>));
      expect([read.keys.kind, read.layers]).toEqual(["positions", []]);
    }
  });

  test("that lack an array, or have one of other axes, say so", () => {
    expect(() => toMaps(file({ samples: i32(0) }))).toThrow(
      /expected an array maps of 4 axes, received no such array, but samples/,
    );
    expect(() => toAttention(file({ weights: f32([2, 2], [1, 0, 0, 1]), samples: i32(0) }))).toThrow(
      /received the shape \[2, 2\]/,
    );
  });

  test("of units have their values by input", () => {
    const tensors = {
      "values:image": f32([1, 2, 2, 1], [0, 1, 2, 3]),
      activation: f32([1], [6]),
      reference: f32([1], [3]),
      units: i32(2),
    };
    const read = toMaximized(file(tensors, { unit: "class", parameterization: "fourier" }));
    expect(Object.keys(read.values)).toEqual(["image"]);
    expect([read.units, read.unit, read.parameterization]).toEqual([[2], "class", "fourier"]);
    expect(unitName(read, 0, manifest())).toBe("c");
    expect(unitName({ ...read, unit: "channel" }, 0, manifest())).toBe("channel 2");
    expect(toMaximized(file(tensors, { unit: "nonsense" })).unit).toBe("unit");
  });
});

describe("places of attention", () => {
  const at = (kind: "tokens" | "patches" | "positions", more = {}) => ({
    kind,
    rows: 0,
    columns: 0,
    pooled: 1,
    ...more,
  });

  test("of a text are its words, the padding around them left out", () => {
    const places = placesOf(at("tokens"), 4, text, sample);
    expect(places.names).toEqual(["not", "good", "at↵all", "·"]);
    expect(places.shown).toEqual([0, 1, 2]);
    expect(hiddenPart([0.1, 0.2, 0.3, 0.4], places)).toBeCloseTo(0.4);
    expect(hiddenPart([0.1, 0.2, 0.3, Number.NaN], places)).toBe(0);
  });

  test("that stand for several words have the names of all of them", () => {
    expect(placesOf(at("tokens", { pooled: 2 }), 2, text, sample).names).toEqual(["not good", "at↵all ·"]);
    expect(placesOf(at("tokens", { pooled: 3 }), 2, text, sample).names).toEqual(["not good at↵all", "·"]);
    expect(placesOf(at("positions", { pooled: 2 }), 2, undefined, undefined).names).toEqual(["[0]–[1]", "[2]–[3]"]);
  });

  test("of texts that are not logged are numbers", () => {
    expect(placesOf(at("tokens"), 2, text, undefined)).toEqual({ names: ["[0]", "[1]"], shown: [0, 1], extra: 0 });
  });

  test("of an image are cells behind the class token", () => {
    const patches = at("patches", { rows: 2, columns: 2 });
    const places = placesOf(patches, 5, image, undefined);
    expect([places.names, places.extra]).toEqual([["class token", "A1", "B1", "A2", "B2"], 1]);
    expect(Array.from(patchCells(Float32Array.of(9, 1, 2, 3, 4), patches, places).data)).toEqual([1, 2, 3, 4]);
    expect(placesOf(patches, 4, image, undefined).extra).toBe(0);
  });
});

describe("attention on a sample", () => {
  const now = attention();
  const seen = seenOf(now, attention(HEADS.toReversed(), [4, 5].slice(1)), described, 5, sample);

  test("is that of a head, or of their mean", () => {
    expect(Array.from(gridAt(seen, 1, "now")?.weights ?? [])).toEqual(HEADS.slice(16));
    const mean = gridAt(seen, "mean", "now")?.weights ?? [];
    expect(Array.from(mean).slice(0, 4)).toEqual([0.5, 0.25, 0, 0.25]);
  });

  test("from a query is its row, and else what the drawn queries give on average", () => {
    expect(Array.from(lookAt(seen, 0, 1, "now") ?? [])).toEqual([0, 1, 0, 0]);
    const received = Array.from(lookAt(seen, 0, null, "now") ?? []);
    [1 / 3, 1 / 3, 1 / 3, 0].forEach((value, i) => {
      expect(received[i]).toBeCloseTo(value);
    });
    const grid = { weights: Float32Array.of(0, 1, 0, 1), queries: 2, keys: 2 };
    expect(Array.from(lookedAt(grid, 7, [0, 1]))).toEqual([0, 1]);
  });

  test("changes by what it is now less what it was", () => {
    const [own, before, change] = (["now", "reference", "change"] as const).map(
      (moment) => gridAt(seen, 0, moment)?.weights ?? [],
    );
    expect(Array.from(change)).toEqual(Array.from(own, (value, i) => value - before[i]));
    expect(change.some((value) => value !== 0)).toBe(true);
  });

  test("is not held against what has other places, or another sample", () => {
    const other = toAttention(file({ weights: f32([1, 2, 2, 2], new Array(8).fill(0.5)), samples: i32(5) }, tokens));
    for (const reference of [other, attention(HEADS, [4])]) {
      const alone = seenOf(now, reference, described, 5, sample);
      expect([gridAt(alone, 0, "reference"), lookAt(alone, 0, null, "change")]).toEqual([undefined, undefined]);
    }
  });

  test("of a head that there is not is nothing", () => {
    expect(gridAt(seen, 2, "now")).toBeUndefined();
  });

  test("is drawn without the padding", () => {
    const [first, second] = mapsOf(seen, "now");
    expect([first.rows, first.columns]).toEqual([3, 3]);
    expect(Array.from(first.values)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect(Array.from(second.values)).toEqual([0, 0.5, 0, 0, 0.5, 0, 0, 0.5, 0]);
  });

  test("has a scale that even attention does not fill", () => {
    const even = seenOf(attention(new Array(32).fill(0.25)), undefined, described, 5, sample);
    expect(weightEnd(even)).toEqual({ limit: 0.5, name: "twice even attention" });
    expect(endText(lookEnd(even, "mean", null))).toBe(".50, twice even attention");
    expect(weightEnd(seen)).toEqual({ limit: 1, name: "99th percentile" });
    const masked = seenOf(attention(new Array(8).fill([0.5, 0.5, 0, 0]).flat()), undefined, described, 5, sample);
    expect(weightEnd(masked)).toEqual({ limit: 1, name: "twice even attention" });
    const lost = seenOf(attention(new Array(32).fill(Number.NaN)), undefined, described, 5, sample);
    expect(weightEnd(lost).limit).toBe(0.5);
    expect(lookAt(lost, "mean", null, "now")?.every(Number.isNaN)).toBe(true);
  });

  test("is a row a head, query and key as a table", () => {
    const { columns, rows } = attentionTable(seen, [0, 1], described);
    expect(rows).toHaveLength(2 * 3 * 3);
    const row = Object.fromEntries(columns.map((name, i) => [name, rows[9 + 4][i]]));
    expect(row).toMatchObject({ sample: "#5", head: "head 2", query_name: "good", key_name: "good", attention: 0.5 });
  });
});

describe("frames at the cursor", () => {
  const tags = { "attention/a": { kind: "frame", steps: 1 }, "health/a": { kind: "series", last: 9 } } as const;
  store.state = {
    ...new Store().state,
    groups: log(
      group("r", [-1, 0, 1, 2, 3, 4], {
        step_lists: [
          [-1, 0, 1, 2, 3, 4],
          [0, 3],
        ],
        tags,
      }),
    ),
  };
  const [run] = runsOf(store.state);

  test("are those at or before it", () => {
    const steps = [-1, 0, 2, 3, 9].map((step) => frameAt(run, ["attention", "a"], step)?.step);
    expect(steps).toEqual([undefined, 0, 0, 3, 3]);
    expect(frameAt(run, ["attention", "b"], 3)).toBeUndefined();
    expect(frameAt(run, null, 3)).toBeUndefined();
  });

  test("say how often they are computed", () => {
    const all = [-1, 0, 1, 2, 3, 4, 5, 6, 7];
    expect(paceText(all, [-1, 1, 3, 5, 7])).toBe("computed each 2nd step");
    expect(paceText(all, [-1, 4, 7])).toBe("computed each 5th step");
    expect(paceText(all, [-1, 0, 4, 7])).toBe("computed at some steps");
    expect([paceText(all, all), paceText(all, [-1]), paceText(all, [])]).toEqual(["", "", ""]);
  });

  test("make a layer a card, whether its figures were logged or not", () => {
    const layers = [layer("a", { logged: false }), layer("b", { logged: false })];
    expect(loggedLayers(run, layers).map(({ logged }) => logged)).toEqual([true, false]);
    expect([picturesOf(run, "a"), picturesOf(run, "b")]).toEqual([["attention"], []]);
  });

  test("that could be there are missed of layers with heads alone", () => {
    const heads = (name: string, class_name: string) => lacksAttention(run, layer(name, { class_name }));
    expect([
      heads("a", "MultiHeadAttention"),
      heads("b", "MultiHeadAttention"),
      heads("b", "Attention"),
      heads("b", "Dense"),
    ]).toEqual([false, true, true, false]);
  });

  test("have a curve a head, the chosen one standing out", () => {
    const series: Series = {
      steps: [0, 3],
      wallTimes: [0, 0],
      shape: [3],
      at: (i) => Float32Array.of(1, 1 - i / 2, Number.NaN),
    };
    const panel = entropyPanel(series, "a", run, 1, false);
    expect(panel.lines.map(({ name, focus, values }) => [name, focus, values])).toEqual([
      ["head 1", false, [1, 1]],
      ["head 2", true, [1, 0.5]],
      ["head 3", false, [Number.NaN, Number.NaN]],
    ]);
    expect([panel.scale, panel.unit]).toEqual([{ low: 0, high: 1 }, "1: looks everywhere alike"]);
    expect(new Set(entropyPanel(series, "a", run, null, false).lines.map(({ colour }) => colour)).size).toBe(1);
  });
});

describe("what channels see", () => {
  /** Two samples, two channels of 1 × 3 cells. */
  const maps = (values: readonly number[], channels = [3, 8], samples = [1, 4]) =>
    toMaps(
      file({ maps: f32([2, 1, 3, 2], values), samples: i32(...samples), channels: i32(...channels) }, { units: "16" }),
    );
  const now = maps([0, 10, 1, 11, 2, 12, 3, 13, 4, 14, 5, 15]);

  test("is a map a sample and channel", () => {
    expect(Array.from(mapAt(now, undefined, "now", 1, 1)?.data ?? [])).toEqual([13, 14, 15]);
    expect(mapAt(now, undefined, "reference", 0, 0)).toBeUndefined();
  });

  test("is held against the same channel and sample, wherever these stand", () => {
    const before = maps([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1], [8, 3]);
    expect(Array.from(mapAt(now, before, "change", 0, 0)?.data ?? [])).toEqual([-1, 0, 1]);
    expect(mapAt(now, maps(new Array(12).fill(0), [5, 6]), "change", 0, 0)).toBeUndefined();
  });

  test("has one scale, from zero where nothing lies below", () => {
    expect(mapLimit(now, undefined)).toBe(15);
    expect(hasSign(now, undefined)).toBe(false);
    expect(hasSign(now, maps([...new Array(11).fill(0), -1]))).toBe(true);
  });

  test("is in the layer\u2019s unit, however it was logged", () => {
    const logged = file({ maps: f32([1, 1, 2, 1], [3, 5]), samples: i32(0), channels: i32(0) }, { scale: "0.5" });
    expect(Array.from(mapAt(toMaps(logged), undefined, "now", 0, 0)?.data ?? [])).toEqual([1.5, 2.5]);
    expect(mapLimit(toMaps(logged), undefined)).toBe(2.5);
  });

  test("tells of cells, and of what is not finite", () => {
    const map = { data: [1, 2, 3, 4], height: 2, width: 2 };
    expect([cellAt(map, 0.9, 0.1), cellAt(map, 1, 1)]).toEqual([
      [0, 1],
      [1, 1],
    ]);
    expect([largest({ ...map, data: [Number.NaN, -2, -1] }), largest({ ...map, data: [Number.NaN] })]).toEqual([
      -1,
      Number.NaN,
    ]);
    const { rows } = mapsTable(now, undefined, (index) => `s${index}`);
    expect(rows).toHaveLength(12);
    expect(rows[5]).toEqual([3, "s4", 0, 2, 5, null]);
  });
});

describe("what units look for", () => {
  const frame = (at: number, activation = at) =>
    toMaximized(
      file(
        {
          "values:x": f32([2, 3], [at, 0, 0, 0, at, 0]),
          activation: f32([2], [activation, 0]),
          reference: f32([2], [2, -1]),
          units: i32(4, 9),
        },
        { unit: "unit" },
      ),
    );
  const film = { steps: [-1, 4, 9], frames: [frame(0), frame(1), frame(2)] };

  test("is told with how strongly they answer", () => {
    expect(reachedText(frame(3), 0)).toBe("reaches 3.00: 1.50\u202f× the probe\u2019s largest, 2.00");
    expect(reachedText(frame(3), 1)).toBe("reaches .000: the probe\u2019s largest is \u22121.00");
    expect(reachedText(frame(3, Number.NaN), 0)).toBe("not finite");
  });

  test("keeps the cursor's frame among those of the film, and the first", () => {
    expect(filmWith(film, { step: 4, frame: frame(1) })).toEqual(film);
    const other = frame(7);
    const shown = filmWith(film, { step: 5, frame: other });
    expect([shown.steps, shown.frames[1]]).toEqual([[-1, 5, 9], other]);
    expect(filmWith(film, { step: 0, frame: other }).steps).toEqual([-1, 0, 9]);
    expect(filmWith({ steps: [3], frames: [frame(1)] }, { step: 4, frame: other }).steps).toEqual([3, 4]);
  });

  test("of a table is told in deviations from the probe", () => {
    const inputs = { x: { dtype: "F32", shape: [2, 3], data: Float32Array.of(1, 5, 2, 3, 5, 6) } };
    const spread = spreadOver(inputs, input(), 3);
    expect(spread?.map(({ mean, deviation }) => [mean, deviation])).toEqual([
      [2, 1],
      [5, 0],
      [4, 2],
    ]);
    expect(Array.from(deviations([4, 5, 0], spread))).toEqual([2, 0, -2]);
    expect(Array.from(deviations([4, 5, 0], spreadOver(undefined, input(), 3)))).toEqual([4, 5, 0]);
    expect(valueNames(input({ feature_names: ["a", "b", "c"] }), f32([2, 3], new Array(6).fill(0)))).toEqual([
      "a",
      "b",
      "c",
    ]);
  });

  test("of a text behind its embedding is told by the length of each token\u2019s vector", () => {
    const embedded = f32([1, 2, 2], [3, 4, 0, -2]);
    expect(Array.from(unitValues(text, embedded, 0))).toEqual([5, 2]);
    expect(valueNames(text, embedded)).toEqual(["token 1", "token 2"]);
    expect(Array.from(unitValues(input({ kind: "sequence" }), embedded, 0))).toEqual([3, 4, 0, -2]);
  });

  test("is a row a unit, epoch and feature as a table", () => {
    store.state = { ...new Store().state, groups: log(group("r", [-1, 4, 9])) };
    const [run] = runsOf(store.state);
    const { columns, rows } = unitsTable(film, run, manifest());
    expect(rows).toHaveLength(3 * 2 * 3);
    expect(Object.fromEntries(columns.map((name, i) => [name, rows[6 + 4][i]]))).toMatchObject({
      unit: "unit 9",
      epoch: 4,
      value: 1,
    });
  });

  test("in grey is drawn as it is, whichever end of its brightness is commoner", () => {
    const grey = asColours([0, 255], [1, 2, 1]);
    expect([Array.from(grey.data), grey.channels]).toEqual([[0, 0, 0, 255, 255, 255], 3]);
    expect(asColours([1, 2, 3], [1, 1, 3]).data).toEqual([1, 2, 3]);
  });
});

describe("a map with names", () => {
  test("has cells as large as there is room, and names where these do not crowd", () => {
    expect(cellSize(476, 5, 5)).toEqual({ side: 32, named: 1 });
    expect(cellSize(476, 24, 24)).toEqual({ side: 16, named: 1 });
    expect(cellSize(476, 64, 64)).toEqual({ side: 6.25, named: 2 });
    expect(cellSize(100, 64, 64).side).toBe(3);
  });
});

describe("a grid of pictures", () => {
  test("paints each once, side by side, and tells which is under the pointer", async () => {
    const grid = document.createElement("explain-picture-grid");
    const paint = vi.fn((row: number, column: number, width: number, height: number) => ({
      width,
      height,
      data: new Uint8ClampedArray(4 * width * height).fill(50 * (1 + row + 2 * column)),
    }));
    Object.assign(grid, { names: ["a", "b"], heads: ["x", "y"], paint, beside: 40, most: 20, width: 200 });
    document.body.append(grid);
    await grid.updateComplete;
    const { draw } = grid.renderRoot.querySelector("explain-canvas") as HTMLElementTagNameMap["explain-canvas"];
    const put = vi.fn();
    vi.stubGlobal(
      "ImageData",
      class {
        constructor(
          readonly data: Uint8ClampedArray,
          readonly width: number,
          readonly height: number,
        ) {}
      },
    );
    draw?.({ putImageData: put, fillRect: vi.fn(), strokeRect: vi.fn() } as unknown as CanvasRenderingContext2D, {
      width: 44,
      height: 44,
      ratio: 2,
    });
    vi.unstubAllGlobals();
    expect(paint.mock.calls).toEqual([
      [0, 0, 40, 40],
      [0, 1, 40, 40],
      [1, 0, 40, 40],
      [1, 1, 40, 40],
    ]);
    expect(put.mock.calls.map(([pixels, x, y]) => [pixels.data[0], x, y])).toEqual([
      [50, 0, 0],
      [150, 48, 0],
      [100, 0, 48],
      [200, 48, 48],
    ]);
    const told = vi.fn();
    grid.addEventListener("cell", (event) => told((event as CustomEvent).detail));
    const press = (clientX: number, clientY: number) =>
      grid.renderRoot
        .querySelector("explain-canvas")
        ?.dispatchEvent(new MouseEvent("click", { clientX, clientY, shiftKey: true }));
    press(30, 5);
    press(22, 5); // between two
    expect(told.mock.calls.map(([{ row, column, shift }]) => [row, column, shift])).toEqual([[0, 1, true]]);
  });
});

describe("samples to choose from", () => {
  test("are one stop of the Tab key, where J and K go from one to the next", async () => {
    const strip = Object.assign(document.createElement("explain-sample-strip"), {
      samples: [3, 1, 0],
      chosen: 1,
      manifest: described,
      input: text,
      inputs: {
        text: {
          dtype: "I32",
          shape: [4, 4],
          data: Int32Array.from([1, 2, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 3, 1, 2, 0]) as Numbers,
        },
      },
    });
    document.body.append(strip);
    await strip.updateComplete;
    const options = [...(strip.renderRoot as ShadowRoot).querySelectorAll<HTMLElement>("[role=option]")];
    expect(options.map(({ tabIndex, textContent }) => [tabIndex, textContent?.replace(/\s+/g, " ").trim()])).toEqual([
      [-1, "#3at↵all not good"],
      [0, "#1good good"],
      [-1, "#0not good"],
    ]);
    expect(options[1].title).toBe("#1, is b");
    const chosen = vi.fn();
    strip.addEventListener("choose", (event) => chosen((event as CustomEvent).detail));
    const press = (key: string): boolean =>
      options[1].dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    expect([press("j"), press("ArrowUp"), press("ArrowRight")]).toEqual([false, false, true]);
    expect(chosen.mock.calls).toEqual([[0], [3]]);
  });
});

test("a layer's size is its shape and its parameters", () => {
  const conv = layer("a", { class_name: "Conv2D", output_shape: [24, -1, 8], activation: "relu", parameters: "12345" });
  expect(layerSize(conv)).toBe("24 × ? × 8, 12\u202f345 parameters");
  expect([parametersText(layer("b", { parameters: "1" })), layerSize(layer("b"))]).toEqual(["1 parameter", "8"]);
  expect(layerSummary(conv)).toBe("Conv2D, 24 × ? × 8, relu");
});
