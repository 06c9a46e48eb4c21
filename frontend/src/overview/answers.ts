/** One question to several runs: what each answered, or why it did not. One run's error hides no other's answer. */
import type { ReactiveControllerHost } from "lit";
import { load } from "../loading";
import type { RunEntry } from "../state";

export interface Answer<T> {
  run: RunEntry;
  value?: T;
  error?: unknown;
}

export type Answers<T> = readonly Answer<T>[];

/** Of how many runs that were asked there are answers. */
export interface Progress {
  answered: number;
  asked: number;
}

/** What has come is told so often, in ms: each time, charts are drawn again. */
const TELL_EVERY = 250;

const byIndex = <T>(answers: Answers<T>): Answers<T> => [...answers].sort((a, b) => a.run.index - b.run.index);

/**
 * Ask the first run, then all others: of several questions about many runs, those about the first are answered first. The answers are in the
 * order of colours.
 *
 * @param ask   undefined for a run that has nothing of the kind, which is then left out
 * @param tell  of many runs, or slow ones: what has come so far, once the first has answered
 */
export async function askRuns<T>(
  [first, ...others]: readonly RunEntry[],
  signal: AbortSignal,
  ask: (run: RunEntry) => Promise<T> | undefined,
  tell: (some: Answers<T>, progress: Progress) => void = () => undefined,
): Promise<Answers<T>> {
  const answers: Answer<T>[] = [];
  let asked = 0;
  const answerOf = async (run: RunEntry): Promise<void> => {
    const answer = ask(run);
    if (!answer) return;
    asked += 1;
    await answer.then(
      (value) => answers.push({ run, value }),
      (error) => answers.push({ run, error }),
    );
  };
  if (first) await answerOf(first);
  signal.throwIfAborted();
  let told = 0;
  const timer = setInterval(() => {
    if (answers.length === told || signal.aborted) return;
    told = answers.length;
    tell(byIndex(answers), { answered: told, asked });
  }, TELL_EVERY);
  await Promise.all(others.map(answerOf));
  clearInterval(timer);
  signal.throwIfAborted();
  return byIndex(answers);
}

/** The error to show where nothing else can be shown. */
export const failureOf = (answers: Answers<unknown>): unknown =>
  answers.length && answers.every(({ error }) => error !== undefined) ? answers[0].error : undefined;

/** A question to several runs as an element asks it. */
export interface RunsTask<T> {
  /** The last answers, or those of them that have come. */
  readonly value: Answers<T> | undefined;
  readonly error: unknown;
  /** Undefined once all have answered. */
  readonly progress: Progress | undefined;
  run(): void;
}

/** Ask again when `key` changes (as `load` does), and draw what is there meanwhile. */
export function loadRuns<T, const K extends readonly unknown[]>(
  host: ReactiveControllerHost,
  key: () => K | null,
  runs: () => readonly RunEntry[],
  ask: (run: RunEntry, signal: AbortSignal) => Promise<T> | undefined,
): RunsTask<T> {
  let some: { value: Answers<T>; progress?: Progress } | undefined;
  const task = load(host, key, async (_, signal) => {
    if (some) some = { value: some.value }; // of a question that was given up
    const answers = await askRuns(
      runs(),
      signal,
      (run) => ask(run, signal),
      (value, progress) => {
        some = { value, progress };
        host.requestUpdate();
      },
    );
    some = undefined;
    return answers;
  });
  return {
    get value() {
      return some?.value ?? task.value;
    },
    get error() {
      return task.error;
    },
    get progress() {
      return some?.progress;
    },
    run: () => void task.run(),
  };
}
