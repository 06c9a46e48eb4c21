import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  forget,
  getAttribution,
  getByGroup,
  getDrift,
  getGroups,
  getSeries,
  peekAttribution,
  peekPredictions,
  RouteError,
  stepsInMemory,
} from "../src/api";
import { sampleOf } from "../src/views/samples_model";

type Arrays = Record<string, { dtype: string; shape: number[]; bytes: ArrayBuffer }>;

/** A safetensors file, written as the format says. */
function file(arrays: Arrays, metadata: Record<string, string> = {}): ArrayBuffer {
  let at = 0;
  const entries = Object.entries(arrays).map(([name, { dtype, shape, bytes }]) => {
    const from = at;
    at += bytes.byteLength;
    return [name, { dtype, shape, data_offsets: [from, at] }];
  });
  const header = new TextEncoder().encode(JSON.stringify({ ...Object.fromEntries(entries), __metadata__: metadata }));
  const result = new Uint8Array(8 + header.length + at);
  new DataView(result.buffer).setBigUint64(0, BigInt(header.length), true);
  result.set(header, 8);
  let to = 8 + header.length;
  for (const { bytes } of Object.values(arrays)) {
    result.set(new Uint8Array(bytes), to);
    to += bytes.byteLength;
  }
  return result.buffer;
}

const f32 = (...values: number[]) => new Float32Array(values).buffer as ArrayBuffer;
const fetched = vi.fn<(url: string) => Promise<Response>>();

beforeEach(() => {
  vi.stubGlobal("fetch", fetched);
  fetched.mockReset();
  forget(new Set(["a"]));
});
afterEach(() => vi.unstubAllGlobals());

