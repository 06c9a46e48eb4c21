/** The slider of TensorBoard's smoothing, one for all curves of learning. */
import { css, html } from "lit";
import { MOST_SMOOTHING } from "../charts/smoothing";
import { setSmoothing } from "../curve_settings";
import { fixed } from "../format";

export const smoothingStyles = css`
  .smoothing { display: flex; min-width: 0; align-items: center; gap: 8px; height: 24px; color: var(--ink2); white-space: nowrap; }
  .smoothing input { flex: 0 1 72px; width: 72px; min-width: 24px; margin: 0; accent-color: var(--accent); cursor: pointer; }
  .smoothing output { width: 20px; }
`;

const HELP =
  "The average of each value with those before it, weighted less the older they are, as TensorBoard smooths. What was measured stays behind it.";

export const smoothingSlider = (weight: number) => html`
  <label class="smoothing" title=${HELP}>
    <span>Smooth</span>
    <input type="range" min="0" max=${MOST_SMOOTHING} step="0.01" .value=${String(weight)} aria-label="Smoothing"
      @input=${({ target }: Event) => setSmoothing(Number((target as HTMLInputElement).value))}
      @change=${({ target }: Event) => leave(target as HTMLInputElement)} />
    <output>${weight ? fixed(weight).replace(/^0/, "") : "off"}</output>
  </label>`;

/** After a choice with the pointer, so that arrows move the epoch again. */
function leave(slider: HTMLInputElement): void {
  if (!slider.matches(":focus-visible")) slider.blur();
}
