/** A layer's health as curves over the epochs: the chosen layer in its run's colour, the others in grey, limits and what is usual shaded. */

import { alarmSign, isAbout } from "../alarm_kinds";
import type { Alarm, ManifestLayer, Series } from "../api";
import type { Limit, Line } from "../charts/curve_data";
import type { Panel } from "../elements/curve_panel";
import { figure, percent, tick } from "../format";
import { cursorSteps, type RunEntry, store } from "../state";
import { placeOf, placesAt, stepName } from "../steps";
import { paletteOf, runColour } from "../theme";
import type { LoadedLayer } from "./layers_data";
import { HEALTH_HELP } from "./layers_help";
import { alarmedFigure, type Health, healthCurve, LIMITS } from "./layers_model";

const shareTick = (share: number): string => tick(100 * share);

interface Curve {
  figure: Health;
  title: string;
  unit: (layer: ManifestLayer) => string;
  log?: boolean;
  share?: boolean;
  /** Drawn only where it is not zero throughout. */
  rare?: boolean;
}

const CURVES: readonly Curve[] = [
  { figure: "nonFinite", title: "Not finite", unit: () => "% of outputs", share: true, rare: true },
  { figure: "saturated", title: "Saturated", unit: (layer) => `% of outputs${beyond(layer)}`, share: true },
  { figure: "dead", title: "Dead units", unit: ({ activation }) => `% of ${activation} units`, share: true },
  { figure: "update", title: "Update ratio", unit: () => "‖Δw‖ / ‖w‖, %", log: true, share: true },
  { figure: "gradient", title: "Gradient norm", unit: () => "on the probe", log: true },
  { figure: "shift", title: "Distribution shift", unit: () => "of activations, in deviations" },
];

/** Outside which range outputs are saturated: " beyond ±.97". */
export function beyond({ activation }: Pick<ManifestLayer, "activation">): string {
  if (activation.includes("tanh")) return " beyond ±.97";
  return activation.includes("sigmoid") ? " outside .015 … .985" : "";
}

/** Another layer of the model, to be drawn in grey. */
export interface OtherLayer {
  name: string;
  health: Series;
}

/** Of a plot, and what stands around it, CSS pixels. */
const [LEAST_HEIGHT, MOST_HEIGHT, AROUND] = [80, 160, 35];
/** Of the epochs below the last one. */
const EPOCHS = 16;

const finite = (values: readonly number[]): boolean => values.some(Number.isFinite);

/**
 * One panel a figure that has a meaning for the layer.
 *
 * @param theirs  the layer of the same name in the run that this one is held against
 * @param room    height for all of them, CSS pixels
 */
export function healthPanels(
  health: Series,
  others: readonly OtherLayer[],
  usual: readonly [number, number] | undefined,
  layer: ManifestLayer,
  run: RunEntry,
  theirs: LoadedLayer | undefined,
  alarms: readonly Alarm[],
  dark: boolean,
  room: number,
): Panel[] {
  const epochs = placesAt(run, cursorSteps(store.state));
  const own = alarms.filter((alarm) => alarm.run === run.run && isAbout(alarm, layer.name));
  const shown = CURVES.filter(({ figure: which, rare }) => {
    const values = healthCurve(health, which);
    return rare ? values.some((value) => value > 0) : finite(values);
  });
  const height = Math.max(
    LEAST_HEIGHT,
    Math.min(MOST_HEIGHT, Math.floor((room - EPOCHS) / Math.max(1, shown.length)) - AROUND),
  );
  return shown.map((curve, i) => {
    const line = (series: Series, name: string, focus: boolean): Line => ({
      run: run.run,
      label: name,
      colour: focus ? runColour(run.index, dark) : paletteOf(dark).line2,
      focus,
      aside: !focus,
      epochs: placesAt(run, series.steps),
      values: healthCurve(series, curve.figure),
    });
    const theirLine = (other: RunEntry, series: Series): Line => ({
      run: other.run,
      label: `${layer.name}, ${other.label}`,
      colour: runColour(other.index, dark),
      focus: false,
      epochs: placesAt(other, series.steps),
      values: healthCurve(series, curve.figure),
    });
    const about = own.filter((alarm) => alarmedFigure(alarm) === curve.figure);
    const values = healthCurve(health, curve.figure);
    const text = curve.share ? shareTick : tick;
    return {
      title: curve.title,
      of: layer.name,
      unit: curve.unit(layer),
      help: HEALTH_HELP[curve.figure],
      smooths: true,
      height,
      figure: curve.share ? (share) => percent(share, { unit: false }) : figure,
      tick: text,
      lines: [
        line(health, layer.name, true),
        ...others
          .filter((other) => finite(healthCurve(other.health, curve.figure)))
          .map((other) => line(other.health, other.name, false)),
        ...(theirs?.health ? [theirLine(theirs.run, theirs.health)] : []),
      ],
      scale: curve.log ? { log: true } : { low: 0 },
      limits: limitsOf(curve, values, about, usual),
      note: curve.figure === "dead" || curve.figure === "saturated" ? sinceWhen(run, health.steps, values) : undefined,
      alarms: about.map((alarm) => ({ place: placeOf(run, alarm.step), sign: alarmSign(alarm) })),
      range: [epochs[0] ?? 0, epochs.at(-1) ?? 0],
      axis: i === shown.length - 1,
    };
  });
}

/** A limit is drawn once the curve has come half as far: before, it would press the curve flat. */
function limitsOf(
  { figure: which, share }: Curve,
  values: readonly number[],
  alarms: readonly Alarm[],
  usual: readonly [number, number] | undefined,
): Limit[] {
  if (which === "update") return usual ? [{ value: usual[0], to: usual[1], label: "usual range", shade: "sunk" }] : [];
  const limit =
    alarms.map(({ evidence }) => evidence.limit).find((value) => typeof value === "number") ?? LIMITS[which];
  if (!limit || !values.some((value) => value > limit / 2)) return [];
  const label = `limit ${share ? `${shareTick(limit)}\u202f%` : tick(limit)}`;
  return [{ value: limit, to: Number.POSITIVE_INFINITY, label, shade: "alarmBg" }];
}

/** "none since epoch 5" where a share has gone back to zero and stayed there; "" where it has not, and where it never was above. */
export function sinceWhen(run: RunEntry, steps: readonly number[], values: readonly number[]): string {
  const last = values.findLastIndex((value) => value !== 0);
  return last >= 0 && values[last] > 0 && last < values.length - 1
    ? `none since ${stepName(run, steps[last + 1])}`
    : "";
}

/** Between which values nine of ten of all layers lie at all steps; undefined for fewer than three layers. */
export function usualRange(layers: readonly Series[], which: Health): readonly [number, number] | undefined {
  const known = layers.map((series) =>
    healthCurve(series, which).filter((value) => Number.isFinite(value) && value > 0),
  );
  if (known.filter(({ length }) => length > 0).length < 3) return undefined;
  const sorted = Float64Array.from(known.flat()).sort();
  const at = (part: number) => sorted[Math.round(part * (sorted.length - 1))];
  return [at(0.05), at(0.95)];
}
