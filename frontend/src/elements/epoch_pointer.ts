/** Click or drag sets the epoch, Shift-click the reference: the same in every picture with an axis of epochs. */
import { setReferencePlace } from "../references";
import { cursorPlace, cursorStepNear, setPlace, store } from "../state";

/**
 * Handlers of a picture's pointer events.
 *
 * @param toEpoch the place on the axis of epochs under an event, not necessarily one that was measured
 */
export function epochPointer(toEpoch: (event: PointerEvent) => number) {
  return {
    down(event: PointerEvent): void {
      if (event.button !== 0) return;
      if (event.shiftKey) {
        event.preventDefault(); // would select text
        setReferencePlace(toEpoch(event));
        return;
      }
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      setPlace(toEpoch(event), { push: true });
    },
    move(event: PointerEvent): void {
      const epoch = toEpoch(event);
      store.set({ hover: cursorPlace(store.state, cursorStepNear(store.state, epoch) ?? null) });
      const dragging = (event.currentTarget as Element).hasPointerCapture(event.pointerId);
      if (dragging) setPlace(epoch);
    },
    leave(): void {
      store.set({ hover: null });
    },
  };
}
