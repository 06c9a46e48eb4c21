/**
 * Playing: the cursor walks through the steps, each shown, so many a second, and stops at the last.
 *
 * A clock says when a step is due and the display's frames show it. A frame that comes late is made up for by the next
 * ones, never by leaving a step out. Whatever else moves the cursor, or hides the tab, stops it.
 */
import { cursorSteps, store } from "../state";

/** Steps a second. */
export const SPEEDS: readonly number[] = [1, 2, 4, 8, 15, 30];
const KEPT = "explain.speed";

/** A step that is due within so many ms is shown now: frames come a little early, too. */
const EARLY = 4;
/** More than so many steps behind, the clock waits instead: after a stall there is no rush. */
const BEHIND = 3;

/** Play at that speed, from now on and in later visits. */
export function setSpeed(speed: number): void {
  store.set({ speed });
  try {
    localStorage.setItem(KEPT, String(speed));
  } catch {
    // A browser that keeps nothing for us plays at its usual speed next time.
  }
}

/** Take the speed that was chosen in an earlier visit. */
export function restoreSpeed(): void {
  try {
    const speed = Number(localStorage.getItem(KEPT));
    if (SPEEDS.includes(speed)) store.set({ speed });
  } catch {
    // as above
  }
}

/** The next speed up or down. */
export function changeSpeed(by: 1 | -1): void {
  const at = SPEEDS.indexOf(store.state.speed);
  setSpeed(SPEEDS[Math.min(Math.max(at + by, 0), SPEEDS.length - 1)]);
}

/** Play from the cursor, or from the start where it stands at the end; or stop. */
export function togglePlaying(): void {
  const { playing, epoch } = store.state;
  const steps = cursorSteps(store.state);
  if (playing) store.set({ playing: false });
  else if (steps.length > 1) {
    store.set({ playing: true, asked: null, epoch: epoch === steps.at(-1) ? steps[0] : epoch });
    play();
  }
}

function play(): void {
  let { epoch } = store.state;
  let steps = cursorSteps(store.state);
  let at = steps.indexOf(epoch ?? Number.NaN);
  let due = 0;
  let frame = requestAnimationFrame(tick);
  const stopListening = store.subscribe((now, before) => {
    if (now.speed !== before.speed) due = 0;
    if (now.playing && (now.epoch !== epoch || !now.visible)) store.set({ playing: false });
    if (store.state.playing) return;
    cancelAnimationFrame(frame);
    stopListening();
  });

  function tick(time: number): void {
    frame = requestAnimationFrame(tick);
    const period = 1000 / store.state.speed;
    due ||= time + period;
    if (time < due - EARLY) return;
    due = Math.max(due, time - BEHIND * period) + period;
    const known = cursorSteps(store.state);
    if (known !== steps) [steps, at] = [known, known.indexOf(epoch ?? Number.NaN)];
    at += 1;
    epoch = steps[at] ?? epoch;
    store.set({ epoch, playing: at < steps.length - 1 });
  }
}
