/** Tells charts where the cursor, the reference and the pointer's step lie: all of them at once, before the next frame, at most once a frame. */
import type { ReactiveControllerHost } from "lit";
import type { Marks } from "../charts/curve_marks";
import { memo } from "../memo";
import { markedStep } from "../references";
import { cursorPlace, type State, store } from "../state";

const MOVES = ["epoch", "hover", "against", "best"] as const satisfies readonly (keyof State)[];

/** The same for all charts: found once a change. */
const marksOf = memo(
  (state: State): Marks => ({
    cursor: cursorPlace(state, state.epoch),
    reference: cursorPlace(state, markedStep(state)),
    hover: state.hover,
  }),
);

export const marksNow = (): Marks => marksOf(store.state);

const charts = new Set<(marks: Marks) => void>();
let frame = 0;

function move(): void {
  frame = 0;
  const marks = marksNow();
  for (const tell of charts) tell(marks);
}

store.subscribe((now, before) => {
  const moves = MOVES.some((key) => now[key] !== before[key]);
  if (moves && charts.size && !frame) frame = requestAnimationFrame(move);
});

/** Tell a chart, for as long as it is on the page. */
export const onMarks = (host: ReactiveControllerHost, tell: (marks: Marks) => void): void =>
  host.addController({
    hostConnected: () => charts.add(tell),
    hostDisconnected: () => charts.delete(tell),
  });
