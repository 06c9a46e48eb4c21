/**
 * Answers in memory, the least recently used dropped first once they are over a limit in bytes.
 * Equal requests under way share one fetch, aborted when the last of them has been.
 */
export interface Answer<T> {
  value: T;
  bytes: number;
  /** Whether steps that are added to the log cannot change it. */
  fixed: boolean;
}

interface UnderWay {
  answer: Promise<unknown>;
  controller: AbortController;
  waiting: number;
}

export class Cache {
  private answers = new Map<string, Answer<unknown>>();
  private underWay = new Map<string, UnderWay>();
  private bytes = 0;
  /** Goes up whenever an answer comes or goes. */
  version = 0;

  constructor(private limit: number) {}

  peek(key: string): unknown {
    return this.answers.get(key)?.value;
  }

  /** Reject with the signal's reason as soon as it is aborted; others go on waiting. */
  get<T>(key: string, signal: AbortSignal | undefined, fetch: (abort: AbortSignal) => Promise<Answer<T>>): Promise<T> {
    const kept = this.answers.get(key);
    if (kept) {
      this.answers.delete(key);
      this.answers.set(key, kept); // a Map keeps the order of insertion
      return Promise.resolve(kept.value as T);
    }
    if (signal?.aborted) return Promise.reject(signal.reason);
    const request = this.underWay.get(key) ?? this.start(key, fetch);
    request.waiting += 1;
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(signal?.reason);
        request.waiting -= 1;
        if (request.waiting === 0) {
          if (this.underWay.get(key) === request) this.underWay.delete(key);
          request.controller.abort();
        }
      };
      signal?.addEventListener("abort", leave, { once: true });
      (request.answer as Promise<T>).then(resolve, reject).finally(() => signal?.removeEventListener("abort", leave));
    });
  }

  /** Drop all answers but the fixed ones, and of these those whose key is `stale`. */
  forget(stale: (key: string) => boolean = () => false): void {
    this.underWay.clear(); // they reach who waits for them, but are not kept
    for (const [key, { fixed }] of this.answers) if (!fixed || stale(key)) this.drop(key);
  }

  private start<T>(key: string, fetch: (abort: AbortSignal) => Promise<Answer<T>>): UnderWay {
    const controller = new AbortController();
    const request: UnderWay = {
      controller,
      waiting: 0,
      answer: fetch(controller.signal).then(
        (answer) => {
          if (this.underWay.get(key) === request) this.keep(key, answer);
          return answer.value;
        },
        (error) => {
          if (this.underWay.get(key) === request) this.underWay.delete(key);
          throw error;
        },
      ),
    };
    this.underWay.set(key, request);
    return request;
  }

  private keep(key: string, answer: Answer<unknown>): void {
    this.underWay.delete(key);
    this.answers.set(key, answer);
    this.version += 1;
    this.bytes += answer.bytes;
    for (const oldest of this.answers.keys()) {
      if (this.bytes <= this.limit || oldest === key) break;
      this.drop(oldest);
    }
  }

  private drop(key: string): void {
    this.bytes -= this.answers.get(key)?.bytes ?? 0;
    this.answers.delete(key);
    this.version += 1;
  }
}
