/**
 * The pointer over a chart of curves: a click or drag sets the epoch, Shift-click the reference; a drag along the axis of epochs, or
 * with Alt anywhere, zooms all curves to what it passed over; the wheel with Ctrl or Alt zooms around the pointer, a double click ends it.
 */
import type { Curves } from "../charts/curves";
import { type Range, showAll, zoomAt, zoomTo } from "../curve_settings";
import { store } from "../state";
import { epochPointer } from "./epoch_pointer";

/** CSS pixels from which on a press is a drag. */
const DRAG = 4;
/** Of a wheel's notch, which is 100 to 120 CSS pixels. */
const ZOOM_PER_PIXEL = 0.0025;
const LINE_HEIGHT = 16;

/** What is being passed over: CSS pixels of the page. */
export interface Band {
  from: number;
  to: number;
}

/**
 * Handlers of a chart's pointer events.
 *
 * @param at     the chart and the epochs it could show; undefined while it is not drawn
 * @param mark   draws what a drag has passed over so far; undefined when it ends
 */
export function curvePointer(
  at: () => { chart: Curves; whole: Range } | undefined,
  mark: (band: Band | undefined) => void,
) {
  const epoch = epochPointer((event) => at()?.chart.epochAt(event.clientX) ?? Number.NaN);
  let start: number | undefined;
  const end = (): void => {
    start = undefined;
    mark(undefined);
  };
  return {
    down(event: PointerEvent): void {
      const chart = at()?.chart;
      if (!chart || event.button !== 0) return;
      if (!event.altKey && !chart.onAxis(event.clientY)) {
        epoch.down(event);
        return;
      }
      event.preventDefault(); // would select text
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      start = event.clientX;
    },
    move(event: PointerEvent): void {
      const chart = at()?.chart;
      if (!chart) return;
      (event.currentTarget as HTMLElement).classList.toggle("zooms", event.altKey || chart.onAxis(event.clientY));
      if (start === undefined) epoch.move(event);
      else mark({ from: start, to: event.clientX });
    },
    up(event: PointerEvent): void {
      const drawn = at();
      const from = start;
      if (from === undefined) return;
      end();
      if (!drawn) return;
      if (Math.abs(event.clientX - from) < DRAG) epoch.down(event);
      else zoomTo(drawn.chart.epochAt(from), drawn.chart.epochAt(event.clientX), drawn.whole);
    },
    cancel: end,
    leave: epoch.leave,
    wheel(event: WheelEvent): void {
      const drawn = at();
      if (!drawn || !(event.ctrlKey || event.altKey)) return;
      event.preventDefault(); // would zoom the page
      const pixels = (event.deltaY || event.deltaX) * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_HEIGHT : 1);
      zoomAt(drawn.chart.epochAt(event.clientX), Math.exp(pixels * ZOOM_PER_PIXEL), drawn.whole);
    },
    double(): void {
      if (store.state.zoom) showAll();
    },
  };
}
