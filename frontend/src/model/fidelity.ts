/** How much of the model its surrogates say, as curves over the epochs and in a sentence at the cursor. */
import type { Series } from "../api";
import { indexAt, type Line } from "../charts/curve_data";
import type { Panel } from "../elements/curve_panel";
import { distance, tick } from "../format";
import type { RunEntry } from "../state";
import { placesAt } from "../steps";
import { paletteOf, runColour } from "../theme";
import { FIDELITY_HELP } from "./help_texts";

export const SURROGATES = [
  { id: "tree", name: "tree", title: "The tree" },
  { id: "linear", name: "linear", title: "The line" },
] as const;

export type SurrogateId = (typeof SURROGATES)[number]["id"];
export type Fidelities = Partial<Record<SurrogateId, Series>>;

/** Below, a surrogate speaks for little of the model. */
export const FAITHFUL = 0.5;

const r2 = (series: Series): number[] => series.steps.map((_, i) => series.at(i)[0]);
const error = (series: Series): number[] => series.steps.map((_, i) => series.at(i)[1]);

export function fidelityPanel(
  run: RunEntry,
  known: Fidelities,
  range: readonly [number, number],
  dark: boolean,
): Panel {
  const lines = SURROGATES.flatMap(({ id, name }): Line[] => {
    const series = known[id];
    if (!series) return [];
    const [values, errors] = [r2(series), error(series)];
    const side = (sign: number) => values.map((value, i) => value + sign * 2 * errors[i]);
    return [
      {
        run: run.run,
        label: name,
        name,
        colour: id === "tree" ? runColour(run.index, dark) : paletteOf(dark).ink,
        focus: true,
        epochs: placesAt(run, series.steps),
        values,
        band: { lower: side(-1), upper: side(1) },
      },
    ];
  });
  const values = lines.flatMap((line) => line.values).filter(Number.isFinite);
  return {
    title: "Fidelity",
    unit: "R² to the model",
    help: FIDELITY_HELP,
    named: true,
    height: 120,
    figure: distance,
    tick,
    lines,
    // Worse than the mean by far is worse than the mean: it would press all else flat.
    scale: { low: Math.max(-1, Math.min(0, ...values)), high: 1 },
    limits: [{ value: FAITHFUL, label: "half of the model" }],
    range,
    axis: true,
  };
}

/** What is to be said at a place on the axis of epochs where a surrogate speaks for little of the model; "" where all speak for it. */
export function fidelityWarning(run: RunEntry, known: Fidelities, place: number): string {
  const said = SURROGATES.flatMap(({ id, title }) => {
    const series = known[id];
    const at = series ? indexAt(placesAt(run, series.steps), place) : -1;
    const value = series && at >= 0 ? series.at(at)[0] : Number.NaN;
    if (!(value < FAITHFUL)) return [];
    if (value <= 0) return [`${title} says no more of the model than its mean would.`];
    return [`${title} speaks for little of the model: R² ${distance(value)}.`];
  });
  return said.length ? `${said.join(" ")} What such a surrogate says is no reason of the model’s.` : "";
}
