/** What Samples asks of the server for the step where the cursor rests, and what it fetches ahead. */
import { TaskStatus } from "@lit/task";
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { type Comparison, type Inputs, stepsInMemory } from "../api";
import { load } from "../loading";
import { memo } from "../memo";
import type { Place } from "../references";
import { explained, focusManifest, type RunEntry, store } from "../state";
import { stepsOf } from "../tags";
import { fetchAhead, stepsAhead } from "./samples_ahead";
import {
  type About,
  about,
  answerFor,
  type Frames,
  frameBytes,
  loadComparison,
  loadFrames,
  loadInputs,
  loadVerdicts,
  type Subject,
  type Verdicts,
} from "./samples_data";
import { comparedPlace } from "./samples_live";

export class SampleAnswers implements ReactiveController {
  /** Undefined where the focus run lacks the method. */
  subject: (Subject & { revision: number }) | undefined;
  /** Drawn, and said to be drawn, while the next are on their way or cannot be read. */
  private lastFrames: About<Frames> | undefined;
  private ahead: ReturnType<typeof fetchAhead>;

  private inputsTask;
  private framesTask;
  private verdictsTask;
  private comparisonTask;

  /** @param compares  whether the server is asked for figures of each sample's drift */
  constructor(host: ReactiveControllerHost, { compares = true } = {}) {
    host.addController(this);
    this.ahead = fetchAhead(() => host.requestUpdate());
    this.inputsTask = load(
      host,
      () => (this.subject ? ([this.subject] as const) : null),
      ([subject], signal) => about(subject, loadInputs(subject.run, signal)),
    );
    const key = () => this.key();
    this.framesTask = load(host, key, ([subject, step, , run, at], signal) =>
      about(subject, loadFrames(subject, step, placeOrNull(run, at), signal)),
    );
    this.verdictsTask = load(host, key, ([subject, step, , run, at], signal) =>
      about(subject, loadVerdicts(subject.run, step, placeOrNull(run, at), signal)),
    );
    const compared = () => (compares ? key() : null);
    this.comparisonTask = load(host, compared, ([subject, step, against, run, at], signal) =>
      about(subject, loadComparison(subject, step, placeOrNull(run, at), against, signal)),
    );
  }

  hostDisconnected(): void {
    if (this.subject) this.ahead(this.subject.run, this.subject.tag, []);
  }

  /** To be called before anything is drawn. Requests are keyed by the subject itself, so it stays the same object as long as it means the same. */
  follow(): void {
    const { state } = store;
    const [of, manifest] = [explained(state), focusManifest(state)];
    const subject = of && manifest ? { ...of, manifest, revision: state.revision } : undefined;
    const same =
      subject?.run.run === this.subject?.run.run &&
      subject?.tag === this.subject?.tag &&
      subject?.manifest === this.subject?.manifest &&
      subject?.revision === this.subject?.revision;
    if (!same) this.subject = subject;
    if (this.framesTask.value) this.lastFrames = this.framesTask.value;
  }

  private key() {
    const { state } = store;
    const epoch = state.resting ?? state.epoch;
    if (!this.subject || epoch === null) return null;
    const compared = comparedPlace({ ...state, epoch });
    return [this.subject, epoch, state.against, compared?.run, compared?.step] as const;
  }

  get inputs(): Inputs | undefined {
    return this.subject && answerFor(this.subject, this.inputsTask.value);
  }

  get frames(): Frames | undefined {
    return this.subject && answerFor(this.subject, this.lastFrames);
  }

  get verdicts(): Verdicts | undefined {
    return this.subject && answerFor(this.subject, this.verdictsTask.value);
  }

  get comparison(): Comparison | undefined {
    return this.subject && answerFor(this.subject, this.comparisonTask.value);
  }

  /** Whether all figures of the step where the cursor rests are there, or cannot be had. */
  get settled(): boolean {
    return [this.framesTask, this.verdictsTask, this.comparisonTask].every(
      ({ status }) => status === TaskStatus.COMPLETE || status === TaskStatus.ERROR,
    );
  }

  get frameFailed(): boolean {
    return this.framesTask.error !== undefined;
  }

  get failed() {
    return [this.framesTask, this.inputsTask, this.verdictsTask, this.comparisonTask].filter(({ error }) => error);
  }

  tryAgain(): void {
    for (const task of this.failed) void task.run();
  }

  /** Have the frames in memory that the cursor is likely to come to. */
  fetchNear(): void {
    const { playing, epoch } = store.state;
    const { subject, frames } = this;
    const at = playing ? epoch : frames?.step;
    if (subject && frames && at !== null && at !== undefined) this.fetchAround(subject, at, playing, frames);
  }

  private fetchAround = memo(({ run, tag }: Subject, step: number, playing: boolean, { now }: Frames) => {
    const steps = stepsOf(run, tag);
    const known = new Set(stepsInMemory(run.run, tag, steps));
    const wanted = stepsAhead(steps, step, frameBytes(now), playing).filter((other) => !known.has(other));
    this.ahead(run, tag, wanted);
  });
}

/** A place as the parts that requests are keyed by. */
const placeOrNull = (run: RunEntry | undefined, step: number | undefined): Place | null =>
  run && step !== undefined ? { run, step } : null;
