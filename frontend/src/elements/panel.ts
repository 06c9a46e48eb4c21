/** A chart of curves with its words, and how it is drawn: smoothed, zoomed, on the chosen scale. */
import type { CurveChart } from "../charts/curves";
import { smoothLines, weightText } from "../charts/smoothing";
import { type Range, shownRange, shownScale } from "../curve_settings";
import type { FigureHelp } from "./words_dialog";

/** A chart with its words. Its title is the key to how it is shown. */
export interface Panel extends CurveChart {
  title: string;
  unit: string;
  /** What it is of, where several have its title; for the names of files. */
  of?: string;
  /** What it means, told when its title is pressed. */
  help?: FigureHelp;
  /** Whether it is smoothed with the curves of learning. */
  smooths?: boolean;
  /** Of the plot, CSS pixels; 80 unless given. */
  height?: number;
  /** Whether values in the title row stand with their lines' names. */
  named?: boolean;
}

/** A panel as it is drawn: smoothed where curves of learning are, on the chosen scale, within the zoom. */
export function shownPanel(panel: Panel, smoothing: number, zoom: Range | null, scales: string, axis: boolean): Panel {
  const weight = panel.smooths ? smoothing : 0;
  const scale = shownScale(panel.title, panel.scale ?? {}, scales);
  const said = [unitOn(panel, scale.log ?? false), weight ? `smoothed ${weightText(weight)}` : ""];
  return {
    ...panel,
    unit: said.filter(Boolean).join(", "),
    lines: smoothLines(panel.lines, weight),
    scale,
    axis,
    range: shownRange(panel.range, zoom),
  };
}

/** A chart's unit with the scale that it is drawn on, where that is not its own. */
function unitOn({ unit, scale }: Panel, log: boolean): string {
  if (log === (scale?.log ?? false)) return unit;
  return log ? [unit, "log"].filter(Boolean).join(", ") : unit.replace(/(, )?log( scale)?$/, "");
}
