import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { keepAddress, readAddress, writeAddress } from "../src/address";
import { Store } from "../src/state";
import { group, log } from "./log";

const fresh = new Store().state;

describe("the address", () => {
  test("holds everything that is chosen, and gives it back", () => {
    const chosen = {
      view: "samples",
      epoch: -1,
      against: "step:19",
      shown: new Set(["a/explain", "b, c&d=e/explain"]),
      focus: "b, c&d=e/explain",
      method: "integrated_gradients",
      sample: 7,
      feature: "<b>mean radius</b>",
      layer: "block/conv 1",
      histogram: "gradient",
      picture: "map",
      sort: "drift",
      filter: "class=3,flipped",
      runFilter: "^cnn-(a|b)",
      more: "order,trust",
      smoothing: 0.6,
      scales: "linear:Loss,log:Share shift",
      zoom: [-0.5, 12] as const,
    };
    const hash = writeAddress("#explain", { ...fresh, ...chosen });
    expect(readAddress(hash)).toEqual(chosen);
    expect(hash).toMatchInlineSnapshot(
      `"#explain&p.explain.view=samples&p.explain.focus=b%2C%20c%26d%3De%2Fexplain&p.explain.method=integrated_gradients&p.explain.feature=%3Cb%3Emean%20radius%3C%2Fb%3E&p.explain.layer=block%2Fconv%201&p.explain.histogram=gradient&p.explain.picture=map&p.explain.sort=drift&p.explain.filter=class%3D3%2Cflipped&p.explain.runfilter=%5Ecnn-(a%7Cb)&p.explain.more=order%2Ctrust&p.explain.scales=linear%3ALoss%2Clog%3AShare%20shift&p.explain.epoch=-1&p.explain.sample=7&p.explain.smooth=0.6&p.explain.zoom=-0.5..12&p.explain.ref=19&p.explain.runs=a%252Fexplain%2Cb%252C%2520c%2526d%253De%252Fexplain"`,
    );
  });

  test("says nothing of what is as in a fresh tab", () => {
    expect(writeAddress("#explain", fresh)).toBe("#explain");
    expect(readAddress("#explain")).toMatchObject({ view: "overview", epoch: null, against: "start", shown: null });
  });

  test("leaves what is TensorBoard's as it is", () => {
    const hash = writeAddress("#explain&darkMode=true&p.explain.epoch=3&p.other.epoch=9", { ...fresh, epoch: 4 });
    expect(hash).toBe("#explain&darkMode=true&p.other.epoch=9&p.explain.epoch=4");
  });

  test("is read where it is spelled wrong", () => {
    const chosen = readAddress(
      "#explain&p.explain.epoch=12x&p.explain.ref=best&p.explain.sample=&p.explain.feature=%E0%A4%A",
    );
    expect(chosen).toMatchObject({ epoch: null, against: "start", sample: null, feature: "%E0%A4%A" });
  });

  test.each([
    ["smooth=2&p.explain.zoom=9..3", 0, null],
    ["smooth=.9995&p.explain.zoom=3", 0.999, null],
    ["smooth=-0.5&p.explain.zoom=a..b", 0, null],
    ["smooth=0.25&p.explain.zoom=-1..0.5", 0.25, [-1, 0.5]],
  ])("reads how curves are shown from %s, and as they are where that is no setting", (part, smoothing, zoom) => {
    expect(readAddress(`#explain&p.explain.${part}`)).toMatchObject({ smoothing, zoom });
  });

  test("can ask for the step before as the reference, and for no other run", () => {
    expect(readAddress("#explain&p.explain.ref=previous&p.explain.runs=")).toMatchObject({
      against: "previous",
      shown: new Set(),
    });
  });
});

describe("the reference in the address", () => {
  test.each(["previous", "trailing:5", "last", "best:val_loss", "run:b, c&d=e/explain@12", "step:19", "step:-1"])(
    "%s comes back",
    (against) => {
      expect(readAddress(writeAddress("#explain", { ...fresh, against })).against).toBe(against);
    },
  );

  test("of old links, a bare number, is a step", () => {
    expect(readAddress("#explain&p.explain.ref=19").against).toBe("step:19");
  });
});

