import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import "../src/shell/app";
import { onKey } from "../src/shell/keys";
import { Store, store } from "../src/state";
import { group, log } from "./log";

const fresh = () => ({ ...new Store().state });

beforeEach(() => {
  store.state = fresh();
  vi.stubGlobal("fetch", () => new Promise(() => undefined));
});
afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

async function mount(): Promise<HTMLElement> {
  const app = document.createElement("explain-app");
  document.body.append(app);
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve));
  return app;
}

/** All text in an element, through shadow roots. */
function textOf(node: Node): string {
  const root = node instanceof Element && node.shadowRoot ? [...node.shadowRoot.childNodes] : [];
  if (node.nodeType === Node.TEXT_NODE) return node.textContent ?? "";
  if (node instanceof HTMLStyleElement) return "";
  return [...root, ...node.childNodes].map(textOf).join("").replace(/\s+/g, " ");
}

describe("keys", () => {
  const actions = { toggleHelp: vi.fn(), find: vi.fn() };
  const press = (key: string, more: KeyboardEventInit = {}, target: EventTarget = document.body) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, composed: true, cancelable: true, ...more });
    const heard = (e: Event) => onKey(e as KeyboardEvent, actions);
    document.addEventListener("keydown", heard, { once: true });
    target.dispatchEvent(event);
    document.removeEventListener("keydown", heard);
    return event;
  };

  beforeEach(() => {
    store.state = {
      ...fresh(),
      groups: log(
        group(
          "a",
          Array.from({ length: 31 }, (_, i) => i - 1),
        ),
      ),
      epoch: 12,
    };
    store.set({
      alarms: [4, 20].map((step) => ({
        run: "a/explain",
        step,
        kind: "dead_layer",
        subject: "conv",
        text: "",
        evidence: {},
      })),
    });
  });

  test.each([
    ["ArrowRight", {}, 13],
    ["ArrowLeft", { shiftKey: true }, 2],
    ["Home", {}, -1],
    ["End", {}, 29],
    ["]", {}, 20],
    ["[", {}, 4],
  ])("%s moves the cursor", (key, more, epoch) => {
    press(key, more);
    expect(store.state.epoch).toBe(epoch);
  });

  test("open views and the list of keys, and set the reference", () => {
    press("r");
    expect(store.state.against).toBe("step:12");
    press("2");
    expect(store.state.view).toBe("samples");
    press("?");
    expect(actions.toggleHelp).toHaveBeenCalled();
  });

  test("mean nothing while typing, nor with the browser's own", () => {
    const field = document.createElement("input");
    document.body.append(field);
    press("2", {}, field);
    press("ArrowLeft", {}, field);
    press("2", { ctrlKey: true });
    press("ArrowLeft", { altKey: true });
    expect([store.state.view, store.state.epoch]).toEqual(["overview", 12]);
  });

  test("leave Space to the button that has the focus", () => {
    const button = document.createElement("button");
    document.body.append(button);
    expect(press(" ", {}, button).defaultPrevented).toBe(false);
    expect(store.state.playing).toBe(false);
    press(" ");
    expect(store.state.playing).toBe(true);
    press(" ");
    expect(store.state.playing).toBe(false);
  });
});

describe("the frame", () => {
  test("keeps its place while it waits", async () => {
    const app = await mount();
    expect(app.shadowRoot?.querySelectorAll(".skeleton").length).toBeGreaterThan(0);
  });

  test("says what to add where there is nothing, and what it found but cannot show", async () => {
    store.state = {
      ...fresh(),
      groups: { ...log(), skipped: [{ run: "<img src=x onerror=alert(1)>", reason: "version 7" }] },
    };
    const app = await mount();
    const text = textOf(app);
    expect(text).toContain("from tb_explain_plugin.callbacks import Explain");
    expect(text).toContain("<img src=x onerror=alert(1)>");
    expect(app.shadowRoot?.querySelector("explain-empty")?.shadowRoot?.querySelector("img")).toBe(null);
  });

  test("says what went wrong where nothing could be asked", async () => {
    store.state = {
      ...fresh(),
      failure: Object.assign(new Error("x"), {
        what: "TensorBoard does not answer",
        expected: "a server",
        received: "nothing",
      }),
    };
    const text = textOf(await mount());
    expect(text).toContain("TensorBoard does not answer");
    expect(text).toContain("Expected a server.");
    expect(text).toContain("Try again");
  });

  test("has one slider, a tab a view, and runs whose names are text", async () => {
    store.state = { ...fresh(), groups: log(group("<b>a</b>", [-1, 0, 1])), epoch: 1, view: "layers" };
    const app = await mount();
    const transport = app.shadowRoot?.querySelector("explain-transport")?.shadowRoot;
    const slider = transport?.querySelector("explain-track")?.shadowRoot?.querySelector("[role=slider]");
    expect(slider?.getAttribute("aria-valuenow")).toBe("1");
    expect(slider?.getAttribute("aria-valuetext")).toBe("epoch 1");
    const tabs = app.shadowRoot?.querySelector("explain-top-bar")?.shadowRoot?.querySelectorAll("[role=tab]");
    expect([...(tabs ?? [])].map((tab) => tab.textContent?.trim())).toEqual([
      "Overview1",
      "Samples2",
      "Features3",
      "Layers4",
      "Compare5",
      "Model6",
    ]);
    const rail = app.shadowRoot?.querySelector("explain-rail");
    expect(rail && textOf(rail)).toContain("<b>a</b>");
  });

  test("names what a run lacks for a view", async () => {
    store.state = { ...fresh(), groups: log(group("a", [-1, 0, 1])), epoch: 1, view: "layers" };
    expect(textOf(await mount())).toContain("which a has not logged");
  });

  test("opens a view that needs any of several kinds as soon as the run has one of them", async () => {
    store.state = { ...fresh(), groups: log(group("a", [-1, 0, 1])), epoch: 1, view: "model" };
    const without = await mount();
    expect(textOf(without)).toContain("Model shows embedding or boundary or surrogate, which a has not logged");
    expect(textOf(without)).toContain('"surrogate_linear"');
    without.remove();
    const tags = { "surrogate/tree": { kind: "frame", steps: 0 } } as const;
    store.state = { ...fresh(), groups: log(group("a", [-1, 0, 1], { tags })), epoch: 1, view: "model" };
    expect(textOf(await mount())).not.toContain("has not logged");
  });
});
