import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { watchCutTexts, wholeText } from "../src/elements/cut_texts";

beforeAll(watchCutTexts);
afterEach(() => document.body.replaceChildren());

/** A box with words of a width that its page has no room for, or has. */
function box(html: string, wide: number, style = "overflow-x: hidden"): HTMLElement {
  document.body.innerHTML = `<p style="${style}">${html}</p>`;
  const made = document.querySelector("p") as HTMLElement;
  vi.spyOn(made, "clientWidth", "get").mockReturnValue(100);
  vi.spyOn(made, "scrollWidth", "get").mockReturnValue(wide);
  return made;
}
const rest = (element: Element) => element.dispatchEvent(new Event("pointerover", { bubbles: true, composed: true }));

test("what is cut says all of itself where the pointer rests on it", () => {
  const cut = box("is <b>a long name</b>, <i>.85</i>", 200);
  rest(cut.querySelector("b") as Element);
  expect(cut.title).toBe("is a long name, .85");
});

test("what is no longer cut needs no title", () => {
  const cut = box("name", 200);
  rest(cut);
  expect(cut.title).toBe("name");
  vi.spyOn(cut, "scrollWidth", "get").mockReturnValue(90);
  rest(cut);
  expect(cut.title).toBe("");
});

test("a title of its own stays, and what is not cut gets none", () => {
  const own = box("name", 200);
  own.title = "what it means";
  rest(own);
  expect(own.title).toBe("what it means");
  const visible = box("name", 200, "overflow-x: visible");
  rest(visible);
  expect(visible.title).toBe("");
});

test("the words of an element are those of its shadow", () => {
  const host = document.createElement("div");
  host.attachShadow({ mode: "open" }).innerHTML = "<style>p { }</style><span>not</span><span>good</span>";
  expect(wholeText(host)).toBe("not good");
});
