import { describe, expect, test, vi } from "vitest";
import { type AskTogether, together } from "../src/together";

const { signal } = new AbortController();
const said: AskTogether<string> = async (run, _tags, _signal) => (tag) => `${run} ${tag}`;

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe("questions at once", () => {
  test("are one request a run, also those of siblings that are rendered next", async () => {
    const ask = vi.fn(said);
    const question = together(ask);
    const siblings = ["a", "b", "a"].map((run, i) => Promise.resolve().then(() => question(run, `${i + 1}`, signal)));
    const answers = await Promise.all(siblings);
    expect(answers).toEqual(["a 1", "b 2", "a 3"]);
    expect(ask.mock.calls.map(([run, tags]) => [run, tags])).toEqual([
      ["a", ["1", "3"]],
      ["b", ["2"]],
    ]);
    await question("a", "4", signal);
    expect(ask).toHaveBeenCalledTimes(3);
  });

  test("are as many requests as their addresses need", async () => {
    const ask = vi.fn(said);
    const question = together(ask);
    const tags = Array.from({ length: 400 }, (_, i) => `health/a layer with a name of some length ${i}`);
    const answers = await Promise.all(tags.map((tag) => question("a", tag, signal)));
    expect(answers).toEqual(tags.map((tag) => `a ${tag}`));
    const lengths = ask.mock.calls.map(
      ([, some]) => new URLSearchParams(some.map((tag) => ["tag", tag])).toString().length,
    );
    expect(Math.max(...lengths)).toBeLessThanOrEqual(6000);
    expect(Math.min(...lengths.slice(0, -1))).toBeGreaterThan(5900);
    expect(ask.mock.calls.flatMap(([, some]) => some)).toEqual(tags);
  });

  test("fail together where the request does, alone where their tag does", async () => {
    const down = together(() => Promise.reject(new Error("down")));
    const all = await Promise.allSettled([down("a", "1", signal), down("a", "2", signal)]);
    expect(all.map((one) => one.status === "rejected" && one.reason.message)).toEqual(["down", "down"]);
    const question = together(async () => (tag) => {
      if (tag === "2") throw new Error("lost");
      return tag;
    });
    const [one, two] = await Promise.allSettled([question("a", "1", signal), question("a", "2", signal)]);
    expect([one, two]).toMatchObject([{ value: "1" }, { reason: { message: "lost" } }]);
  });
});

describe("an aborted question", () => {
  test("is not sent", async () => {
    const ask = vi.fn(said);
    const question = together(ask);
    const controller = new AbortController();
    const gone = question("a", "1", controller.signal);
    const stays = question("a", "2", signal);
    controller.abort(new Error("gone"));
    await expect(gone).rejects.toThrow("gone");
    expect(await stays).toBe("a 2");
    expect(ask.mock.calls.map(([, tags]) => tags)).toEqual([["2"]]);
  });

  test("aborts the request if it was the last one waiting", async () => {
    let sent: AbortSignal | undefined;
    const question = together<string>((_run, _tags, abort) => {
      sent = abort;
      return new Promise((_, reject) => abort.addEventListener("abort", () => reject(abort.reason)));
    });
    const [first, second] = [new AbortController(), new AbortController()];
    const answers = [question("a", "1", first.signal), question("a", "2", second.signal)];
    await turn();
    first.abort(new Error("left"));
    await expect(answers[0]).rejects.toThrow("left");
    expect(sent?.aborted).toBe(false);
    second.abort(new Error("left too"));
    await expect(answers[1]).rejects.toThrow("left too");
    expect(sent?.aborted).toBe(true);
  });
});