describe("the routes", () => {
  test("lie beside index.js, their parameters percent-encoded", async () => {
    fetched.mockResolvedValue(
      new Response(
        file({
          steps: { dtype: "I32", shape: [1], bytes: new Int32Array([-1]).buffer },
          wall_times: { dtype: "F64", shape: [1], bytes: new Float64Array([5]).buffer },
          values: { dtype: "F32", shape: [1, 2], bytes: f32(1, 2) },
        }),
      ),
    );
    const series = await getSeries("a & b/explain", "importance/lime/pixel%20values");
    const url = new URL(fetched.mock.calls[0][0]);
    expect(url.pathname.endsWith("/series")).toBe(true);
    expect(url.searchParams.get("run")).toBe("a & b/explain");
    expect(url.searchParams.get("tag")).toBe("importance/lime/pixel%20values");
    expect([series.steps, series.wallTimes, series.shape, [...series.at(0)]]).toEqual([[-1], [5], [2], [1, 2]]);
  });

  test("give attributions as they were logged, with their scale; a sample is read in its unit", async () => {
    const half = new Uint16Array([0x3c00, 0xc000]).buffer; // 1, −2
    fetched.mockResolvedValue(
      new Response(
        file(
          {
            "values:image": { dtype: "F16", shape: [1, 2], bytes: half },
            score: { dtype: "F32", shape: [1], bytes: f32(3) },
          },
          { "scale:image": "0.5" },
        ),
      ),
    );
    const { values, score } = await getAttribution("a", "attribution/lrp", 4);
    expect([...values.image.data]).toEqual([1, -2]);
    expect([...sampleOf(values.image, 0)]).toEqual([0.5, -1]);
    expect(score?.data[0]).toBe(3);
  });

  test("tell which steps of a tag are in memory, and have those at hand", async () => {
    fetched.mockImplementation(async () => new Response(file({ score: { dtype: "F32", shape: [1], bytes: f32(3) } })));
    const tag = "attribution/what%20they%20say";
    await getAttribution("a", tag, -1);
    await getAttribution("a", tag, 12);
    await getAttribution("a", "attribution/other", 3);
    expect(stepsInMemory("a", tag, [-1, 1, 2, 3, 12])).toEqual([-1, 12]);
    expect(peekAttribution("a", tag, 12)?.score?.data[0]).toBe(3);
    expect([peekAttribution("a", tag, 1), peekPredictions("a", "predictions", 12)]).toEqual([undefined, undefined]);
  });

  test("give NaN for what JSON has no number for", async () => {
    const answer = {
      steps: [-1, 0],
      reference_steps: [null, -1],
      samples: 256,
      local_drift: { median: ["NaN", 0.4], lower: ["NaN", 0.3], upper: ["NaN", "Infinity"] },
      share_shift: {
        value: [null, 0.1],
        standard_error: ["NaN", 0.01],
        lower: ["NaN", 0.08],
        upper: ["NaN", 0.12],
        noise: ["NaN", 0.05],
      },
      rank_correlation: ["NaN", 0.9],
      top_overlap: { value: ["NaN", 0.8], k: 5, by_chance: "NaN" },
      effective_features: [40.1, 30.2],
      total_attribution: { value: [0.5, "Infinity"], standard_error: [0.02, "NaN"] },
      completeness_p50: [0.001, "NaN"],
      completeness_p95: [0.01, 0.02],
    };
    fetched.mockResolvedValue(new Response(JSON.stringify(answer)));
    const drift = await getDrift("a", "attribution/lrp", "previous");
    expect(drift.referenceSteps).toEqual([null, -1]);
    expect(drift.localDrift.median).toEqual([Number.NaN, 0.4]);
    expect(drift.localDrift.upper[1]).toBe(Number.POSITIVE_INFINITY);
    expect(drift.shareShift.value).toEqual([Number.NaN, 0.1]);
    expect(drift.shareShift.noise).toEqual([Number.NaN, 0.05]);
    expect(drift.topOverlap).toEqual({ value: [Number.NaN, 0.8], k: 5, byChance: Number.NaN });
    expect(drift.totalAttribution.value).toEqual([0.5, Number.POSITIVE_INFINITY]);
  });

  test("tell of each group of samples what they tell of all", async () => {
    const figures = {
      samples: 256,
      loss: { value: [0.7, "NaN"], standard_error: [0.01, "NaN"] },
      accuracy: { value: [0.5, 0.8], standard_error: [0.03, 0.02] },
      local_drift: { median: [0, 0.4], lower: [0, 0.3], upper: [0, "Infinity"] },
      share_gap: { value: ["NaN", "NaN"], standard_error: ["NaN", "NaN"], by_chance: ["NaN", "NaN"] },
      shares: [{ value: [0.1, "NaN"], standard_error: [0.01, "NaN"] }],
    };
    const gap = { value: [0.1, 0.2], standard_error: [0.01, 0.02], by_chance: [0.05, 0.06] };
    const answer = {
      steps: [-1, 0],
      reference_steps: [null, -1],
      fewest: 10,
      regions: [{ input: "x", region: 3 }],
      all: figures,
      groups: [{ ...figures, name: "women", samples: 116, share_gap: gap }],
      groups_left_out: 2,
      left_out: [],
    };
    fetched.mockResolvedValue(new Response(JSON.stringify(answer)));
    const found = await getByGroup("a", "attribution/lrp", "start");
    const url = new URL(fetched.mock.calls[0][0]);
    expect(url.pathname.endsWith("/by_group")).toBe(true);
    expect(url.searchParams.get("against")).toBe("start");
    expect([found.steps, found.referenceSteps, found.fewest, found.groupsLeftOut]).toEqual([
      [-1, 0],
      [null, -1],
      10,
      2,
    ]);
    expect(found.regions).toEqual([{ input: "x", region: 3 }]);
    expect(found.all.loss).toEqual({ value: [0.7, Number.NaN], standardError: [0.01, Number.NaN] });
    expect(found.all.localDrift.upper[1]).toBe(Number.POSITIVE_INFINITY);
    const [women] = found.groups;
    expect([women.name, women.samples, women.accuracy.value]).toEqual(["women", 116, [0.5, 0.8]]);
    expect(women.shareGap).toEqual({ value: [0.1, 0.2], standardError: [0.01, 0.02], byChance: [0.05, 0.06] });
    expect(women.shares).toEqual([{ value: [0.1, Number.NaN], standardError: [0.01, Number.NaN] }]);
  });

  test("are asked for what there is every time, for a frame once", async () => {
    fetched.mockImplementation(async () => new Response(JSON.stringify({ logdir: "", groups: [], skipped: [] })));
    await getGroups();
    await getGroups();
    expect(fetched).toHaveBeenCalledTimes(2);
    fetched.mockImplementation(
      async () => new Response(file({ "values:x": { dtype: "F32", shape: [1, 1], bytes: f32(1) } })),
    );
    await getAttribution("a", "attribution/lrp", 4);
    forget();
    await getAttribution("a", "attribution/lrp", 4);
    expect(fetched).toHaveBeenCalledTimes(3);
  });

  test("are asked for the frames of a run that was written anew again, for no other's", async () => {
    fetched.mockImplementation(
      async () => new Response(file({ "values:x": { dtype: "F32", shape: [1, 1], bytes: f32(1) } })),
    );
    const both = () => Promise.all(["a", "b/explain"].map((run) => getAttribution(run, "attribution/lrp", 4)));
    await both();
    forget(new Set(["b/explain"]));
    await both();
    const runs = fetched.mock.calls.map(([url]) => new URL(url).searchParams.get("run"));
    expect(runs).toEqual(["a", "b/explain", "b/explain"]);
  });
});

