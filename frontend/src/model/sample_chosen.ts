/** The keys and the card of the chosen sample, which Samples shows in full. */
import { css, html, nothing } from "lit";
import type { Inputs, Manifest } from "../api";
import { focusRun, store } from "../state";
import { tagsOf } from "../tags";
import type { SampleRow } from "../views/samples_model";
import { chooseSample, samplePicture, verdictWords } from "./words";

export const chosenStyles = css`
  .chosen { display: flex; flex-direction: column; gap: 6px; padding: 8px 10px; border-radius: 6px; background: var(--focus-bg); overflow-wrap: anywhere; }
  .chosen .image, .tip .image { width: 72px; max-height: 120px; border: 1px solid var(--line); }
  .chosen .text, .tip .text { color: var(--ink2); }
  .wrong { color: var(--alarm); font-weight: 600; }
`;

/** @param said  what else is known of it */
export function chosenCard(manifest: Manifest, inputs: Inputs | undefined, row: SampleRow, said: string) {
  const run = focusRun(store.state);
  const inSamples = run && tagsOf(run, "attribution").length > 0;
  return html`<div class="chosen" role="group" aria-label=${`Sample ${row.name}`}>
    <div class="row"><b class="spread"><bdi>${row.name}</bdi></b>
      <button class="control" aria-label="Close the sample" @click=${() => chooseSample(null)}>Close</button></div>
    <p>${verdictWords(row)}</p>
    ${samplePicture(manifest, inputs, row.index)}
    ${said ? html`<p class="quiet">${said}</p>` : nothing}
    ${inSamples ? html`<button class="control" @click=${() => store.set({ view: "samples" }, { push: true })}>Why? Open in Samples</button>` : nothing}
  </div>`;
}

/** The next of `order` by J and K; the first where none of it is chosen. */
export function moveChoice(order: readonly number[], by: number): void {
  const at = order.indexOf(store.state.sample ?? -1);
  const next = order[at < 0 ? 0 : Math.min(order.length - 1, Math.max(0, at + by))];
  if (next !== undefined) chooseSample(next);
}
