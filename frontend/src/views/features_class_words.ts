/** The words that carry each class: a list a class, with what they contribute now and at the reference. */

import { css, html, nothing } from "lit";
import type { ManifestInput } from "../api";
import { scaleOf } from "../charts/color";
import { drawEstimate } from "../charts/estimate_bar";
import { roundUp } from "../charts/marks";
import { hasPadding } from "../charts/tokens";
import { type Table, tableOf } from "../downloads";
import type { Draw } from "../elements/canvas";
import "../elements/canvas";
import { tokenName } from "../elements/sample_thumb";
import { fixed, percent, tick, signed as withSign } from "../format";
import { palette } from "../theme";
import { type ClassFrames, classHead, openSamples } from "./class_head";
import type { SampleClass } from "./class_samples";
import { type ClassWords, classWords, FEWEST, type RankedWords, rankedWords, type Word } from "./class_words";

/** So many words for a class, and so many against it. */
const STRONGEST = 8;
const RARE = 4;
const ROW = 24;

export const wordStyles = css`
  .words { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 356px), 1fr)); gap: 16px 32px; max-width: calc(var(--classes) * 640px); }
  .words .list { display: grid; grid-template-columns: minmax(64px, 0.6fr) minmax(72px, 1fr) 94px 26px 42px; column-gap: 8px; }
  .words .list span, .words .list button { display: block; height: 24px; line-height: 24px; text-align: right; white-space: nowrap; }
  .words .list button { width: 100%; padding: 0; border: 0; background: none; font: inherit; line-height: 24px; text-align: left; overflow: hidden; text-overflow: ellipsis; cursor: pointer; }
  .words .list button:hover { text-decoration: underline; }
  .words .list button:focus-visible { outline-offset: -2px; }
  .words .heads span { height: 16px; line-height: 16px; color: var(--ink3); font-size: 11px; }
  .words .heads .ends { display: flex; justify-content: space-between; }
  .words .heads i { font-style: normal; }
  .words .side { margin-top: 8px; color: var(--ink2); font-weight: 500; }
  .words .heads + .side { margin-top: 0; }
  .words .none { color: var(--ink3); }
`;

interface Sides {
  now: readonly (ClassWords | undefined)[];
  before: readonly (ClassWords | undefined)[];
  /** At the step where the cursor rests: what lists are ordered by. */
  rested: readonly (ClassWords | undefined)[];
}

function sidesOf({ picture, classes, rested }: ClassFrames, input: ManifestInput): Sides {
  const ids = picture.inputs?.[input.name];
  const padding = hasPadding(input.vocabulary);
  const words = (frame: ClassFrames["picture"]["now"]) => {
    const values = frame?.values[input.name];
    return values && ids ? classWords(values, ids, padding, classes) : [];
  };
  return { now: words(picture.now), before: words(picture.reference), rested: words(rested ?? picture.now) };
}

/** The values that a class's axis holds: its bars with their whiskers, now and at the reference. Each class has its own, since some weigh many times more. */
interface Axis {
  low: number;
  high: number;
}

function axisOf({ towards, against }: RankedWords, before: ClassWords | undefined): Axis {
  const ends = [...towards, ...against].flatMap(({ id, mean, standardError }) => {
    const old = before?.words.get(id)?.mean ?? 0;
    const error = 2 * (standardError || 0);
    return [mean - error, mean + error, Number.isFinite(old) ? old : 0];
  });
  const [least, most] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  return { low: least < 0 ? -roundUp(-least) : 0, high: roundUp(most) };
}

