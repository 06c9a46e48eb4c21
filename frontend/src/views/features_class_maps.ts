/** The mean attribution of each class as its input's kind draws it: maps of an image, curves of a sequence. Small multiples on one scale. */

import { css, html, nothing } from "lit";
import type { ManifestInput } from "../api";
import { magnitudeAt } from "../charts/color";
import { type Table, tableOf } from "../downloads";
import "../elements/sample_thumb";
import type { LoggedSample } from "../elements/sample_thumb";
import { placeName } from "../references";
import { store } from "../state";
import { stepName } from "../steps";
import { type ClassFrames, classHead } from "./class_head";
import { type ClassMean, classMeans } from "./class_means";
import type { SampleClass } from "./class_samples";
import { featureNames } from "./feature_names";
import { CLIP_PERCENTILE } from "./samples_data";

export const mapStyles = css`
  .maps { display: grid; grid-template-columns: repeat(auto-fill, minmax(208px, 1fr)); gap: 16px 24px; max-width: calc(var(--classes) * 320px); }
  .maps .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(0, 1fr)); grid-auto-flow: column; gap: 8px; margin-top: 4px; }
  .maps .pair > div { min-width: 0; max-width: 160px; }
  .maps p { color: var(--ink3); font-size: 11px; }
  .maps .now { color: var(--ink); font-weight: 600; }
`;

interface Means {
  now: readonly ClassMean[];
  before: readonly ClassMean[];
  rested: readonly ClassMean[];
}

export function meansOf({ picture, classes, rested }: ClassFrames, input: ManifestInput): Means {
  const of = (frame: ClassFrames["picture"]["now"]) => {
    const values = frame?.values[input.name];
    return values ? classMeans(values, classes) : [];
  };
  return { now: of(picture.now), before: of(picture.reference), rested: of(rested ?? picture.now) };
}

/** |mean| at the end of the scale: of the step where the cursor rests, and of the reference. */
export const meansLimit = ({ rested, before }: Means): number =>
  magnitudeAt(
    [...rested, ...before].map(({ mean }) => mean),
    CLIP_PERCENTILE,
  );

/** What the class's samples look like on average; undefined where inputs are not logged. */
function meanSample({ picture, classes }: ClassFrames, input: ManifestInput, at: number): LoggedSample | undefined {
  const array = input.kind === "image" ? picture.inputs?.[input.name] : undefined;
  return array && underOf(classMeans(array, classes)[at], array.shape.slice(1));
}

const unders = new WeakMap<ClassMean, LoggedSample>();

function underOf(mean: ClassMean, shape: readonly number[]): LoggedSample {
  const known = unders.get(mean) ?? { data: mean.mean, shape };
  unders.set(mean, known);
  return known;
}

export function classMaps(frames: ClassFrames, input: ManifestInput) {
  const { picture, classes } = frames;
  const means = meansOf(frames, input);
  const limit = meansLimit(means);
  const { referenceAt, run } = picture;
  const before = referenceAt && placeName(referenceAt, run);
  const now = stepName(run, picture.nowStep);
  return html`<div class="maps" style="--classes:${classes.length}">${classes.map((own, i) => {
    const under = meanSample(frames, input, i);
    const thumb = (mean: ClassMean | undefined, kind: string, at: string) =>
      html`<div><p class="clip ${kind}" title=${at}>${at}</p><explain-sample-thumb .input=${input} .values=${mean?.mean} .sample=${under}
        .signed=${picture.signed} .limit=${limit} ?dark=${store.state.dark} label=${`mean attribution of ${own.name}, ${at}`}></explain-sample-thumb></div>`;
    return html`<div class="class" role="group" aria-label=${own.name}>
      ${means.now[i] ? classHead(own, frames, means.now[i]) : nothing}
      <div class="pair">${before ? thumb(means.before[i], "", before) : nothing} ${thumb(means.now[i], "now", now)}</div>
    </div>`;
  })}</div>`;
}

/** What cells are called: by an image's place, else by the feature's name. */
export function cellNamesOf(input: ManifestInput): (cell: number) => string {
  const names = input.kind === "image" ? undefined : featureNames(input, input.cells);
  const across = input.cells[1] ?? 1;
  return (cell) => names?.[cell] ?? `${Math.floor(cell / across)} ${cell % across}`;
}

/** A row a class and cell, the last axis fastest. @param name of a cell */
export function meansTable(frames: ClassFrames, input: ManifestInput, name: (cell: number) => string): Table {
  const { now, before } = meansOf(frames, input);
  const rows = frames.classes.flatMap((own: SampleClass, i) =>
    Array.from(now[i]?.mean ?? [], (mean, cell) => ({ own, i, cell, mean })),
  );
  return tableOf(rows, {
    class: ({ own }) => own.name,
    samples: ({ i }) => now[i].count,
    cell: ({ cell }) => name(cell),
    mean: ({ mean }) => mean,
    standard_error: ({ i, cell }) => now[i].standardError[cell],
    mean_at_reference: ({ i, cell }) => before[i]?.mean[cell] ?? null,
  });
}
