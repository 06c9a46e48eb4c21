/** What the panels of the Model view say of a step, of a sample and of its label. */
import { html, nothing } from "lit";
import type { Inputs, Manifest } from "../api";
import { inputPixels } from "../charts/overlay";
import { type Draw, putPixels } from "../elements/canvas";
import "../elements/canvas";
import { imageOf, positionsOf, tokenText } from "../elements/sample_thumb";
import { percent } from "../format";
import { type RunEntry, store } from "../state";
import { shortStep, stepName } from "../steps";
import { palette } from "../theme";
import type { SampleRow } from "../views/samples_model";
import { loggedSample } from "../views/samples_moments";
import { renderVerdict } from "../views/samples_says";

/** Which step a figure is of; where it is not the cursor's, why. */
export function ofStep(run: RunEntry, step: number, epoch: number | null): string {
  const name = stepName(run, step);
  if (epoch === null || step === epoch) return name;
  return step < epoch ? `${name}, the last before ${shortStep(run, epoch)}` : `${name}, the first of all`;
}

/** "is 8, says 3, 41 %" */
export function verdictWords(row: SampleRow) {
  const { now } = row;
  const sure = now && Number.isFinite(now.confidence) ? `, ${percent(now.confidence)}` : "";
  return html`<span class=${now?.wrong ? "wrong" : ""}>${renderVerdict({ ...row, flipped: false })}${sure}</span>`;
}

const WORDS = 14;

/** What the sample looks like, where it was logged and has a look: its image, or the beginning of its text. */
export function samplePicture(manifest: Manifest, inputs: Inputs | undefined, sample: number) {
  return manifest.inputs.map((input) => {
    const logged = loggedSample(inputs, input, sample);
    if (!logged) return nothing;
    if (input.kind === "image") {
      const [high, wide] = logged.shape;
      const draw: Draw = (context, { width, height, ratio }) => {
        const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
        putPixels(context, inputPixels(imageOf(logged), w, h, palette().theme));
      };
      return html`<explain-canvas class="image" style="aspect-ratio: ${wide} / ${high}" .draw=${draw} label=${`input ${input.name}`}></explain-canvas>`;
    }
    if (input.kind !== "text") return nothing;
    const tokens = positionsOf(input, logged, logged.data.length).map((at) => tokenText(input, logged, at));
    const cut = tokens.length > WORDS ? " …" : "";
    return html`<p class="text" dir="auto">${tokens.slice(0, WORDS).join(" ")}${cut}</p>`;
  });
}

/** Choose a sample for all views. */
export const chooseSample = (sample: number | null): void => store.set({ sample }, { push: true });
