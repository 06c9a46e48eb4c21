/** A feature's curves: its share by each method, and how far the methods rank the features alike. */

import { alarmSign } from "../alarm_kinds";
import type { Alarm } from "../api";
import type { Line } from "../charts/curve_data";
import type { Panel } from "../elements/curve_panel";
import { distance, percent, tick } from "../format";
import { methodTitle, shortMethod } from "../methods";
import { cursorSteps, focusRun, store } from "../state";
import { placeOf, placesAt } from "../steps";
import { AGREEMENT_HELP, FEATURE_HELP } from "./features_help";
import { type FeatureTable, featureRow, rankCorrelation } from "./features_model";

/** The axis holds the cursor's steps and those at which the methods were measured, as places on the axis of epochs. */
export function range(tables: readonly FeatureTable[]): [number, number] {
  const epochs = placesHere([...cursorSteps(store.state), ...tables.flatMap((table) => table.steps)]).filter(
    Number.isFinite,
  );
  return [Math.min(...epochs), Math.max(...epochs)];
}

const placesHere = (steps: readonly number[]): number[] => placesAt(focusRun(store.state), steps);

/** The feature's share by each method that knows it, with the alarms about it. */
export function sharePanel(
  tables: readonly FeatureTable[],
  name: string,
  colours: readonly string[],
  alarms: readonly Alarm[],
): Panel {
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
    unit: "%, ± 2 SE",
    help: FEATURE_HELP,
    alarms: alarms.map((alarm) => ({ place: placeOf(focusRun(store.state), alarm.step), sign: alarmSign(alarm) })),
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

/** Spearman's ρ of every two methods, at the steps that both have; dashed where neither is the first. Undefined with fewer than two. */
export function agreementPanel(tables: readonly FeatureTable[], colours: readonly string[]): Panel | undefined {
  const pairs = tables.flatMap((a, i) => tables.slice(i + 1).map((b, k) => ({ a, b, own: i === 0, at: i + 1 + k })));
  if (pairs.length === 0) return undefined;
  const lines = pairs.map(({ a, b, own, at }): Line => {
    const columns = new Map(b.steps.map((step, i) => [step, i]));
    const shared = a.steps.flatMap((step, i) => {
      const k = columns.get(step);
      return k === undefined ? [] : [{ step, rho: rankCorrelation(a, i, b, k) }];
    });
    const label = `${methodTitle(a.method)} and ${methodTitle(b.method)}`;
    return {
      run: label,
      label,
      name: `${shortMethod(a.method)}, ${shortMethod(b.method)}`,
      colour: colours[at % colours.length],
      focus: own && at === 1,
      dashed: !own,
      epochs: placesHere(shared.map(({ step }) => step)),
      values: shared.map(({ rho }) => rho),
    };
  });
  return {
    title: "Agreement of methods",
    unit: `rank ρ over ${tables[0].names.length} features`,
    help: AGREEMENT_HELP,
    ends: roomOf(lines),
    figure: distance,
    tick,
    lines,
    scale: { low: lowest(lines), high: 1 },
    range: range(tables),
    axis: true,
  };
}

/** Zero, so that agreements look as they are; less where methods contradict each other. */
const lowest = (lines: readonly Line[]): number =>
  lines.flatMap(({ values }) => values.filter(Number.isFinite)).reduce((low, rho) => Math.min(low, rho), 0) < 0
    ? -1
    : 0;

/** CSS pixels of a character, of a figure with the gap before it, and of the least and the most room. */
const NAMED = { character: 6.4, figure: 36, least: 128, most: 192 };

/** Room for two methods' names and their figure. */
function roomOf(lines: readonly Line[]): number {
  const longest = Math.max(...lines.map(({ name = "" }) => name.length));
  return Math.min(NAMED.most, Math.max(NAMED.least, Math.ceil(NAMED.character * longest + NAMED.figure)));
}
