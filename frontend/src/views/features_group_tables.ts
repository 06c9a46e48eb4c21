/** The tables of the probe's groups at the cursor: how the model does on each, and what it goes by there. */

import { css, html, nothing, unsafeCSS } from "lit";
import type { ByGroup, FiguresOfSamples } from "../api";
import { drawShareBar } from "../charts/bars";
import { roundUp } from "../charts/marks";
import { type Table, tableOf } from "../downloads";
import type { Draw } from "../elements/canvas";
import "../elements/canvas";
import { clippedName } from "../elements/clipped_name";
import { distance, figure, percent } from "../format";
import { palette } from "../theme";
import {
  differs,
  type Estimate,
  estimateAt,
  type GroupFeature,
  gapBeyondChance,
  hasRest,
  shareLimit,
} from "./groups_model";

/** CSS pixels of a group's column with its bars and without, and of the names with what is of all samples. */
const WIDE = { bars: 204, numbers: 100, beside: 480 };

export const groupStyles = css`
  .scrolls { overflow-x: auto; margin-left: -8px; }
  .groups { border-collapse: collapse; }
  .groups th, .groups td { height: 24px; padding: 0 16px 0 0; text-align: right; white-space: nowrap; font-weight: 400; }
  .groups thead th { color: var(--ink3); font-size: 11px; vertical-align: bottom; }
  .groups th[scope="row"], .groups thead th:first-child { text-align: left; }
  .groups tbody tr { border-top: 1px solid var(--line); }
  .groups .name { display: flex; width: clamp(96px, 16vw, 240px); padding: 0; border: 0; background: none; font: inherit; color: inherit; text-align: left; }
  .groups button.name { cursor: pointer; }
  .groups button.name:hover { text-decoration: underline; }
  .groups th:first-child { padding-left: 8px; }
  .groups .head { display: flex; justify-content: flex-end; max-width: ${unsafeCSS(WIDE.numbers - 16)}px; margin-left: auto; }
  .groups .all { color: var(--ink2); }
  .groups .beyond { font-weight: 700; }
  .groups .selected { background: var(--focus-bg); box-shadow: inset 2px 0 0 var(--accent); }
  .groups .guard { flex: none; margin-left: 4px; color: var(--warn); }
  .groups .bar { display: grid; grid-template-columns: minmax(48px, 96px) 84px; gap: 8px; align-items: center; }
  .groups explain-canvas { height: 24px; }
`;

/** Fewer make every error wide. */
const FEW = 64;

/** "0.42 ± .03" */
const withNoise = ({ value, standardError }: Estimate, text: (value: number) => string): string =>
  Number.isFinite(value) && Number.isFinite(standardError)
    ? `${text(value)} ± ${text(2 * standardError)}`
    : text(value);

const bare = (share: number): string => percent(share, { unit: false });

/** All samples first, then the groups. */
export const everyone = ({ all, groups }: ByGroup): (FiguresOfSamples & { name: string })[] => [
  { ...all, name: "all" },
  ...groups,
];

/** @param at index of the step */
export function figuresTable(answer: ByGroup, at: number) {
  const { all, groups } = answer;
  const known = (figures: (of: FiguresOfSamples) => readonly number[]) =>
    everyone(answer).some((of) => figures(of).some(Number.isFinite));
  const [losses, accurate, drifts] = [
    known(({ loss }) => loss.value),
    known(({ accuracy }) => accuracy.value),
    known(({ localDrift }) => localDrift.median),
  ];
  const cell = (of: FiguresOfSamples, pick: (of: FiguresOfSamples) => Estimate, text: (value: number) => string) => {
    const beyond = hasRest(of, answer) && differs(pick(of), pick(all), of.samples / all.samples);
    return html`<td class=${beyond ? "beyond" : ""}>${withNoise(pick(of), text)}</td>`;
  };
  const row = (of: FiguresOfSamples, name: string) => {
    const { median, lower, upper } = of.localDrift;
    const gap = estimateAt(of.shareGap, at);
    const chance = of.shareGap.byChance[at];
    return html`<tr class=${of === all ? "all" : ""}>
      <th scope="row" title=${name}><span class="name">${clippedName(name)}</span></th>
      <td>${of.samples < FEW ? html`<span class="faint">few samples</span> ` : nothing}${of.samples}</td>
      ${losses ? cell(of, ({ loss }) => estimateAt(loss, at), figure) : nothing}
      ${accurate ? cell(of, ({ accuracy }) => estimateAt(accuracy, at), bare) : nothing}
      ${drifts ? html`<td title=${`quartiles ${distance(lower[at])} … ${distance(upper[at])}`}>${distance(median[at])}</td>` : nothing}
      <td class=${gapBeyondChance(of, at) ? "beyond" : ""} title=${Number.isFinite(chance) ? `by chance ${percent(chance)}` : ""}>${withNoise(gap, bare)}</td>
      <td class="faint">${bare(chance)}</td>
    </tr>`;
  };
  return html`<div class="scrolls" tabindex="0" role="region" aria-label="Figures by group"><table class="groups">
    <thead><tr><th scope="col">Group</th><th scope="col">samples</th>
      ${losses ? html`<th scope="col">loss ± 2 SE</th>` : nothing}${accurate ? html`<th scope="col">accuracy %, ± 2 SE</th>` : nothing}
      ${drifts ? html`<th scope="col">local drift</th>` : nothing}<th scope="col">share gap %, ± 2 SE</th><th scope="col">by chance %</th></tr></thead>
    <tbody>${groups.map((group) => row(group, group.name))}${row(all, "all samples")}</tbody>
  </table></div>`;
}

