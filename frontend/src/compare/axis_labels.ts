/** What is written along an axis of epochs: round epochs, and the marked one instead of those it would cover. */

import { epochTicks } from "../charts/curve_data";
import { columnRange, epochToX } from "../charts/epoch_axis";
import { placeText } from "../steps";

export interface AxisLabel {
  /** 0 … 1 along the axis. */
  at: number;
  text: string;
  /** Whether it is the marked one. */
  strong: boolean;
}

/** Labels nearer than this part of the axis would touch. */
const CROWDED = 0.07;

/** @param places of the measured steps, ascending; @param marked a place among them, or null */
export function axisLabels(places: readonly number[], marked: number | null): AxisLabel[] {
  const range = columnRange(places);
  const at = (place: number) => epochToX(place, range, 1);
  const ticks = epochTicks(places[0] ?? 0, places.at(-1) ?? 0)
    .filter((tick) => marked === null || Math.abs(at(tick) - at(marked)) > CROWDED)
    .map((tick) => ({ at: at(tick), text: placeText(tick), strong: false }));
  return marked === null ? ticks : [...ticks, { at: at(marked), text: placeText(marked), strong: true }];
}
