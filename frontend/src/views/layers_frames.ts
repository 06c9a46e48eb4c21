/**
 * A tag's frames at the cursor and at the reference. They are logged at each so many steps: what was known at a step is the frame
 * at or before it. While the cursor moves what is in memory is drawn; what is not is fetched where it rests.
 */
import type { ReactiveControllerHost } from "lit";
import { peekFrame } from "../api";
import { load } from "../loading";
import { memo } from "../memo";
import { drawnReference, type Place } from "../references";
import { atOrBefore, focusRun, type RunEntry, type State, store } from "../state";
import { findTag, stepsOf } from "../tags";

/** A frame, and where it is from. */
export interface Held<T> extends Place {
  tag: string;
  frame: T;
}

/** Kind and names of a tag; null for none. */
export type Wanted = readonly [kind: string, ...names: string[]] | null;

type Read<T> = (run: string, tag: string, step: number, signal?: AbortSignal) => Promise<T>;

interface At extends Place {
  tag: string;
}

/** Where a tag's frame is that was known at a step of a run; undefined where the run has none yet. */
export function frameAt(run: RunEntry, wanted: Wanted, step: number): At | undefined {
  const tag = wanted && findTag(run, ...wanted);
  const known = tag ? atOrBefore(stepsOf(run, tag), step) : undefined;
  return tag && known !== undefined ? { run, tag, step: known } : undefined;
}

const now = (state: State, wanted: Wanted, epoch: number | null): At | undefined => {
  const run = focusRun(state);
  return run && epoch !== null ? frameAt(run, wanted, epoch) : undefined;
};

/** None where it is the frame that is drawn as now. */
function before(state: State, wanted: Wanted, epoch: number | null): At | undefined {
  const place = drawnReference({ ...state, epoch });
  const at = place ? frameAt(place.run, wanted, place.step) : undefined;
  const own = now(state, wanted, epoch);
  return at && own && isSame(at, own) ? undefined : at;
}

const isSame = (a: At, b: At): boolean => a.run.run === b.run.run && a.tag === b.tag && a.step === b.step;

/** Those that the cursor comes to next. What cannot be read is told where it is looked at. */
function fetchNeighbours<T>({ run, tag, step }: At, read: Read<T>): void {
  const steps = stepsOf(run, tag);
  const at = steps.indexOf(step);
  for (const next of [steps[at + 1], steps[at - 1]]) {
    if (next !== undefined) read(run.run, tag, next).catch(() => undefined);
  }
}

export interface CursorFrames<T> {
  /** Undefined while it is on its way, and where there is none. */
  readonly now: Held<T> | undefined;
  readonly reference: Held<T> | undefined;
  readonly error: unknown;
  /** Whether the run has the tag, but none of its frames at or before the cursor. */
  readonly early: boolean;
  again(): void;
}

/** @param wanted  asked anew each time; null asks for nothing */
export function cursorFrames<T>(host: ReactiveControllerHost, wanted: () => Wanted, read: Read<T>): CursorFrames<T> {
  const task = (find: typeof now) =>
    load(
      host,
      () => {
        const { state } = store;
        const at = find(state, wanted(), state.resting ?? state.epoch);
        return at ? ([at.run, at.tag, at.step] as const) : null;
      },
      async ([run, tag, step], signal): Promise<Held<T>> => {
        const frame = await read(run.run, tag, step, signal);
        fetchNeighbours({ run, tag, step }, read);
        return { run, tag, step, frame };
      },
    );
  const tasks = [task(now), task(before)];
  /** The same objects for as long as they mean the same: what is given them is not drawn again. */
  const steady = tasks.map(() =>
    memo((run: RunEntry, tag: string, step: number, frame: T) => ({ run, tag, step, frame })),
  );
  const live = (find: typeof now, index: number): Held<T> | undefined => {
    const at = find(store.state, wanted(), store.state.epoch);
    if (!at) return undefined;
    const held = tasks[index].value;
    const frame = peekFrame<T>(at.run.run, at.tag, at.step);
    if (frame) return steady[index](at.run, at.tag, at.step, frame);
    // Another run's or layer's picture is never drawn as this one's.
    return held && held.run.run === at.run.run && held.tag === at.tag ? held : undefined;
  };
  return {
    get now() {
      return live(now, 0);
    },
    get reference() {
      return live(before, 1);
    },
    get error() {
      return tasks[0].error ?? tasks[1].error;
    },
    get early() {
      const [run, asked] = [focusRun(store.state), wanted()];
      const tag = run && asked && findTag(run, ...asked);
      return Boolean(run && tag && !now(store.state, asked, store.state.epoch) && stepsOf(run, tag).length);
    },
    again() {
      for (const one of tasks) if (one.error) void one.run();
    },
  };
}

/** "computed each 5th step" where a tag's steps are so many of the cursor's apart; "computed at some steps" where that varies; "" at each. */
export function paceText(all: readonly number[], own: readonly number[]): string {
  const places = own.map((step) => all.indexOf(step)).filter((place) => place >= 0);
  const gaps = places.slice(1).map((place, i) => place - places[i]);
  const [gap] = gaps;
  if (gap === undefined || gaps.every((one) => one === 1)) return "";
  // The last step always has one, however near.
  return gaps.slice(0, -1).every((one) => one === gap)
    ? `computed each ${ordinal(gap)} step`
    : "computed at some steps";
}

const ENDINGS = ["th", "st", "nd", "rd"];
const ordinal = (count: number): string => {
  const teens = count % 100 >= 11 && count % 100 <= 13;
  return `${count}${teens ? "th" : (ENDINGS[count % 10] ?? "th")}`;
};