describe("series", () => {
  const seriesOf = (value: number): Arrays => ({
    steps: { dtype: "I32", shape: [1], bytes: new Int32Array([-1]).buffer },
    wall_times: { dtype: "F64", shape: [1], bytes: new Float64Array([5]).buffer },
    values: { dtype: "F32", shape: [1, 2], bytes: f32(value, 2 * value) },
  });
  const named = (tag: string, arrays: Arrays): Arrays =>
    Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}:${tag}`, array]));
  /** Answers as the route does: a tag's value is the last character of its name; `lost` cannot be read. */
  const serve = async (url: string): Promise<Response> => {
    const tags = new URL(url).searchParams.getAll("tag");
    const lost = { what: "no such tag", expected: "another", received: "health/lost" };
    if (tags.length === 1) {
      return tags[0] === "health/lost"
        ? new Response(JSON.stringify({ error: lost }), { status: 404 })
        : new Response(file(seriesOf(Number(tags[0].at(-1)))));
    }
    const arrays = tags.filter((tag) => tag !== "health/lost").map((tag) => named(tag, seriesOf(Number(tag.at(-1)))));
    return new Response(
      file(
        Object.assign({}, ...arrays),
        tags.includes("health/lost") ? { "error:health/lost": JSON.stringify(lost) } : {},
      ),
    );
  };
  const asked = () => fetched.mock.calls.map(([url]) => new URL(url).searchParams.getAll("tag"));

  test("that are asked for at once come in one request, and each is kept", async () => {
    fetched.mockImplementation(serve);
    const tags = ["health/a:1", "health/b%20c2", "health/a:1", "weight/3"];
    const answers = await Promise.all(tags.map((tag) => getSeries("a", tag)));
    expect(answers.map((series) => [...series.at(0)])).toEqual([
      [1, 2],
      [2, 4],
      [1, 2],
      [3, 6],
    ]);
    expect(asked()).toEqual([["health/a:1", "health/b%20c2", "weight/3"]]);
    await Promise.all([getSeries("a", "weight/3"), getSeries("a", "health/new4")]);
    expect(asked()[1]).toEqual(["health/new4"]);
  });

  test("that cannot be read say so, the others come", async () => {
    fetched.mockImplementation(serve);
    const [good, bad] = await Promise.allSettled(["health/1", "health/lost"].map((tag) => getSeries("a", tag)));
    expect(good.status).toBe("fulfilled");
    expect(bad).toMatchObject({ reason: { what: "no such tag", expected: "another", received: "health/lost" } });
    expect((bad as PromiseRejectedResult).reason).toBeInstanceOf(RouteError);
    await expect(getSeries("a", "health/lost")).rejects.toMatchObject({ status: 404 });
  });

  test("of a TensorBoard that is gone say so, each", async () => {
    fetched.mockRejectedValue(new TypeError("Failed to fetch"));
    const answers = await Promise.allSettled(["health/1", "health/2"].map((tag) => getSeries("a", tag)));
    for (const answer of answers) expect(answer).toMatchObject({ reason: { what: "TensorBoard does not answer" } });
  });

  test("that a file lacks are named", async () => {
    fetched.mockResolvedValue(new Response(file(named("health/1", seriesOf(1)))));
    const [good, bad] = await Promise.allSettled(["health/1", "health/2"].map((tag) => getSeries("a", tag)));
    expect(good.status).toBe("fulfilled");
    expect(bad).toMatchObject({ reason: { what: "An array is missing", expected: "values" } });
  });
});

describe("errors", () => {
  test("say what, expected, received", async () => {
    const error = { what: "no such step", expected: "one of 0, 5", received: "3" };
    fetched.mockResolvedValue(new Response(JSON.stringify({ error }), { status: 404 }));
    const thrown = await getDrift("a", "t", "step:3").catch((e) => e);
    expect(thrown).toBeInstanceOf(RouteError);
    expect(thrown).toMatchObject({ ...error, status: 404 });
  });

  test("come as they are from whatever is not ours", async () => {
    fetched.mockResolvedValue(new Response("<h1>Bad gateway</h1>", { status: 502, statusText: "Bad Gateway" }));
    await expect(getGroups()).rejects.toMatchObject({ received: "502 Bad Gateway <h1>Bad gateway</h1>" });
    fetched.mockRejectedValue(new TypeError("Failed to fetch"));
    await expect(getGroups()).rejects.toMatchObject({ what: "TensorBoard does not answer" });
  });

  test("name the array that a file lacks", async () => {
    fetched.mockResolvedValue(new Response(file({ values: { dtype: "F32", shape: [1], bytes: f32(1) } })));
    await expect(getSeries("a", "metric/loss")).rejects.toMatchObject({ expected: "steps", received: "values" });
  });
});
