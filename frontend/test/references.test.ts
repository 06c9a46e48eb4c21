import { afterEach, beforeEach, expect, test, vi } from "vitest";
import "../src/shell/reference_picker";
import { referenceSections } from "../src/shell/reference_picker";
import { focusRun, type RunEntry, Store, store } from "../src/state";
import { group, log } from "./log";

beforeEach(() => {
  store.state = {
    ...new Store().state,
    groups: log(
      group("a", [-1, 0, 5], { tags: { ...metrics, ...group("a", []).runs[0].tags } }),
      group("b", [-1, 0, 5]),
      group("c", [-1], { probe: "p2" }),
    ),
    epoch: 5,
  };
});
afterEach(() => document.body.replaceChildren());

const metrics = {
  "metric/val_accuracy": { kind: "series", steps: 1 },
  "metric/learning_rate": { kind: "series", steps: 1 },
  "metric/explain_share_shift": { kind: "series", steps: 1 },
} as const;

const sections = () =>
  Object.fromEntries(
    referenceSections(store.state, focusRun(store.state) as RunEntry).map(({ title, choices }) => [
      title,
      choices.map(({ id }) => id),
    ]),
  );

test("the run's own steps, its best epochs and the runs with the same probe are offered", () => {
  expect(sections()).toEqual({
    "Of this run": ["start", "previous", "trailing:5", "last", "here"],
    "Its best epoch by": ["best:val_accuracy", "best:loss"],
    "Another run, same epoch": ["run:b/explain"],
  });
});

test("what a link names is offered, even if it is none of these", () => {
  store.set({ against: "trailing:3" });
  expect(sections()["From a link"]).toEqual(["trailing:3"]);
  store.set({ against: "step:0" });
  expect(sections()["Of this run"]).toContain("step:0");
});

test("a choice is the reference, and this step stays where it was chosen", async () => {
  const picker = document.createElement("explain-reference-picker") as HTMLElement & {
    updateComplete: Promise<unknown>;
  };
  document.body.append(picker);
  await picker.updateComplete;
  const select = picker.shadowRoot?.querySelector("select") as HTMLSelectElement;
  const choose = (value: string) => {
    vi.spyOn(select, "value", "get").mockReturnValue(value);
    select.dispatchEvent(new Event("change"));
  };
  choose("run:b/explain");
  expect(store.state.against).toBe("run:b/explain");
  choose("here");
  expect(store.state.against).toBe("step:5");
});
