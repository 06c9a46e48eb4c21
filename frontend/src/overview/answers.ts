/** One question to several runs: what each answered, or why it did not. One run's error hides no other's answer. */
import type { RunEntry } from "../state";

export interface Answer<T> {
  run: RunEntry;
  value?: T;
  error?: unknown;
}

export type Answers<T> = readonly Answer<T>[];

/** Ask every run; `ask` says undefined for a run that has nothing of the kind, which is then left out. */
export async function askRuns<T>(
  runs: readonly RunEntry[],
  signal: AbortSignal,
  ask: (run: RunEntry) => Promise<T> | undefined,
): Promise<Answers<T>> {
  const asked = runs.flatMap((run) => {
    const answer = ask(run);
    return answer ? [{ run, answer }] : [];
  });
  const settled = await Promise.allSettled(asked.map(({ answer }) => answer));
  signal.throwIfAborted();
  return settled.map((result, i) =>
    result.status === "fulfilled"
      ? { run: asked[i].run, value: result.value }
      : { run: asked[i].run, error: result.reason },
  );
}

/** The error to show where nothing else can be shown. */
export const failureOf = (answers: Answers<unknown>): unknown =>
  answers.length && answers.every(({ error }) => error !== undefined) ? answers[0].error : undefined;
