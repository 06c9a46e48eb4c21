/** The scripts of the views: that of the open one first, the others once the page has nothing else to do. */
import { store } from "../state";
import { views } from "../views";
import type { View } from "../views/view";

/** Of each view whose script has been asked for: whether it is here, or why it is not. */
const asked = new Map<View, { here: boolean; failure?: Error }>();

/** How far the view's script is; asks for it, and tells when that has changed. */
export function scriptOf(view: View, changed: () => void): { here: boolean; failure?: Error } {
  const known = asked.get(view);
  if (known) return known;
  const script: { here: boolean; failure?: Error } = { here: false };
  asked.set(view, script);
  view.fetchScript().then(
    () => {
      script.here = true;
      changed();
      whenIdle(fetchNext);
    },
    (error) => {
      script.failure = error;
      changed();
    },
  );
  return script;
}

/** Ask once more for a script that did not come. */
export const askAgain = (view: View): boolean => asked.delete(view);

/** One by one, so that whatever the open view asks for comes first. Nothing is fetched for a tab that is not seen. */
function fetchNext(): void {
  const next = views.find((view) => !asked.has(view));
  if (next && store.state.visible) scriptOf(next, () => {});
}

/** Browsers that do not tell when they are idle are given a second. */
const whenIdle = (then: () => void): void => {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(then);
  else setTimeout(then, 1000);
};
