import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { changeSpeed, restoreSpeed, SPEEDS, setSpeed, togglePlaying } from "../src/shell/playing";
import { Store, setEpoch, store } from "../src/state";
import { group, log } from "./log";

const EPOCHS = 40;
const TICK = 1000 / 60;
let asked: FrameRequestCallback | undefined;
let time = 0;

/** Let the display show a frame, so many ms after the one before. */
function frame(after = TICK): void {
  const call = asked;
  asked = undefined;
  time += after;
  call?.(time);
}

/** The steps that so many frames show. */
function shownIn(frames: number, after = TICK): (number | null)[] {
  const seen = [store.state.epoch];
  for (let i = 0; i < frames; i++) {
    frame(after);
    if (store.state.epoch !== seen.at(-1)) seen.push(store.state.epoch);
  }
  return seen;
}

const stepsFrom = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

beforeEach(() => {
  localStorage.clear();
  [asked, time] = [undefined, 1000];
  vi.stubGlobal("requestAnimationFrame", (call: FrameRequestCallback) => {
    asked = call;
    return 1;
  });
  vi.stubGlobal("cancelAnimationFrame", () => {
    asked = undefined;
  });
  store.state = { ...new Store().state, groups: log(group("a", stepsFrom(-1, EPOCHS + 1))), epoch: -1 };
});
afterEach(() => {
  store.set({ playing: false });
  vi.unstubAllGlobals();
});

describe("playing", () => {
  test.each(SPEEDS)("shows %i steps a second", (speed) => {
    setSpeed(speed);
    togglePlaying();
    frame(); // starts the clock
    const seconds = Math.min(3, (EPOCHS - 1) / speed);
    expect(shownIn(Math.round(seconds * 60))).toHaveLength(1 + Math.floor(seconds * speed));
  });

  test("leaves no step out, and makes up for late frames", () => {
    setSpeed(30);
    togglePlaying();
    frame();
    expect(shownIn(6)).toEqual([-1, 0, 1, 2]);
    frame(80); // two steps late
    expect(shownIn(3)).toEqual([3, 4, 5, 6]);
    expect(shownIn(6)).toEqual([6, 7, 8, 9]);
  });

  test("does not rush after a stall", () => {
    setSpeed(30);
    togglePlaying();
    frame();
    frame(60_000);
    expect(shownIn(60).length).toBeLessThan(30 + 6);
  });

  test("stops at the end, and starts over from there", () => {
    setSpeed(30);
    store.set({ epoch: EPOCHS - 3 });
    togglePlaying();
    shownIn(10);
    expect([store.state.epoch, store.state.playing]).toEqual([EPOCHS - 1, false]);
    expect(asked).toBe(undefined);
    togglePlaying();
    expect([store.state.epoch, store.state.playing]).toEqual([-1, true]);
  });

  test.each([
    ["a seek", () => setEpoch(20)],
    ["Back", () => store.set({ epoch: 20 })],
    ["hiding the tab", () => store.set({ visible: false })],
    ["asking it to", () => togglePlaying()],
  ])("stops by %s", (_, stop) => {
    togglePlaying();
    shownIn(20);
    stop();
    expect(store.state.playing).toBe(false);
    const { epoch } = store.state;
    expect(shownIn(30)).toEqual([epoch]);
  });

  test("goes on into epochs that come meanwhile", () => {
    setSpeed(30);
    store.set({ epoch: EPOCHS - 3 });
    togglePlaying();
    shownIn(4);
    store.set({ groups: log(group("a", stepsFrom(-1, EPOCHS + 3))) });
    shownIn(30);
    expect([store.state.epoch, store.state.playing]).toEqual([EPOCHS + 1, false]);
  });

  test("takes another speed at once", () => {
    setSpeed(1);
    togglePlaying();
    shownIn(10);
    setSpeed(30);
    frame();
    expect(shownIn(20)).toHaveLength(11);
  });

  test("needs two steps", () => {
    store.set({ groups: log(group("a", [-1])) });
    togglePlaying();
    expect(store.state.playing).toBe(false);
  });
});

test("speeds go up and down by one, stop at both ends, and are kept", () => {
  changeSpeed(1);
  expect(store.state.speed).toBe(15);
  for (let i = 0; i < 9; i++) changeSpeed(1);
  expect(store.state.speed).toBe(30);
  for (let i = 0; i < 9; i++) changeSpeed(-1);
  expect(store.state.speed).toBe(1);
  store.state = new Store().state;
  restoreSpeed();
  expect(store.state.speed).toBe(1);
});

test("a speed that is none is not taken from an earlier visit", () => {
  localStorage.setItem("explain.speed", "1e9");
  restoreSpeed();
  expect(store.state.speed).toBe(8);
});
