/** The slider of TensorBoard's smoothing, one for all curves of learning. */
import { css, html } from "lit";
import { weightText } from "../charts/smoothing";
import { setSmoothing } from "../curve_settings";

export const smoothingStyles = css`
  .smoothing { display: flex; min-width: 0; align-items: center; gap: 8px; height: 24px; color: var(--ink2); white-space: nowrap; }
  .smoothing input { flex: 0 1 72px; width: 72px; min-width: 24px; margin: 0; accent-color: var(--accent); cursor: pointer; }
  .smoothing output { width: 24px; }
`;

const HELP =
  "The average of each value with those before it, weighted less the older they are, as TensorBoard smooths. What was measured stays behind it.";

const said = (weight: number): string => (weight ? weightText(weight) : "off");

/** Its last stop is the most that TensorBoard takes, .999. */
export const smoothingSlider = (weight: number) => html`
  <label class="smoothing" title=${HELP}>
    <span>Smooth</span>
    <input type="range" min="0" max="1" step="0.01" .value=${String(weight)} aria-label="Smoothing" aria-valuetext=${said(weight)}
      @input=${({ target }: Event) => setSmoothing(Number((target as HTMLInputElement).value))}
      @change=${({ target }: Event) => leave(target as HTMLInputElement)} />
    <output>${said(weight)}</output>
  </label>`;

/** After a choice with the pointer, so that arrows move the epoch again. */
function leave(slider: HTMLInputElement): void {
  if (!slider.matches(":focus-visible")) slider.blur();
}
