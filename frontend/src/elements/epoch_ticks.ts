/** Epochs written below a picture whose columns are epochs. */

import { css, html } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import { epochTicks as ticksBetween } from "../charts/curve_data";
import { type EpochRange, epochToX } from "../charts/epoch_axis";
import { placeText } from "../steps";

export const epochTickStyles = css`
  .epochs { position: relative; height: 20px; }
  .epochs span { position: absolute; top: 4px; transform: translateX(-50%); }
  .epochs span:last-child { transform: translateX(-100%); }
  .epochs span:first-child { transform: none; }
`;

/** The first and the last of these places, and round epochs between that crowd neither. */
export function epochTicks(epochs: readonly number[], range: EpochRange) {
  const [low, high] = [epochs[0] ?? 0, epochs.at(-1) ?? 0];
  const place = (tick: number) => styleMap({ left: `${epochToX(tick, range, 100)}%` });
  return html`<div class="epochs caption" aria-hidden="true">
    ${ticksBetween(low, high).map((tick) => html`<span style=${place(tick)}>${placeText(tick)}</span>`)}
  </div>`;
}
