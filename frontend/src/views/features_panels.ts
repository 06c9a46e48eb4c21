/** A feature's curves: its share by each method, and how far the methods rank the features alike. */
import type { Line } from "../charts/curve_data";
import type { Panel } from "../elements/curve_panel";
import { distance, percent, tick, words } from "../format";
import { spearman } from "../overview/agreement";
import { cursorSteps, store } from "../state";
import { abbreviated } from "./feature_names";
import { type FeatureTable, featureColumn, featureRow } from "./features_model";

/** The axis holds the cursor's steps and those at which the methods were measured. */
export function range(tables: readonly FeatureTable[]): [number, number] {
  const steps = [...cursorSteps(store.state), ...tables.flatMap((table) => table.steps)];
  return [Math.min(...steps), Math.max(...steps)];
}

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
        label: words(table.method),
        name: abbreviated(table.method),
        colour: colours[i % colours.length],
        focus: i === 0,
        steps: table.steps,
        values: share,
        band: { lower: share.map((v, k) => v - 2 * error[k]), upper: share.map((v, k) => v + 2 * error[k]) },
      },
    ];
  });
  const figures = (value: number) => percent(value, { unit: false });
  return {
    title: "Share",
    unit: "%",
    named: lines.length > 1,
    figure: figures,
    tick: (share) => tick(100 * share),
    lines,
    scale: { low: 0 },
    range: range(tables),
    steps: true,
  };
}

/** Room for the names of two methods and their figure. */
const PAIRS = 124;

/** Spearman's ρ of every pair of methods that know the same features, at the steps both have. */
export function agreementPanel(tables: readonly FeatureTable[], colours: readonly string[]): Panel | undefined {
  const lines: Line[] = [];
  tables.forEach((a, i) => {
    tables.slice(i + 1).forEach((b) => {
      if (a.names.join("\n") !== b.names.join("\n")) return;
      const steps = a.steps.filter((step) => b.steps.includes(step));
      const values = steps.map((step) =>
        spearman(featureColumn(a, a.share, a.steps.indexOf(step)), featureColumn(b, b.share, b.steps.indexOf(step))),
      );
      const colour = colours[(lines.length + 1) % colours.length];
      const label = `${words(a.method)} and ${words(b.method).toLowerCase()}`;
      const name = `${abbreviated(a.method)}, ${abbreviated(b.method)}`;
      lines.push({ run: label, label, name, colour, focus: lines.length === 0, steps, values });
    });
  });
  if (lines.length === 0) return undefined;
  return {
    title: "Agreement of methods",
    unit: `rank ρ over ${tables[0].names.length} features`,
    ends: PAIRS,
    figure: distance,
    tick,
    lines,
    scale: { high: 1 },
    range: range(tables),
    steps: true,
  };
}
