/** A feature's curves: its share by each method, and how far the methods rank the features alike. */

import type { Line } from "../charts/curve_data";
import type { Panel } from "../elements/curve_panel";
import { distance, percent, tick } from "../format";
import { methodTitle, shortMethod } from "../methods";
import { spearman } from "../overview/agreement";
import { cursorSteps, focusRun, store } from "../state";
import { placesAt } from "../steps";
import { type FeatureTable, featureColumn, featureRow } from "./features_model";

/** The axis holds the cursor's steps and those at which the methods were measured, as places on the axis of epochs. */
export function range(tables: readonly FeatureTable[]): [number, number] {
  const epochs = placesHere([...cursorSteps(store.state), ...tables.flatMap((table) => table.steps)]).filter(
    Number.isFinite,
  );
  return [Math.min(...epochs), Math.max(...epochs)];
}

const placesHere = (steps: readonly number[]): number[] => placesAt(focusRun(store.state), steps);

/** The feature's share by each method that knows it. */
export function sharePanel(tables: readonly FeatureTable[], name: string, colours: readonly string[]): Panel {
  const lines = tables.flatMap((table, i): Line[] => {
    const feature = table.names.indexOf(name);
    if (feature < 0) return [];
    const share = Array.from(featureRow(table, table.share, feature));
    const error = Array.from(featureRow(table, table.standardError, feature));
    return [
      {
        run: table.method,
        label: methodTitle(table.method),
        name: shortMethod(table.method),
        colour: colours[i % colours.length],
        focus: i === 0,
        epochs: placesHere(table.steps),
        values: share,
        band: { lower: share.map((v, k) => v - 2 * error[k]), upper: share.map((v, k) => v + 2 * error[k]) },
      },
    ];
  });
  const figures = (value: number) => percent(value, { unit: false });
  return {
    title: "Share",
    of: name,
    unit: "%",
    ends: lines.length > 1 ? NAMES : undefined,
    figure: figures,
    tick: (share) => tick(100 * share),
    lines,
    scale: { low: 0 },
    range: range(tables),
    axis: true,
  };
}

/** Room for a method's name and its figure. */
const NAMES = 108;

/** Spearman's ρ of the first method with each of the others, at the steps both have. */
export function agreementPanel([a, ...others]: readonly FeatureTable[], colours: readonly string[]): Panel | undefined {
  const lines = others.map((b, i): Line => {
    const steps = a.steps.filter((step) => b.steps.includes(step));
    const values = steps.map((step) =>
      spearman(featureColumn(a, a.share, a.steps.indexOf(step)), featureColumn(b, b.share, b.steps.indexOf(step))),
    );
    const label = `${methodTitle(a.method)} and ${methodTitle(b.method)}`;
    return {
      run: label,
      label,
      name: shortMethod(b.method),
      colour: colours[(i + 1) % colours.length],
      focus: i === 0,
      epochs: placesHere(steps),
      values,
    };
  });
  if (lines.length === 0) return undefined;
  return {
    title: "Agreement of methods",
    unit: `rank ρ with ${shortMethod(a.method)}`,
    ends: NAMES,
    figure: distance,
    tick,
    lines,
    scale: { high: 1 },
    range: range([a, ...others]),
    axis: true,
  };
}
