/** Click or drag sets the epoch, Shift-click the reference: the same in every picture with an axis of epochs. */
import { setEpoch, setReference, store } from "../state";

/**
 * Handlers of a picture's pointer events.
 *
 * @param toEpoch the epoch under an event, not necessarily one that was measured
 */
export function epochPointer(toEpoch: (event: PointerEvent) => number) {
  return {
    down(event: PointerEvent): void {
      if (event.button !== 0) return;
      if (event.shiftKey) {
        event.preventDefault(); // would select text
        setReference(toEpoch(event));
        return;
      }
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      setEpoch(toEpoch(event), { push: true });
    },
    move(event: PointerEvent): void {
      const epoch = toEpoch(event);
      store.set({ hover: Math.round(epoch) });
      const dragging = (event.currentTarget as Element).hasPointerCapture(event.pointerId);
      if (dragging) setEpoch(epoch);
    },
    leave(): void {
      store.set({ hover: null });
    },
  };
}
