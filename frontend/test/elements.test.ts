import { LitElement, render } from "lit";
import { afterEach, describe, expect, test, vi } from "vitest";
import { itemKeys } from "../src/elements/item_keys";
import "../src/elements/legend";
import "../src/elements/sample_thumb";
import { cellsOf, imageOf, pools, tokenText } from "../src/elements/sample_thumb";
import { problems } from "../src/elements/states";
import { rowsInSight } from "../src/elements/window";
import * as state from "../src/state";
import { input, manifest } from "./manifest";

afterEach(() => {
  document.body.replaceChildren();
});

const text = input({ kind: "text", cells: [4], vocabulary: ["<pad>", "<b>not</b>", "good"] });

async function thumb(properties: Partial<HTMLElementTagNameMap["explain-sample-thumb"]>) {
  const element = Object.assign(document.createElement("explain-sample-thumb"), properties);
  document.body.append(element);
  await element.updateComplete;
  return element.renderRoot as ShadowRoot;
}

describe("a text's thumb", () => {
  test("shows names with markup as the text they are, its padding left out", async () => {
    const root = await thumb({
      input: text,
      values: [1, -1, Number.NaN, 0],
      sample: { data: [1, 2, 1, 0], shape: [4] },
      limit: 1,
    });
    expect(root.querySelector("b")).toBeNull();
    const tokens = [...root.querySelectorAll("span")];
    expect(tokens.map((token) => token.textContent)).toEqual(["<b>not</b>", "good", "<b>not</b>"]);
    expect(tokens[0].style.backgroundColor).toBe("rgb(140, 54, 5)");
    expect(tokens.map((token) => token.className)).toEqual(["", "", "hatched"]);
    expect(tokens[2].title).toBe("<b>not</b> not finite");
  });

  test("shows positions where the texts are not logged", async () => {
    const root = await thumb({ input: text, values: [1, 0, 0, 0], limit: 1 });
    expect([...root.querySelectorAll("span")].map((token) => token.textContent)).toEqual(["[0]", "[1]", "[2]", "[3]"]);
  });
});

test("a text keeps to whole lines of its room", async () => {
  const drawn = async (room: { lines: number; width: number } | undefined) => {
    const root = await thumb({ input: text, values: [1, 0, 0, 0], limit: 1, room });
    return root.querySelector<HTMLElement>(".tokens")?.style.maxHeight;
  };
  expect([await drawn({ lines: 3, width: 100 }), await drawn(undefined)]).toEqual(["66px", ""]);
});

test("an image's thumb keeps its place before its values are there", async () => {
  const image = input({ kind: "image", cells: [24, 12] });
  const root = await thumb({ input: image });
  expect(root.querySelector<HTMLElement>(".well")?.style.aspectRatio).toBe("12 / 24");
  const drawn = await thumb({ input: image, values: new Float32Array(288) });
  expect(drawn.querySelector("explain-canvas")).not.toBeNull();
});

test("a token is its word, else its id, else its position", () => {
  expect(tokenText(text, { data: [2], shape: [1] }, 0)).toBe("good");
  expect(tokenText(text, { data: [77], shape: [1] }, 0)).toBe("77");
  expect(tokenText(text, undefined, 5)).toBe("[5]");
});

test("a text that does not fit says how many tokens more there are", async () => {
  const long = input({ kind: "text", cells: [40], vocabulary: ["<pad>", "word"] });
  const sample = { data: Array.from({ length: 40 }, () => 1), shape: [40] };
  const shown = async (room: { lines: number; width: number } | undefined) => {
    const root = await thumb({ input: long, sample, values: new Float32Array(40), room });
    return [...root.querySelectorAll("span")].map((token) => token.textContent);
  };
  expect(await shown({ lines: 2, width: 200 })).toEqual([...Array.from({ length: 7 }, () => "word"), "… 33 more"]);
  expect(await shown({ lines: 9, width: 200 })).toHaveLength(40);
  expect(await shown(undefined)).toHaveLength(40);
});

test.each([
  ["\n", "↵"],
  ["\r\n", "↵"],
  ["\t\t", "⇥⇥"],
  ["  ", "␣␣"],
  ["and\nthen", "and↵then"],
  ["two words", "two words"],
])("token %j is written %s", (token, shown) => {
  const lines = input({ kind: "text", cells: [1], vocabulary: ["<pad>", token] });
  expect(tokenText(lines, { data: [1], shape: [1] }, 0)).toBe(shown);
});

test("images know their shape, and large ones are summed on cards", () => {
  expect(imageOf({ data: [1], shape: [2, 3] })).toMatchObject({ height: 2, width: 3, channels: 1 });
  expect(cellsOf(input({ cells: [5] }), [])).toMatchObject({ height: 5, width: 1 });
  expect([16, 17].map((side) => pools(input({ kind: "image", cells: [side, side] })))).toEqual([false, true]);
  expect(pools(input({ cells: [99] }))).toBe(false);
});

test.each([
  [0, 500, 112, 43, 0, 6],
  [1000, 500, 112, 43, 7, 15],
  [99999, 500, 112, 43, 43, 43],
  [0, 0, 112, 43, 0, 1],
  [0, 500, 112, 0, 0, 0],
])("at %d px of a %d px window onto rows of %d px, of %d rows %d to %d exist", (top, view, row, rows, first, end) => {
  expect(rowsInSight(top, view, row, rows)).toEqual({ first, end });
});

test.each([
  ["multiclass", "against the label", "for the label"],
  ["regression", "lowers the output", "raises the output"],
] as const)("the scale of a %s run goes from %s to %s", async (task, low, high) => {
  const outputs = [{ name: "y", task, units: 1, class_names: [] }];
  vi.spyOn(state, "focusManifest").mockReturnValue(manifest({ outputs }));
  const legend = Object.assign(document.createElement("explain-legend"), { signed: true });
  document.body.append(legend);
  await legend.updateComplete;
  expect([...legend.renderRoot.querySelectorAll("span")].map((end) => end.textContent)).toEqual([low, "0", high]);
});

test("the same failure of several questions is told once", () => {
  const again = vi.fn();
  const root = document.createElement("div");
  render(problems([{ what: "cut off" }, { what: "cut off" }, { what: "gone" }], again), root);
  expect([...root.querySelectorAll("h3")].map((title) => title.textContent?.trim())).toEqual(["cut off", "gone"]);
  root.querySelector("button")?.click();
  expect(again).toHaveBeenCalledTimes(1);
});

describe("keys of a list", () => {
  class Host extends LitElement {}
  customElements.define("keys-host", Host);
  const press = (key: string, target: EventTarget = document.body, more: KeyboardEventInit = {}) =>
    target.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, composed: true, cancelable: true, ...more }),
    );

  test("move and close, only while the host is in the page, never while typing or in a dialog", () => {
    const move = vi.fn();
    const close = vi.fn();
    const host = new Host();
    itemKeys(host, { move, close });
    press("j");
    document.body.append(host);
    press("j");
    press("K");
    press("Escape");
    press("j", document.body, { ctrlKey: true });
    const box = document.createElement("input");
    document.body.append(box);
    press("j", box);
    expect(move.mock.calls).toEqual([[1], [-1]]);
    const dialog = document.createElement("dialog");
    document.body.append(dialog);
    press("Escape", dialog);
    expect(close).toHaveBeenCalledTimes(1);
    host.remove();
    press("j");
    expect(move).toHaveBeenCalledTimes(2);
  });
});
