/** A layer's histograms now against those of the reference: of another step of its run, or of another run's layer of the same name. */

import { html, nothing } from "lit";
import type { Series } from "../api";
import { nearestIndex } from "../charts/epoch_axis";
import { drawHistogram, type Grid, total } from "../charts/histogram";
import type { Draw } from "../elements/canvas";
import "../elements/canvas";
import { figureMenu } from "../elements/figure_menu";
import { problem, skeleton } from "../elements/states";
import { figure, percent, thousands } from "../format";
import { mix, palette } from "../theme";
import { momentsTable } from "./figure_tables";
import { type Kind, onOneGrid, type Spreads } from "./layers_data";
import { type Health, healthAt } from "./layers_model";

/** A layer at one step of a run. */
export interface Moment {
  spreads: Spreads | undefined;
  health: Series | undefined;
  step: number;
}

const HEIGHT = 136;
const TITLES: Record<Kind, string> = { activation: "Activations", gradient: "Gradients", weight: "Weights" };

export interface Compared {
  grid: Grid;
  now: Float64Array;
  /** Scaled to as many values where it is another run's: its layer may have more units, its probe is the same. */
  before: Float64Array | undefined;
}

/** The histograms to draw; undefined where there is none now. */
export function compared(kind: Kind, now: Moment, before: Moment | undefined): Compared | undefined {
  const [own, old] = [now.spreads?.[kind], before?.spreads?.[kind]];
  if (!own || own instanceof Error) return undefined;
  const at = nearestIndex(own.steps, now.step);
  if (at < 0) return undefined;
  if (!before || !old || old instanceof Error) return { grid: own.grid, now: own.grid.counts[at], before: undefined };
  const then = nearestIndex(old.steps, before.step);
  if (old === own) {
    return { grid: own.grid, now: own.grid.counts[at], before: then === at ? undefined : own.grid.counts[then] };
  }
  const [mine, theirs] = onOneGrid(own, old);
  const [counts, others] = [mine.counts[at], theirs.counts[then]];
  const scale = total(others) > 0 ? total(counts) / total(others) : 0;
  return { grid: mine, now: counts, before: others?.map((count) => count * scale) };
}

export function spreadPanel(
  kind: Kind,
  layer: string,
  now: Moment,
  before: Moment | undefined,
  colour: string,
  again: () => void,
) {
  const title = TITLES[kind];
  const spread = now.spreads?.[kind];
  if (!now.spreads) return html`<div class="spread-panel"><b>${title}</b>${skeleton(HEIGHT)}</div>`;
  if (spread instanceof Error) return html`<div class="spread-panel">${problem(spread, again)}</div>`;
  if (!spread) return html`<div class="spread-panel"><b>${title}</b> <span class="faint">not logged</span></div>`;
  const shown = compared(kind, now, before);
  if (!shown) return nothing;
  const colours = palette();
  const fill = mix(colour, colours.bg, 0.5);
  const draw: Draw = (context, { width, height }) =>
    drawHistogram(context, shown.grid, shown.now, shown.before, { width, height, fill, palette: colours });
  const values = total(shown.now);
  const unit = kind === "gradient" ? "|∂L/∂w|, log₁₀" : values > 0 ? `${thousands(values)} values` : "no finite values";
  const figures = said(kind, now, before);
  const menu = figureMenu(`${title} of ${layer}`, () => momentsTable(shown.grid, shown.now, shown.before), {
    tight: true,
  });
  return html`<section class="spread-panel">
    <div class="row"><div class="words spread"><b>${title}</b><span class="faint">${unit}</span></div>${menu}<span class="faint said">${figures}</span></div>
    <explain-canvas style=${`height:${HEIGHT}px`} .draw=${draw} label=${`${title} of ${layer}: ${figures}`}></explain-canvas>
  </section>`;
}

/** The figure that goes with a histogram, at the reference and now: "norm 1.2 → 3.4". */
export function said(kind: Kind, now: Moment, before: Moment | undefined): string {
  const change = (name: string, which: Health, text: (value: number) => string) => {
    const at = (moment: Moment | undefined) =>
      moment?.health ? healthAt(moment.health, which, nearestIndex(moment.health.steps, moment.step)) : Number.NaN;
    const [value, old] = [at(now), at(before)];
    if (!Number.isFinite(value)) return "";
    const same = before?.health === now.health && before?.step === now.step;
    return `${name} ${Number.isFinite(old) && !same ? `${text(old)} → ` : ""}${text(value)}`;
  };
  if (kind === "gradient") return change("norm", "gradient", figure);
  if (kind === "weight") return change("norm", "weight", figure);
  return change("saturated", "saturated", percent) || change("dead", "dead", percent);
}
