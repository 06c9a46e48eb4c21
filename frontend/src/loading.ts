/** Fetching for an element: again when its key changes, only while the tab can be seen. */
import { initialState, Task } from "@lit/task";
import type { ReactiveControllerHost } from "lit";
import { store } from "./state";

/**
 * Run `fetch` with the parts of `key()` whenever one of them changes; `null` means there is nothing to ask for.
 *
 * `task.value` stays the last answer while the next is on its way, so charts never blink. Put `store.state.revision`
 * into the key of whatever new data can change.
 */
export function load<const K extends readonly unknown[], T>(
  host: ReactiveControllerHost,
  key: () => K | null,
  fetch: (key: K, signal: AbortSignal) => Promise<T>,
): Task<[K | null, ...unknown[]], T> {
  let last: [K | null, ...unknown[]] = [null];
  return new Task(host, {
    args: () => {
      if (store.state.visible) {
        const now = key();
        last = [now, ...(now ?? [])];
      }
      return last;
    },
    // The key itself is a new array each time; its parts decide.
    argsEqual: ([, ...before], [, ...now]) =>
      before.length === now.length && before.every((part, i) => part === now[i]),
    task: ([now], { signal }) => (now ? fetch(now, signal) : initialState),
  });
}
