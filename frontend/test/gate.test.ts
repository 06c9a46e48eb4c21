import { describe, expect, test } from "vitest";
import { gate } from "../src/gate";

const { signal } = new AbortController();

/** Work that ends when it is told to, and whether it has begun. */
function held() {
  let end: (value: string) => void = () => {};
  const state = { begun: false, end: (value: string) => end(value) };
  const work = (): Promise<string> => {
    state.begun = true;
    return new Promise((resolve) => {
      end = resolve;
    });
  };
  return { state, work };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe("a gate", () => {
  test("lets so many through at a time, in order", async () => {
    const [pass, pieces] = [gate(2), Array.from({ length: 4 }, held)];
    const answers = pieces.map(({ work }) => pass(work, signal));
    await settled();
    expect(pieces.map(({ state }) => state.begun)).toEqual([true, true, false, false]);
    pieces[1].state.end("b");
    expect(await answers[1]).toBe("b");
    await settled();
    expect(pieces.map(({ state }) => state.begun)).toEqual([true, true, true, false]);
  });

  test("goes on after what fails", async () => {
    const pass = gate(1);
    const failing = pass(() => Promise.reject(new Error("no")), signal);
    const after = pass(async () => "yes", signal);
    await expect(failing).rejects.toThrow("no");
    expect(await after).toBe("yes");
  });

  test("never begins what was aborted before its turn", async () => {
    const [pass, first, second, third] = [gate(1), held(), held(), held()];
    const controller = new AbortController();
    void pass(first.work, signal);
    const aborted = pass(second.work, controller.signal);
    void pass(third.work, signal);
    controller.abort(new Error("gone"));
    await expect(aborted).rejects.toThrow("gone");
    first.state.end("");
    await settled();
    expect([second.state.begun, third.state.begun]).toEqual([false, true]);
    await expect(pass(held().work, controller.signal)).rejects.toThrow("gone");
  });
});
