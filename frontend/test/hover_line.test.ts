import { afterEach, describe, expect, test } from "vitest";
import "../src/elements/hover_line";
import { store } from "../src/state";

afterEach(() => {
  document.body.replaceChildren();
  store.set({ hover: null, epoch: null });
});

async function lineAt(hover: number | null) {
  const element = Object.assign(document.createElement("explain-hover-line"), { range: { first: -1.5, last: 8.5 } });
  document.body.append(element);
  store.set({ hover });
  await element.updateComplete;
  return element.renderRoot.querySelector("i");
}

describe("the step under the pointer", () => {
  test("is a line in every picture of epochs", async () => {
    expect((await lineAt(1))?.style.left).toBe("25%");
  });

  test("is not drawn twice where the cursor stands, nor without a pointer", async () => {
    expect(await lineAt(null)).toBeNull();
    store.set({ epoch: 4 });
    expect(await lineAt(4)).toBeNull();
    expect((await lineAt(5))?.style.left).toBe("65%");
  });
});
