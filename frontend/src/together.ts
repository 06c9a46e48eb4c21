/** One request for what is asked at once: elements ask for single series, each for its own. */

/** Answers to several tags of a run: the function gives a tag's, or throws what is wrong with it. */
export type AskTogether<T> = (run: string, tags: readonly string[], signal: AbortSignal) => Promise<(tag: string) => T>;

interface Question<T> {
  run: string;
  tag: string;
  signal: AbortSignal;
  resolve(answer: T): void;
  reject(error: unknown): void;
}

/** Servers and proxies take addresses of 8 kB; so much of them may be tags. */
const LONGEST = 6000;

/** A request is aborted when all of its questions are; a question that is aborted before is not sent. */
export function together<T>(ask: AskTogether<T>): (run: string, tag: string, signal: AbortSignal) => Promise<T> {
  let waiting: Question<T>[] = [];
  const send = () => {
    const asked = waiting.filter(({ signal }) => !signal.aborted);
    waiting = [];
    for (const some of requests(asked)) void answer(ask, some);
  };
  return (run, tag, signal) =>
    new Promise((resolve, reject) => {
      // After the siblings of who asks, which Lit renders in microtasks too; a task would wait for the page's layout.
      if (!waiting.length) queueMicrotask(send);
      waiting.push({ run, tag, signal, resolve, reject });
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
}

/** The questions of each request: of one run, as many as an address holds. */
function requests<T>(questions: readonly Question<T>[]): Question<T>[][] {
  const open = new Map<string, { some: Question<T>[]; length: number }>();
  const all: Question<T>[][] = [];
  for (const question of questions) {
    const length = new URLSearchParams({ tag: question.tag }).toString().length + 1;
    const last = open.get(question.run);
    if (last && last.length + length <= LONGEST) {
      last.some.push(question);
      last.length += length;
    } else {
      const some = [question];
      open.set(question.run, { some, length });
      all.push(some);
    }
  }
  return all;
}

async function answer<T>(ask: AskTogether<T>, questions: readonly Question<T>[]): Promise<void> {
  const controller = new AbortController();
  for (const { signal } of questions) {
    const leave = () => questions.every((question) => question.signal.aborted) && controller.abort(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
  }
  const tags = questions.map(({ tag }) => tag);
  try {
    const answerOf = await ask(questions[0].run, tags, controller.signal);
    for (const { tag, resolve, reject } of questions) {
      try {
        resolve(answerOf(tag));
      } catch (error) {
        reject(error);
      }
    }
  } catch (error) {
    for (const { reject } of questions) reject(error);
  }
}
