/** What the embedding asks of the server, and which of its steps are drawn. */
import type { ReactiveControllerHost } from "lit";
import { getEmbeddings, getPredictions, getProjectorRuns, type Manifest, type Predictions } from "../api";
import { load } from "../loading";
import { referenceStep } from "../references";
import { described, type RunEntry, store } from "../state";
import { findTag } from "../tags";
import type { Embeddings } from "./frames";
import { LiveFrames, standsFor } from "./live_frames";
import { ProbeInputs } from "./probe_inputs";

/** An embedding at the cursor's step. */
export interface Drawn {
  run: RunEntry;
  manifest: Manifest;
  all: Embeddings;
  /** Which of its steps. */
  at: number;
  /** Which is the reference; −1 for none. */
  from: number;
}

export class EmbeddingAnswers extends ProbeInputs {
  private predictions;
  private answer;
  private handedOver;

  constructor(host: ReactiveControllerHost) {
    super(host);
    this.predictions = new LiveFrames(host, "predictions", [], getPredictions);
    this.answer = load(
      host,
      () => {
        const of = described(store.state);
        return of && findTag(of.run, "embedding") ? ([of.run, store.state.revision] as const) : null;
      },
      async ([run], signal) => ({ run: run.run, all: await getEmbeddings(run.run, signal) }),
    );
    this.handedOver = load(
      host,
      () => [store.state.revision] as const,
      (_, signal) => getProjectorRuns(signal),
    );
  }

  get error(): unknown {
    return this.answer.error;
  }

  tryAgain(): void {
    void this.answer.run();
  }

  get drawn(): Drawn | undefined {
    const { state } = store;
    const [of, held] = [described(state), this.answer.value];
    if (!of || held?.run !== of.run.run || state.epoch === null) return undefined;
    const { steps } = held.all;
    const [step, reference] = [standsFor(steps, state.epoch), referenceStep(state)];
    if (step === undefined) return undefined;
    const from = reference === null ? -1 : steps.indexOf(standsFor(steps, reference) ?? Number.NaN);
    return { ...of, all: held.all, at: steps.indexOf(step), from };
  }

  predictionsAt(run: RunEntry, step: number): Predictions | undefined {
    return this.predictions.at(run, step)?.frame;
  }

  /** Whether TensorBoard's Projector has been given the run's activations. */
  isHandedOver(run: RunEntry): boolean {
    return this.handedOver.value?.includes(run.run) ?? false;
  }
}
