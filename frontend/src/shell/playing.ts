/** Playing: the cursor walks through the epochs, eight a second, and stops at the end. */
import { cursorSteps, store } from "../state";

const PERIOD = 1000 / 8;
let timer = 0;

export function togglePlaying(): void {
  const { playing, epoch } = store.state;
  const steps = cursorSteps(store.state);
  if (steps.length < 2) return;
  if (playing) {
    store.set({ playing: false });
    return;
  }
  store.set({ playing: true, epoch: epoch === steps[steps.length - 1] ? steps[0] : epoch });
  clearInterval(timer);
  timer = setInterval(advance, PERIOD) as unknown as number;
}

function advance(): void {
  const { state } = store;
  const next = cursorSteps(state).find((step) => step > (state.epoch ?? Number.NEGATIVE_INFINITY));
  if (!state.playing || !state.visible || next === undefined) {
    clearInterval(timer);
    store.set({ playing: false });
  } else {
    store.set({ epoch: next });
  }
}