/** How many groups have room, and whether bars have. */
export function groupsWithin(width: number, groups: number): { count: number; bars: boolean } {
  const room = Math.max(0, width - WIDE.beside);
  const bars = groups * WIDE.bars <= room;
  return { count: Math.max(1, bars ? groups : Math.min(groups, Math.floor(room / WIDE.numbers))), bars };
}

/**
 * @param at       index of the step
 * @param selected index of a feature, whose curve is shown
 * @param room     how many groups are shown, and whether with bars
 */
export function sharesTable(
  answer: ByGroup,
  at: number,
  features: readonly GroupFeature[],
  selected: number,
  room: { count: number; bars: boolean },
  choose: (name: string) => void,
) {
  const { all } = answer;
  const groups = answer.groups.slice(0, room.count);
  const colours = palette();
  const bar = (of: FiguresOfSamples, feature: number, limit: number) => {
    const [own, whole] = [of, all].map(({ shares }) => estimateAt(shares[feature], at));
    const beyond = hasRest(of, answer) && differs(own, whole, of.samples / all.samples);
    const draw: Draw = (context, size) =>
      drawShareBar(context, own.value, own.standardError, of === all ? Number.NaN : whole.value, {
        ...size,
        limit,
        color: colours.line2,
        palette: colours,
      });
    if (!room.bars) return html`<td class=${beyond ? "beyond" : ""}>${withNoise(own, bare)}</td>`;
    return html`<td class=${beyond ? "beyond" : ""}><div class="bar"><explain-canvas .draw=${draw}></explain-canvas><span>${withNoise(own, bare)}</span></div></td>`;
  };
  const limits = features.map((_, feature) => shareLimit([all, ...groups], feature));
  const axis = roundUp(Math.max(0, ...limits));
  return html`<div class="scrolls" tabindex="0" role="region" aria-label="Shares by group"><table class="groups">
    <thead><tr><th scope="col">Feature</th>${groups.map(({ name }) => html`<th scope="col" title=${name}><div class="head">${clippedName(name)}</div></th>`)}<th scope="col">all samples</th></tr></thead>
    <tbody>${features.map(
      (
        feature,
        i,
      ) => html`<tr class=${i === selected ? "selected" : ""}><th scope="row" title=${feature.protected ? `${feature.name}: protected by ${feature.protected}` : feature.name}>
        <button class="name" aria-pressed=${i === selected ? "true" : "false"} @click=${() => choose(feature.name)}>${clippedName(feature.name)}${feature.protected ? html`<span class="guard">◈<span class="unseen"> protected</span></span>` : nothing}</button></th>
        ${groups.map((group) => bar(group, i, axis))}${bar(all, i, axis)}</tr>`,
    )}</tbody>
  </table></div>`;
}

/** A row a group, at one step. */
export const figuresData = (answer: ByGroup, at: number): Table =>
  tableOf(everyone(answer), {
    group: ({ name }) => name,
    step: () => answer.steps[at] ?? null,
    samples: ({ samples }) => samples,
    loss: ({ loss }) => loss.value[at],
    loss_standard_error: ({ loss }) => loss.standardError[at],
    accuracy: ({ accuracy }) => accuracy.value[at],
    accuracy_standard_error: ({ accuracy }) => accuracy.standardError[at],
    local_drift: ({ localDrift }) => localDrift.median[at],
    share_gap: ({ shareGap }) => shareGap.value[at],
    share_gap_standard_error: ({ shareGap }) => shareGap.standardError[at],
    share_gap_by_chance: ({ shareGap }) => shareGap.byChance[at],
  });

/** A row a group and feature, at one step. */
export const sharesData = (answer: ByGroup, at: number, features: readonly GroupFeature[]): Table =>
  tableOf(
    everyone(answer).flatMap((of) => features.map((feature, i) => ({ of, feature, own: of.shares[i] }))),
    {
      group: ({ of }) => of.name,
      feature: ({ feature }) => feature.name,
      protected: ({ feature }) => feature.protected,
      step: () => answer.steps[at] ?? null,
      share: ({ own }) => own.value[at],
      standard_error: ({ own }) => own.standardError[at],
    },
  );
