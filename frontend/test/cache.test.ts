import { describe, expect, test, vi } from "vitest";
import { type Answer, Cache } from "../src/cache";

const answer = (value: string, bytes = 1, fixed = true): Answer<string> => ({ value, bytes, fixed });

/** A fetch that ends when it is told to, and knows whether it was aborted. */
function pending() {
  let end: (answer: Answer<string>) => void = () => undefined;
  let abort: AbortSignal | undefined;
  const fetch = vi.fn((signal: AbortSignal) => {
    abort = signal;
    return new Promise<Answer<string>>((resolve) => {
      end = resolve;
    });
  });
  return { fetch, end: (value: Answer<string>) => end(value), aborted: () => abort?.aborted };
}

describe("the cache", () => {
  test("sends equal requests under way once", async () => {
    const cache = new Cache(100);
    const { fetch, end } = pending();
    const both = Promise.all([cache.get("a", undefined, fetch), cache.get("a", undefined, fetch)]);
    end(answer("A"));
    expect(await both).toEqual(["A", "A"]);
    expect(await cache.get("a", undefined, fetch)).toBe("A");
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  test("aborts a request when the last who waits for it has left", async () => {
    const cache = new Cache(100);
    const { fetch, end, aborted } = pending();
    const [first, second] = [new AbortController(), new AbortController()];
    const left = cache.get("a", first.signal, fetch);
    const stays = cache.get("a", second.signal, fetch);
    first.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    expect(aborted()).toBe(false);
    end(answer("A"));
    expect(await stays).toBe("A");

    const other = pending();
    const alone = new AbortController();
    const gone = cache.get("b", alone.signal, other.fetch);
    alone.abort(new Error("left"));
    await expect(gone).rejects.toThrow("left");
    expect(other.aborted()).toBe(true);
  });

  test("asks again after an error", async () => {
    const cache = new Cache(100);
    await expect(cache.get("a", undefined, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await cache.get("a", undefined, async () => answer("A"))).toBe("A");
  });

  test("drops what was used longest ago when it is full", async () => {
    const cache = new Cache(10);
    await cache.get("a", undefined, async () => answer("A", 4));
    await cache.get("b", undefined, async () => answer("B", 4));
    await cache.get("a", undefined, async () => answer("never", 4));
    await cache.get("c", undefined, async () => answer("C", 4));
    expect(["a", "b", "c"].map((key) => cache.peek(key))).toEqual(["A", undefined, "C"]);
  });

  test("keeps one answer that is larger than all of it", async () => {
    const cache = new Cache(10);
    expect(await cache.get("a", undefined, async () => answer("A", 40))).toBe("A");
    expect(cache.peek("a")).toBe("A");
  });

  test("forgets what new data can change, frames only when told", async () => {
    const cache = new Cache(100);
    await cache.get("frame", undefined, async () => answer("F"));
    await cache.get("drift", undefined, async () => answer("D", 1, false));
    cache.forget();
    expect([cache.peek("frame"), cache.peek("drift")]).toEqual(["F", undefined]);
    await cache.get("other frame", undefined, async () => answer("G"));
    cache.forget((key) => key === "frame");
    expect([cache.peek("frame"), cache.peek("other frame")]).toEqual([undefined, "G"]);
  });

  test("does not keep an answer that was under way when it forgot", async () => {
    const cache = new Cache(100);
    const { fetch, end } = pending();
    const old = cache.get("a", undefined, fetch);
    cache.forget();
    end(answer("old"));
    expect(await old).toBe("old");
    expect(cache.peek("a")).toBe(undefined);
  });
});