describe("keeping the address", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    history.replaceState(null, "", "#explain&p.explain.view=layers");
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  test("reads it once, then writes what is chosen: a click at once, dragging a little later", () => {
    const store = new Store();
    keepAddress(store);
    expect(store.state.view).toBe("layers");
    const pushed = vi.spyOn(history, "pushState");
    const replaced = vi.spyOn(history, "replaceState");
    store.set({ sample: 3 }, { push: true });
    expect(pushed).toHaveBeenCalledTimes(1);
    expect(location.hash).toBe("#explain&p.explain.view=layers&p.explain.sample=3");
    for (const sample of [4, 5, 6]) store.set({ sample });
    vi.advanceTimersByTime(250);
    expect(replaced).toHaveBeenCalledTimes(1);
    expect(location.hash).toContain("sample=6");
  });

  test("writes nothing while something is dragged", () => {
    const store = new Store();
    keepAddress(store);
    const replaced = vi.spyOn(history, "replaceState");
    for (let sample = 0; sample < 300; sample++) {
      store.set({ sample });
      vi.advanceTimersByTime(16);
    }
    expect(replaced).not.toHaveBeenCalled();
    vi.advanceTimersByTime(250);
    expect(replaced).toHaveBeenCalledTimes(1);
    expect(location.hash).toContain("sample=299");
  });

  test("leaves the entry that a click comes after as it was last shown", () => {
    const store = new Store();
    keepAddress(store);
    const entries: string[] = [];
    vi.spyOn(history, "replaceState").mockImplementation((_data, _title, url) => void entries.push(`replace ${url}`));
    vi.spyOn(history, "pushState").mockImplementation((_data, _title, url) => void entries.push(`push ${url}`));
    store.set({ sample: 4 });
    store.set({ view: "samples" }, { push: true });
    expect(entries).toEqual([
      "replace #explain&p.explain.view=layers&p.explain.sample=4",
      "push #explain&p.explain.view=samples&p.explain.sample=4",
    ]);
  });

  test("keeps an epoch that is not there yet, and leaves out the last, which is followed", () => {
    const store = new Store();
    keepAddress(store);
    store.set({ groups: log(group("a", [-1, 0, 5])), epoch: 5, asked: 80 });
    vi.advanceTimersByTime(250);
    expect(location.hash).toContain("epoch=80");
    store.set({ epoch: 0, asked: null });
    vi.advanceTimersByTime(250);
    expect(location.hash).toContain("epoch=0");
    store.set({ epoch: 5 });
    vi.advanceTimersByTime(250);
    expect(location.hash).not.toContain("epoch");
  });

  test("follows Back to an epoch of the run, and stops playing", () => {
    const store = new Store();
    keepAddress(store);
    store.set({ groups: log(group("a", [-1, 0, 5])), epoch: 5, playing: true });
    history.replaceState(null, "", "#explain&p.explain.epoch=0");
    dispatchEvent(new PopStateEvent("popstate"));
    expect(store.state).toMatchObject({ view: "overview", epoch: 0, playing: false });
  });

  test("leaves another tab's alone", () => {
    const store = new Store();
    keepAddress(store);
    history.replaceState(null, "", "#scalars");
    store.set({ sample: 9 }, { push: true });
    dispatchEvent(new PopStateEvent("popstate"));
    expect(location.hash).toBe("#scalars");
    expect(store.state).toMatchObject({ view: "layers", sample: 9 });
  });

  test("follows Back", () => {
    const store = new Store();
    keepAddress(store);
    history.replaceState(null, "", "#explain&p.explain.view=samples&p.explain.sample=2");
    dispatchEvent(new PopStateEvent("popstate"));
    expect(store.state).toMatchObject({ view: "samples", sample: 2 });
  });
});
