/** What the probe's samples look like, asked for once a run. */
import type { ReactiveControllerHost } from "lit";
import type { Inputs } from "../api";
import { load } from "../loading";
import { described, type RunEntry, store } from "../state";
import { loadInputs } from "../views/samples_data";

export class ProbeInputs {
  private inputs;

  constructor(host: ReactiveControllerHost) {
    this.inputs = load(
      host,
      () => {
        const of = described(store.state);
        return of && ([of.run] as const);
      },
      async ([run], signal) => ({ run: run.run, inputs: await loadInputs(run, signal) }),
    );
  }

  /** Undefined while they are not there, and where they were not logged. */
  inputsOf(run: RunEntry): Inputs | undefined {
    return this.inputs.value?.run === run.run ? this.inputs.value.inputs : undefined;
  }
}
