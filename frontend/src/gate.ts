/** Lets so many pieces of work run at a time, the others in the order in which they came. */
export type Gate = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/** What is aborted before its turn never begins, and rejects with the signal's reason. */
export function gate(most: number): Gate {
  const waiting = new Set<() => void>();
  let running = 0;
  const next = (): void => {
    const [first] = waiting;
    if (!first || running === most) return;
    waiting.delete(first);
    running += 1;
    first();
  };
  return async (work, signal) => {
    await new Promise<void>((begin, reject) => {
      if (signal.aborted) return reject(signal.reason);
      waiting.add(begin);
      signal.addEventListener("abort", () => waiting.delete(begin) && reject(signal.reason), { once: true });
      next();
    });
    try {
      return await work();
    } finally {
      running -= 1;
      next();
    }
  };
}
