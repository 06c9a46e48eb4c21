/** A layer's health as curves over the epochs: the chosen layer in its run's colour, the others in grey, limits where an alarm names one. */

import { alarmSign, isAbout } from "../alarm_kinds";
import type { Alarm, Series } from "../api";
import type { Line } from "../charts/curve_data";
import type { Panel } from "../elements/curve_panel";
import { figure, percent, tick } from "../format";
import { cursorSteps, type RunEntry, store } from "../state";
import { placeOf, placesAt } from "../steps";
import { paletteOf, runColour } from "../theme";
import type { LoadedLayer } from "./layers_data";
import { alarmedFigure, type Health, healthCurve } from "./layers_model";

const shareTick = (share: number): string => tick(100 * share);

const CURVES: readonly { figure: Health; title: string; unit: string; log: boolean; share: boolean }[] = [
  { figure: "saturated", title: "Saturated", unit: "% of outputs", log: false, share: true },
  { figure: "dead", title: "Dead units", unit: "% of units", log: false, share: true },
  { figure: "update", title: "Update ratio", unit: "‖Δw‖ / ‖w‖, %", log: true, share: true },
  { figure: "gradient", title: "Gradient norm", unit: "on the probe", log: true, share: false },
  { figure: "shift", title: "Distribution shift", unit: "of activations, in deviations", log: false, share: false },
];

const finite = (values: readonly number[]): boolean => values.some(Number.isFinite);

/** One panel a figure that has a meaning for the layer. @param theirs the layer of the same name in the run that this one is held against */
export function healthPanels(
  health: Series,
  others: readonly Series[],
  layer: string,
  run: RunEntry,
  theirs: LoadedLayer | undefined,
  alarms: readonly Alarm[],
  dark: boolean,
): Panel[] {
  const epochs = placesAt(run, cursorSteps(store.state));
  const own = alarms.filter((alarm) => alarm.run === run.run && isAbout(alarm, layer));
  const shown = CURVES.filter((curve) => finite(healthCurve(health, curve.figure)));
  return shown.map((curve, i) => {
    const line = (series: Series, name: string, focus: boolean): Line => ({
      run: name,
      label: name,
      colour: focus ? runColour(run.index, dark) : paletteOf(dark).line2,
      focus,
      aside: !focus,
      epochs: placesAt(run, series.steps),
      values: healthCurve(series, curve.figure),
    });
    const theirLine = (other: RunEntry, series: Series): Line => ({
      run: other.run,
      label: other.label,
      colour: runColour(other.index, dark),
      focus: false,
      epochs: placesAt(other, series.steps),
      values: healthCurve(series, curve.figure),
    });
    const about = own.filter((alarm) => alarmedFigure(alarm) === curve.figure);
    const limit = about.map(({ evidence }) => evidence.limit).find((value) => typeof value === "number");
    const text = curve.share ? shareTick : tick;
    return {
      title: curve.title,
      of: layer,
      unit: curve.unit,
      figure: curve.share ? (share) => percent(share, { unit: false }) : figure,
      tick: text,
      lines: [
        line(health, layer, true),
        ...others
          .filter((other) => finite(healthCurve(other, curve.figure)))
          .map((other) => line(other, "another layer", false)),
        ...(theirs?.health ? [theirLine(theirs.run, theirs.health)] : []),
      ],
      scale: curve.log ? { log: true } : { low: 0 },
      limits: limit === undefined ? [] : [{ value: limit, label: `limit ${text(limit)}${curve.share ? " %" : ""}` }],
      alarms: about.map((alarm) => ({ place: placeOf(run, alarm.step), sign: alarmSign(alarm) })),
      range: [epochs[0] ?? 0, epochs.at(-1) ?? 0],
      axis: i === shown.length - 1,
    };
  });
}
