/** The charts of the Overview on the page: what a question was answered, or what stands in the charts' place. */

import { html, nothing, type TemplateResult } from "lit";
import type { Curve } from "../api";
import { placesAt } from "../steps";
import "../elements/curve_panel";
import type { Panel } from "../elements/curve_panel";
import { problem, skeleton } from "../elements/states";
import { focusManifest, focusMethod, type State, shownRuns, stepsOfRun } from "../state";
import { type Answers, failureOf, type RunsTask } from "./answers";

/**
 * The charts of one question, or what stands in their place: one error for all of them, `none` where nothing was
 * answered, `less` for a chart that this answer has no lines for.
 */
export function charts<T>(
  task: RunsTask<T>,
  makes: readonly ((value: Answers<T>) => Panel | undefined)[],
  none: string,
  less = none,
): readonly TemplateResult[] {
  const failure = task.error ?? (task.value && failureOf(task.value));
  if (failure) return [problem(failure, () => task.run())];
  const { value } = task;
  if (!value) return makes.map(() => skeleton(110));
  const panels = makes.map((make) => make(value));
  if (panels.every((panel) => !panel?.lines.length)) return [html`<p class="faint">${none}</p>`];
  return panels.map((panel) =>
    panel?.lines.length
      ? html`<explain-curve-panel .panel=${panel}></explain-curve-panel>`
      : html`<p class="faint">${less}</p>`,
  );
}

/** "12 of 20 runs", while a column draws those that have answered. */
export function progressOf(...tasks: readonly RunsTask<unknown>[]): TemplateResult | typeof nothing {
  const under = tasks.flatMap(({ progress }) => progress ?? []);
  if (!under.length) return nothing;
  const [{ answered, asked }] = under.sort((a, b) => a.answered / a.asked - b.answered / b.asked);
  return html`<span class="faint progress" aria-busy="true">${answered} of ${asked} runs</span>`;
}

const axes = new WeakMap<Panel, Panel>();

/** With its epochs below: the same object each time, so that it is not drawn again. */
export function withAxis(panel: Panel): Panel {
  const known = axes.get(panel) ?? { ...panel, axis: true };
  axes.set(panel, known);
  return known;
}

/** Charts one below the other, those that there are; the last has the epochs. */
export function chartColumn(panels: readonly (Panel | undefined)[]): readonly TemplateResult[] {
  const there = panels.filter((panel) => panel !== undefined);
  return there.map(
    (panel, i) =>
      html`<explain-curve-panel .panel=${i === there.length - 1 ? withAxis(panel) : panel}></explain-curve-panel>`,
  );
}

/** From the first to the last place on the axis of epochs of all that is drawn. */
export function rangeOf(state: State, scalars: Answers<readonly Curve[]> = []): [number, number] {
  const explained = shownRuns(state).flatMap((run) => {
    const places = placesAt(run, stepsOfRun(state, run));
    return places.length ? [places[0], places[places.length - 1]] : [];
  });
  const learned = scalars.flatMap(({ value = [] }) =>
    value.flatMap(({ epochs }) => (epochs.length ? [epochs[0], epochs[epochs.length - 1]] : [])),
  );
  const all = [...explained, ...learned].filter(Number.isFinite);
  return all.length ? [Math.min(...all), Math.max(...all)] : [0, 1];
}

/** "of 256 cells", "of 30 features": how many values a sample's attribution has. */
export function featureCount(state: State): string {
  const explained = focusMethod(state)?.regions.map(({ input }) => input) ?? [];
  const inputs = (focusManifest(state)?.inputs ?? []).filter(
    ({ name }) => !explained.length || explained.includes(name),
  );
  if (!inputs.length) return "";
  const count = inputs.reduce((sum, { cells }) => sum + cells.reduce((a, b) => a * b, 1), 0);
  const nouns = { image: "cells", tabular: "features", text: "tokens", sequence: "time steps" };
  const [kind, another] = new Set(inputs.map((input) => input.kind));
  return `of ${count} ${another ? "values" : nouns[kind]}`;
}
