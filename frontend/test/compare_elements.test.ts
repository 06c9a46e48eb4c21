import { afterEach, beforeEach, describe, expect, test } from "vitest";
import "../src/compare/changes";
import "../src/compare/matrix";
import { openFeature } from "../src/compare/scatter";
import "../src/compare/seed_panel";
import type { ComparedFeature } from "../src/compare/scatter_model";
import type { Place } from "../src/references";
import { runsOf, store } from "../src/state";
import { group, log } from "./log";
import { manifest } from "./manifest";

const pristine = store.state;

beforeEach(() => {
  store.set({ groups: log(group("a", [-1, 0, 1]), group("b", [0, 1])), epoch: 1 });
});
afterEach(() => {
  document.body.replaceChildren();
  store.set(pristine);
});

async function mount<K extends keyof HTMLElementTagNameMap>(name: K, properties: Partial<HTMLElementTagNameMap[K]>) {
  const element = Object.assign(document.createElement(name), properties);
  document.body.append(element);
  await (element as unknown as { updateComplete: Promise<boolean> }).updateComplete;
  return element.shadowRoot as ShadowRoot;
}

describe("the matrix", () => {
  async function matrix(rows: number, reference: Place) {
    const runs = runsOf(store.state);
    const side = (run: number) => ({ run: runs[run], steps: run === 0 ? [-1, 0, 1] : [0, 1] });
    const count = 3 * side(rows).steps.length;
    return mount("explain-similarity-matrix", {
      columns: side(0),
      rows: side(rows),
      values: Float32Array.from({ length: count }, (_, i) => i / 10),
      reference,
    });
  }
  const press = (root: ShadowRoot, key: string) =>
    root
      .querySelector("explain-canvas[tabindex]")
      ?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));

  test("says what stands where cursor and reference meet", async () => {
    const [run] = runsOf(store.state);
    const root = await matrix(0, { run, step: -1 });
    const label = root.querySelector("explain-canvas[tabindex]")?.getAttribute("aria-label");
    expect(label).toBe("Similarity of epochs: epoch 1 and start, cos .20. Up and down move the reference.");
  });

  test("has the cursor from top to bottom, the reference from left to right, and a ring where they meet", async () => {
    const [run] = runsOf(store.state);
    const root = await matrix(0, { run, step: -1 });
    const placeOf = (kind: string) => root.querySelector<HTMLElement>(`.hair .${kind}`)?.style;
    expect(Number.parseFloat(placeOf("cursor")?.left ?? "")).toBeCloseTo(250 / 3);
    expect(Number.parseFloat(placeOf("reference")?.top ?? "")).toBeCloseTo(50 / 3);
    expect([placeOf("meet")?.left, placeOf("meet")?.top]).toEqual([placeOf("cursor")?.left, placeOf("reference")?.top]);
    const other = await matrix(1, { run, step: -1 });
    expect(other.querySelector(".hair .meet")).toBeNull();
  });

  test("moves the reference down and up, not beyond its ends", async () => {
    const [run] = runsOf(store.state);
    const root = await matrix(0, { run, step: 0 });
    press(root, "ArrowDown");
    expect(store.state.against).toBe("step:1");
    press(root, "ArrowUp");
    expect(store.state.against).toBe("step:-1");
    const top = await matrix(0, { run, step: -1 });
    press(top, "ArrowUp");
    expect(store.state.against).toBe("step:-1");
  });

  test("moves it within the other run", async () => {
    const [, other] = runsOf(store.state);
    const root = await matrix(1, { run: other, step: 0 });
    press(root, "ArrowDown");
    expect(store.state.against).toBe("run:b/explain@1");
  });
});

const feature = (name: string, here: number): ComparedFeature => ({
  input: "x",
  index: 0,
  name,
  here,
  hereError: 0.01,
  there: 0.1,
  thereError: 0.01,
  change: here - 0.1,
  changeError: 0.014,
  seedNoise: Number.NaN,
  beyondNoise: true,
});

test("changes of one sample's shares have no error to tell", async () => {
  const features = [feature("age", 0.31), { ...feature("size", 0.2), changeError: Number.NaN }];
  const root = await mount("explain-share-changes", { features, manifest: manifest() });
  const told = [...root.querySelectorAll("tbody .change")].map((cell) => cell.textContent);
  expect(told).toEqual(["+21.0 ± 2.8", "+10.0"]);
});

describe("the null of seeds", () => {
  const siblings = ["b/explain", "c/explain", "d/explain", "e/explain", "f/explain"];

  test("tells what lies far out, and lists all", async () => {
    const rows = [
      { feature: feature("<b>leak</b>", 0.31), center: 0.02, spread: 0.01, z: 29 },
      { feature: feature("age", 0.1), center: 0.11, spread: 0.02, z: -0.5 },
    ];
    const root = await mount("explain-seed-null", { rows, siblings });
    expect(root.querySelector(".told")?.textContent).toContain("<b>leak</b> carries 31.0");
    expect(root.querySelectorAll("tbody tr")).toHaveLength(2);
    expect(root.querySelectorAll("tbody tr.notable")).toHaveLength(1);
    expect(root.textContent).toContain("Siblings: b, c/explain");
  });

  test("opens a feature in its own view, if the run logged importances", () => {
    openFeature(feature("age", 0.1));
    expect(store.state).toMatchObject({ view: "overview", feature: "age" });
    const tags = { "importance/ig/x": { kind: "series" as const, steps: 0 } };
    store.set({ groups: log(group("a", [-1, 0, 1], { tags })) });
    openFeature(feature("size", 0.1));
    expect(store.state).toMatchObject({ view: "features", feature: "size" });
  });

  test("says that nothing does, or that there are too few", async () => {
    const rows = [{ feature: feature("age", 0.1), center: 0.11, spread: 0.02, z: -0.5 }];
    const near = await mount("explain-seed-null", { rows, siblings });
    expect(near.textContent).toContain("No feature lies more than 5 spreads from its siblings");
    const few = await mount("explain-seed-null", { rows: [], siblings: ["b/explain"] });
    expect(few.textContent).toContain("There is 1 sibling run: too few");
    expect(few.querySelector("table")).toBeNull();
  });
});
