/** Frames of one tag as the cursor moves: it draws from what is in memory, and what it rests on is fetched, with some over the whole run. */
import type { ReactiveControllerHost } from "lit";
import { peekFrame, stepsInMemory } from "../api";
import { load } from "../loading";
import { drawnReference } from "../references";
import { focusRun, type RunEntry, type State, store } from "../state";
import { findTag, stepsOf } from "../tags";
import { filmSteps } from "../views/samples_film";

/** What frames follow, and what is drawn of them. */
export const FOLLOWED = [
  "epoch",
  "resting",
  "against",
  "focus",
  "groups",
  "manifests",
  "dark",
  "visible",
  "revision",
] as const satisfies readonly (keyof State)[];

/** A frame with where it is from. */
export interface Moment<T> {
  run: RunEntry;
  step: number;
  frame: T;
}

type Get<T> = (run: string, tag: string, step: number, signal?: AbortSignal) => Promise<T>;

/** Frames over the whole run that are kept at hand. */
const AT_HAND = 60;
const AT_ONCE = 4;

/** The step whose frame stands for `epoch`: the last before it, or the first of all where none is. */
export const standsFor = (steps: readonly number[], epoch: number): number | undefined =>
  steps.findLast((step) => step <= epoch) ?? steps[0];

export class LiveFrames<T> {
  private rested;
  private spread;

  /**
   * @param names  of the tag, beside its kind
   * @param get    how its frames are asked for
   */
  constructor(
    host: ReactiveControllerHost,
    readonly kind: string,
    readonly names: readonly string[],
    private get: Get<T>,
  ) {
    this.rested = load(
      host,
      () => {
        const { state } = store;
        const epoch = state.resting ?? state.epoch;
        const [run, at] = [focusRun(state), drawnReference({ ...state, epoch })];
        const tag = run && this.tagOf(run);
        if (!run || !tag || epoch === null) return null;
        return [run, tag, standsFor(stepsOf(run, tag), epoch), at?.run, at?.step, state.revision] as const;
      },
      async ([run, , step, other, at], signal) => {
        const one = (of: RunEntry | undefined, wanted: number | undefined) => this.fetch(of, wanted, signal);
        // What cannot be had of the reference is left out; what is drawn must be told.
        await Promise.all([one(run, step), one(other, at).catch(() => undefined)]);
        return run.run;
      },
    );
    this.spread = load(
      host,
      () => {
        const run = focusRun(store.state);
        return run && this.tagOf(run) ? ([run, this.rested.value, store.state.revision] as const) : null;
      },
      async ([run, rested], signal) => {
        if (rested !== run.run) return null;
        const steps = this.stepsAtHand(run);
        for (let first = 0; first < steps.length; first += AT_ONCE) {
          signal.throwIfAborted();
          await Promise.allSettled(steps.slice(first, first + AT_ONCE).map((step) => this.fetch(run, step, signal)));
        }
        return run.run;
      },
    );
  }

  /** The steps over the whole run whose frames are fetched once the cursor rests. */
  stepsAtHand(run: RunEntry): number[] {
    return filmSteps(stepsOf(run, this.tagOf(run)), [], AT_HAND);
  }

  tagOf(run: RunEntry): string | undefined {
    return findTag(run, this.kind, ...this.names);
  }

  private async fetch(run: RunEntry | undefined, epoch: number | undefined, signal: AbortSignal): Promise<void> {
    const tag = run && this.tagOf(run);
    const step = tag && epoch !== undefined ? standsFor(stepsOf(run, tag), epoch) : undefined;
    if (tag && step !== undefined) await this.get(run.run, tag, step, signal);
  }

  /** All that is in memory of a run, by step. */
  inMemory(run: RunEntry): Moment<T>[] {
    const tag = this.tagOf(run);
    if (!tag) return [];
    return stepsInMemory(run.run, tag, stepsOf(run, tag)).flatMap((step) => {
      const frame = peekFrame<T>(run.run, tag, step);
      return frame ? [{ run, step, frame }] : [];
    });
  }

  /** The frame that stands for an epoch, or the nearest before it that is in memory. */
  at(run: RunEntry | undefined, epoch: number | null): Moment<T> | undefined {
    const tag = run && this.tagOf(run);
    if (!tag || epoch === null) return undefined;
    const step = standsFor(stepsInMemory(run.run, tag, stepsOf(run, tag)), epoch);
    const frame = step === undefined ? undefined : peekFrame<T>(run.run, tag, step);
    return step === undefined || !frame ? undefined : { run, step, frame };
  }

  now(state: State): Moment<T> | undefined {
    return this.at(focusRun(state), state.epoch);
  }

  reference(state: State): Moment<T> | undefined {
    const place = drawnReference(state);
    return place ? this.at(place.run, place.step) : undefined;
  }

  /** Whether frames over the whole run are still on their way. */
  get loading(): boolean {
    return !this.error && this.spread.value !== focusRun(store.state)?.run;
  }

  get error(): unknown {
    return this.rested.error;
  }

  tryAgain(): void {
    void this.rested.run();
  }
}
