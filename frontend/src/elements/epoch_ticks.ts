/** Epochs written below a picture whose columns are epochs. */
import { css, html } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import { type EpochRange, epochToX } from "../charts/epoch_axis";
import { roundTicks } from "../charts/marks";
import { minus } from "../format";

export const epochTickStyles = css`
  .epochs { position: relative; height: 20px; }
  .epochs span { position: absolute; top: 4px; transform: translateX(-50%); }
  .epochs span:last-child { transform: translateX(-100%); }
  .epochs span:first-child { transform: none; }
`;

/** The first and the last step, and round epochs between that crowd neither. */
export function epochTicks(steps: readonly number[], range: EpochRange) {
  const [low, high] = [steps[0] ?? 0, steps.at(-1) ?? 0];
  const room = (high - low) / 12;
  const round = roundTicks(low, high, 6).filter(
    (tick) => Number.isInteger(tick) && tick - low > room && high - tick > room,
  );
  const place = (tick: number) => styleMap({ left: `${epochToX(tick, range, 100)}%` });
  return html`<div class="epochs caption" aria-hidden="true">
    ${[...new Set([low, ...round, high])].map((tick) => html`<span style=${place(tick)}>${minus(tick)}</span>`)}
  </div>`;
}