export function wordLists(frames: ClassFrames, input: ManifestInput) {
  const sides = sidesOf(frames, input);
  const { classes } = frames;
  return html`<div class="words" style="--classes:${classes.length}">${classes.map((own, i) => {
    const rested = sides.rested[i];
    if (!rested) return nothing;
    const ranked = rankedWords(rested, STRONGEST);
    const { signed } = frames.picture;
    const axis = axisOf(ranked, sides.before[i]);
    const list = (words: readonly Word[]) => wordList(frames, input, own, sides, i, words, axis);
    return html`<div class="class" role="group" aria-label=${own.name}>
      ${classHead(own, frames, rested)}
      <div class="list heads"><span></span><span class="ends"><i>${axis.low < 0 ? tick(axis.low) : "0"}</i><i>${tick(axis.high)}</i></span><span>mean ± 2 SE</span><span title="in how many of its samples">in</span><span>share</span></div>
      <p class="side">${signed ? "For" : "Strongest for"} ${own.name}</p>
      ${list(ranked.towards)}
      ${signed ? html`<p class="side">Against ${own.name}</p>${list(ranked.against)}` : nothing}
      ${rareWords(input, ranked.rare)}
    </div>`;
  })}</div>`;
}

function wordList(
  { picture, predicted }: ClassFrames,
  input: ManifestInput,
  own: SampleClass,
  { now, before }: Sides,
  at: number,
  words: readonly Word[],
  axis: Axis,
) {
  if (words.length === 0) return html`<p class="none">none in at least ${FEWEST} samples</p>`;
  const colours = palette();
  const scale = scaleOf(picture.signed, colours.theme);
  const current = words.map(({ id }) => now[at]?.words.get(id));
  const old = words.map(({ id }) => before[at]?.words.get(id));
  const draw: Draw = (context, size) =>
    words.forEach((_, row) => {
      context.save();
      context.translate(0, row * ROW);
      const options = { ...size, height: ROW, ...axis, scale, palette: colours };
      const [mean, error] = [current[row]?.mean, current[row]?.standardError].map((value) => value ?? Number.NaN);
      drawEstimate(context, mean, error, old[row]?.mean ?? Number.NaN, options);
      context.restore();
    });
  const write = picture.signed ? withSign : fixed;
  const column = (text: (word: Word | undefined) => string) =>
    html`<div>${current.map((word) => html`<span>${text(word)}</span>`)}</div>`;
  return html`<div class="list">
    <div>${words.map(({ id }) => {
      const name = tokenName(input, id);
      return html`<button dir="auto" title=${`Samples with “${name}”`} @click=${() => openSamples(predicted ? undefined : own, input.vocabulary[id] || String(id))}>${name}</button>`;
    })}</div>
    <explain-canvas .draw=${draw} style="height:${words.length * ROW}px"></explain-canvas>
    ${column((word) => (word ? `${write(word.mean)}${Number.isFinite(word.standardError) ? ` ± ${fixed(2 * word.standardError)}` : ""}` : "–"))}
    ${column((word) => String(word?.samples ?? 0))}
    ${column((word) => percent(word?.share ?? Number.NaN))}
  </div>`;
}

/** "12 rare words, in fewer than 3 samples: warm +1.20, …" */
function rareWords(input: ManifestInput, rare: readonly Word[]) {
  if (rare.length === 0) return nothing;
  const told = rare.slice(0, RARE).map(({ id, mean }) => `${tokenName(input, id)} ${withSign(mean)}`);
  return html`<p class="caption">${rare.length} rare, in fewer than ${FEWEST} samples: ${told.join(", ")}${rare.length > RARE ? ", …" : ""}</p>`;
}

/** A row a word and class, rare ones too. */
export function wordsTable(frames: ClassFrames, input: ManifestInput): Table {
  const { now, before } = sidesOf(frames, input);
  const rows = frames.classes.flatMap((own, i) =>
    [...(now[i]?.words.values() ?? [])].map((word) => ({ own, word, old: before[i]?.words.get(word.id) })),
  );
  return tableOf(rows, {
    class: ({ own }) => own.name,
    word: ({ word }) => tokenName(input, word.id),
    samples: ({ word }) => word.samples,
    mean: ({ word }) => word.mean,
    standard_error: ({ word }) => word.standardError,
    share: ({ word }) => word.share,
    mean_at_reference: ({ old }) => old?.mean ?? null,
  });
}
