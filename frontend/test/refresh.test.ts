import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Groups } from "../src/api";
import { group, log } from "./log";

let answer: Groups | Error;
const asked: string[] = [];
/** A safetensors file without arrays: the length of its header, and `{}`. */
const EMPTY_FRAME = new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d]);

/** The modules anew: each test opens the tab for itself. */
async function open() {
  vi.resetModules();
  const [{ keepFresh, refresh }, { store }] = await Promise.all([import("../src/refresh"), import("../src/state")]);
  return { keepFresh, refresh, store };
}

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  vi.stubGlobal("fetch", async (url: string) => {
    const route = new URL(url).pathname.split("/").at(-1) ?? "";
    asked.push(route);
    if (route === "frame") return new Response(EMPTY_FRAME);
    if (route !== "groups") return new Response(JSON.stringify({ alarms: [], methods: [] }));
    if (answer instanceof Error) throw answer;
    return new Response(JSON.stringify(answer));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("new data", () => {
  test("moves the cursor where it stood at the end", async () => {
    const { refresh, store } = await open();
    answer = log(group("a", [-1, 0]));
    await refresh();
    expect(store.state.epoch).toBe(0);
    answer = log(group("a", [-1, 0, 1, 2]));
    await refresh();
    expect(store.state.epoch).toBe(2);
  });

  test("leaves it where it was put", async () => {
    const { refresh, store } = await open();
    answer = log(group("a", [-1, 0, 1]));
    await refresh();
    store.set({ epoch: 0 });
    answer = log(group("a", [-1, 0, 1, 2]));
    await refresh();
    expect(store.state.epoch).toBe(0);
  });

  test("finds the address's epoch, or the nearest to it", async () => {
    const { refresh, store } = await open();
    store.set({ epoch: 7 });
    answer = log(group("a", [-1, 0, 5, 10]));
    await refresh();
    expect([store.state.epoch, store.state.resting]).toEqual([5, 5]);
  });

  test("brings the cursor back to where it was wanted, once that has been read again", async () => {
    const { refresh, store } = await open();
    answer = log(group("a", [-1, 0, 1, 2, 3]));
    await refresh();
    store.set({ epoch: 2 });
    for (const steps of [[], [-1], [-1, 0, 1]]) {
      answer = steps.length ? log(group("a", steps)) : log();
      await refresh();
    }
    expect([store.state.epoch, store.state.asked]).toEqual([1, 2]);
    answer = log(group("a", [-1, 0, 1, 2, 3, 4]));
    await refresh();
    expect([store.state.epoch, store.state.asked]).toEqual([2, null]);
  });

  test("is tried again where it failed while nobody answered", async () => {
    const { refresh, store } = await open();
    answer = log(group("a", [-1, 0]));
    await refresh();
    answer = new TypeError("Failed to fetch");
    await refresh();
    answer = log(group("a", [-1, 0]));
    await refresh();
    expect(store.state.revision).toBe(2);
  });

  test("of new runs leaves the others' colours", async () => {
    const { refresh, store } = await open();
    answer = log(group("b", [0]));
    await refresh();
    answer = log(group("a", [0]), group("b", [0]));
    await refresh();
    expect(store.state.seen).toEqual(["b/explain", "a/explain"]);
  });

  test("counts revisions only when there is any", async () => {
    const { refresh, store } = await open();
    answer = log(group("a", [-1, 0]));
    await refresh();
    await refresh();
    expect(store.state.revision).toBe(1);
    answer = log(group("a", [-1, 0, 1]));
    await refresh();
    expect(store.state.revision).toBe(2);
  });

  test("is told of where there is none any more to ask", async () => {
    const { refresh, store } = await open();
    answer = log(group("a", [-1, 0]));
    await refresh();
    answer = new TypeError("Failed to fetch");
    await refresh();
    expect(store.state.failure?.message).toBe("TensorBoard does not answer");
    expect(store.state.groups?.groups).toHaveLength(1);
    answer = log(group("a", [-1, 0]));
    await refresh();
    expect(store.state.failure).toBe(null);
  });
});

test("a run that was written anew has its frames read again", async () => {
  const { refresh } = await open();
  const { getAttribution } = await import("../src/api");
  const frames = () => asked.filter((route) => route === "frame").length;
  answer = log(group("a", [-1, 0]), group("b", [-1, 0]));
  await refresh();
  const read = () => Promise.all(["a/explain", "b/explain"].map((run) => getAttribution(run, "attribution/lrp", 0)));
  await read();
  expect(frames()).toBe(2);
  answer = log(group("a", [-1, 0, 1]), group("b", [-1, 0]));
  await refresh();
  await read();
  expect(frames()).toBe(2);
  answer = log(group("a", [-1, 0, 1]), group("b", [-1, 0], { manifest: "m2" }));
  await refresh();
  await read();
  expect(frames()).toBe(3);
});

describe("looking for new data", () => {
  const looks = () => asked.filter((route) => route === "groups").length;

  test.each([
    ["every 10 s while a run grows", log(group("a", [-1, 0])), 10_000],
    ["every 30 s where there is nothing", log(), 30_000],
  ])("happens %s", async (_, groups, period) => {
    const { keepFresh } = await open();
    answer = groups;
    keepFresh();
    await vi.advanceTimersByTimeAsync(period - 500);
    expect(looks()).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(looks()).toBe(2);
  });

  test("slows down once a run has stopped growing", async () => {
    const { keepFresh } = await open();
    answer = log(group("a", [-1, 0]));
    keepFresh();
    await vi.advanceTimersByTimeAsync(400_000);
    asked.length = 0;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(looks()).toBe(2);
  });

  test("is tried sooner where nobody answered", async () => {
    const { keepFresh, store } = await open();
    answer = new TypeError("Failed to fetch");
    keepFresh();
    await vi.advanceTimersByTimeAsync(100);
    answer = log(group("a", [-1, 0]));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(store.state.groups?.groups).toHaveLength(1);
  });

  test("ends with the tab's being hidden, whatever was under way", async () => {
    const { refresh, store } = await open();
    answer = log(group("a", [-1, 0]));
    const under = refresh();
    vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
    await under;
    await refresh();
    expect(asked).toEqual(["groups"]);
    expect(store.state.groups).toBe(null);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toEqual(["groups"]);
    vi.restoreAllMocks();
  });

  test("happens only while the tab can be seen", async () => {
    const { keepFresh, store } = await open();
    store.set({ visible: false });
    vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
    answer = log(group("a", [-1, 0]));
    keepFresh();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(looks()).toBe(0);
    vi.restoreAllMocks();
    store.set({ visible: true });
    await vi.advanceTimersByTimeAsync(100);
    expect(looks()).toBe(1);
  });
});

test("what is fetched follows the cursor once it has rested for 80 ms", async () => {
  const { keepFresh, store } = await open();
  answer = log(group("a", [-1, 0, 1, 2]));
  keepFresh();
  await vi.advanceTimersByTimeAsync(10);
  store.set({ epoch: 0 });
  await vi.advanceTimersByTimeAsync(50);
  store.set({ epoch: 1 });
  await vi.advanceTimersByTimeAsync(50);
  expect(store.state.resting).toBe(2);
  await vi.advanceTimersByTimeAsync(40);
  expect(store.state.resting).toBe(1);
});
