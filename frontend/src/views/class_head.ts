/** What the figures of classes share: the frames that they are made of, and the head above each class. */

import { css, html, nothing } from "lit";
import type { Attribution } from "../api";
import { store } from "../state";
import type { SampleClass } from "./class_samples";
import { formatAsked, parseAsked } from "./samples_asked";
import type { Picture } from "./samples_data";

export interface ClassFrames {
  /** Frames as they are drawn: at the cursor, or at the nearest step in memory. */
  picture: Picture;
  classes: readonly SampleClass[];
  /** The frame of the step where the cursor rested last: order and scale are by it. */
  rested: Attribution | undefined;
  /** Whether classes are those that the model says, not labels. */
  predicted: boolean;
}

/** Fewer make every error wide. */
const FEW = 64;

export const headStyles = css`
  .head { display: flex; align-items: baseline; gap: 8px; min-width: 0; height: 24px; }
  .head button { padding: 0; border: 0; background: none; font: inherit; font-size: 13px; font-weight: 600; cursor: pointer; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .head button:hover { text-decoration: underline; }
  .head button:focus-visible { outline-offset: -2px; }
  .head .faint { flex: none; }
`;

/** Look at samples: of a class by its label, with a word; undefined and "" for any. */
export function openSamples(own: SampleClass | undefined, sought = ""): void {
  const asked = { ...parseAsked(""), class: own?.index ?? null, sought };
  store.set({ view: "samples", filter: formatAsked("", asked), sample: null }, { push: true });
}

/** @param over  how many samples its figures are over, and how many are not finite */
export function classHead(own: SampleClass, { predicted }: ClassFrames, over: { count: number; leftOut: number }) {
  const said = `${over.count} ${over.count === 1 ? "sample" : "samples"}`;
  return html`<div class="head">
    ${predicted ? html`<b class="clip" title=${own.name}>${own.name}</b>` : html`<button title=${`Samples of ${own.name}`} @click=${() => openSamples(own)}>${own.name}</button>`}
    <span class="faint">${said}${over.leftOut ? html`, ${over.leftOut} not finite left out` : nothing}</span>
  </div>`;
}

/** "few samples" where a class has so few that its errors are wide. */
export const fewSaid = (classes: readonly SampleClass[]): string =>
  classes.some(({ samples }) => samples.length < FEW) ? "few samples in a class: wide errors" : "";
