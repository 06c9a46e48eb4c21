/** A plane over the epochs: a strip of small pictures, each of which leads to its epoch. */
import { css, html, nothing } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import type { Manifest } from "../api";
import type { Draw } from "../elements/canvas";
import "../elements/canvas";
import { setReference } from "../references";
import { setEpoch } from "../state";
import { shortStep, stepName } from "../steps";
import { palette } from "../theme";
import { filmSteps, nearestBut } from "../views/samples_film";
import { classCount, paintPlane } from "./boundary_picture";
import type { Boundary } from "./frames";
import type { LiveFrames, Moment } from "./live_frames";
import { MOST_NAMES } from "./scatter";

/** Frames of the strip, and of one row of it. */
const FILM = 14;
const ROW = 7;

export const filmStyles = css`
  .film { display: grid; gap: 4px; margin-top: 8px; }
  .film button { padding: 2px; border: 1.5px solid transparent; border-radius: 3px; background: none; color: var(--ink3); cursor: pointer; font: inherit; line-height: 16px; }
  .film explain-canvas { aspect-ratio: 1; border: 1px solid var(--line); }
  .film .reference { border: 1px dashed var(--ink2); }
  .film .cursor { border-color: var(--cursor); color: var(--ink); font-weight: 600; }
`;

/**
 * The steps of the strip: of those at hand, with the reference, and with the shown one in place of that nearest to it.
 *
 * @param reference  step of the same run; null for none
 */
export function stripSteps(atHand: readonly number[], shown: number, reference: number | null): number[] {
  const kept = reference === null ? [] : [reference];
  const steps = filmSteps(inOrder([...atHand, ...kept]), [], FILM, kept);
  if (steps.includes(shown)) return steps;
  const replaced = nearestBut(steps, shown, reference);
  return inOrder(steps.map((step, at) => (at === replaced ? shown : step)));
}

const inOrder = (steps: readonly number[]) => [...new Set(steps)].sort((a, b) => a - b);

const thumbs = new WeakMap<Boundary, { key: string; draw: Draw }>();

/** The same picture each time, so that it is not painted again with every move of the cursor. */
function thumbOf(frame: Boundary, manifest: Manifest, range: readonly [number, number]): Draw {
  const colours = palette();
  const key = `${colours.theme} ${range}`;
  const known = thumbs.get(frame);
  if (known?.key === key) return known.draw;
  const classes = classCount(manifest, frame);
  const options = { classes, range, before: undefined, palette: colours, plain: classes > MOST_NAMES };
  const draw: Draw = (context, { width, height, ratio }) =>
    paintPlane(context, frame, { left: 0, top: 0, width, height }, ratio, options);
  thumbs.set(frame, { key, draw });
  return draw;
}

/**
 * @param reference  step of the same run that is drawn as the reference; null for none
 * @param range      what a regression's colours stand for
 */
export function boundaryFilm(
  frames: LiveFrames<Boundary>,
  manifest: Manifest,
  { run, step: shown }: Moment<Boundary>,
  reference: number | null,
  range: readonly [number, number],
) {
  const steps = stripSteps(frames.stepsAtHand(run), shown, reference);
  if (steps.length < 2) return nothing;
  const columns = steps.length <= ROW ? ROW : Math.ceil(steps.length / 2);
  const grid = styleMap({ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` });
  return html`<div class="film" style=${grid} role="group" aria-label="Decision boundary across the epochs"
    aria-busy=${frames.loading ? "true" : "false"}>${steps.map((step) => {
      const held = frames.at(run, step);
      const draw = held?.step === step ? thumbOf(held.frame, manifest, range) : undefined;
      const marks = `${step === shown ? "cursor" : ""} ${step === reference ? "reference" : ""}`;
      const go = ({ shiftKey }: MouseEvent) => (shiftKey ? setReference(step) : setEpoch(step, { push: true }));
      return html`<button class=${marks} aria-label=${`go to ${stepName(run, step)}`} aria-current=${step === shown ? "step" : nothing} @click=${go}>
      <explain-canvas .draw=${draw}></explain-canvas>${shortStep(run, step)}</button>`;
    })}</div>`;
}
