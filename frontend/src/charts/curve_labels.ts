/**
 * Names at the curves themselves, at limits and at the first alarm: elements over the plot. They keep their places while
 * the cursor moves, unless it runs over one, which then moves out of its way.
 */
import { type Line, valueAt } from "./curve_data";
import { shownAlarms, shownLimits } from "./curve_limits";
import type { Marks } from "./curve_marks";
import { CHART_FONT } from "./curve_plot";
import type { CurveScales } from "./curve_scales";
import type { CurveChart } from "./curves";
import {
  type Box,
  besideCurve,
  besideWall,
  bestPlace,
  hitsWall,
  type Profile,
  profileOf,
  type Size,
  spreadOut,
} from "./label_places";

const HEIGHT = 14;
/** From the end of the plot to the names that stand there. */
const BESIDE = 8;

/** What names are laid over: an element as large as the plot, and a pen that measures them. */
export interface Sheet {
  over: HTMLElement;
  pen: CanvasRenderingContext2D;
  scales: CurveScales;
}

interface Label {
  element: HTMLElement;
  /** The curve or limit it names. */
  own?: Profile;
  places: readonly Box[];
  box?: Box;
}

function textSize({ pen }: Sheet, text: string): Size {
  pen.font = CHART_FONT;
  const { width } = pen.measureText(text);
  return { width: Math.ceil(width) + 2, height: HEIGHT };
}

function write({ over }: Sheet, kind: string, text: string): HTMLElement {
  const element = document.createElement("span");
  element.className = `label ${kind}`;
  element.textContent = text;
  over.append(element);
  return element;
}

/** Those of a line's points that are shown. */
function points({ x, y, shows }: CurveScales, { epochs, values }: Line): [number, number][] {
  return epochs.flatMap((epoch, i): [number, number][] =>
    Number.isFinite(values[i]) && shows(epoch) ? [[x(epoch), y(values[i])]] : [],
  );
}

function labelsOf(sheet: Sheet, chart: CurveChart, profiles: ReadonlyMap<Line, Profile>, plot: Size): Label[] {
  const { scales } = sheet;
  const label = (kind: string, text: string, own: Profile): Label => ({
    element: write(sheet, kind, text),
    own,
    places: besideCurve(own, textSize(sheet, text), plot),
  });
  const limits = shownLimits(scales, chart).map((limit) => {
    const y = scales.y(limit.shade === "sunk" ? Math.min(limit.to ?? limit.value, scales.axis.max) : limit.value);
    const flat: [number, number][] = [
      [0, y],
      [plot.width, y],
    ];
    return label("limit", limit.label, profileOf(flat, plot.width));
  });
  const [alarm] = shownAlarms(chart);
  const first =
    chart.alarmLabel && alarm !== undefined && alarm === chart.alarms?.[0]
      ? [
          {
            element: write(sheet, "alarm", chart.alarmLabel),
            places: besideWall(scales.x(alarm.place), textSize(sheet, chart.alarmLabel), plot),
          },
        ]
      : [];
  const names = [...profiles].flatMap(([{ name }, own]) => (name ? [label("name", name, own)] : []));
  const noted = [...profiles].find(([line]) => line.focus && !line.faint);
  const note = chart.note && noted ? [label("limit", chart.note, noted[1])] : [];
  return [...limits, ...first, ...names, ...note];
}

/** Lays the names over a chart that has been drawn; what comes back keeps them out of the cursor's way. */
export function nameCurves(sheet: Sheet, chart: CurveChart, lines: readonly Line[]): (marks: Marks) => void {
  if (chart.ends) return nameEnds(sheet, chart, lines);
  const { scales } = sheet;
  const plot = { width: scales.width, height: scales.height };
  const profiles = new Map(lines.map((line) => [line, profileOf(points(scales, line), plot.width)]));
  const labels = labelsOf(sheet, chart, profiles, plot);
  const alarms = shownAlarms(chart).map(({ place }) => scales.x(place));
  return ({ cursor, reference }) => {
    const moving = [cursor, reference].flatMap((step) => (step === null ? [] : [scales.x(step)]));
    for (const label of labels) {
      const { element, own, places } = label;
      if (label.box && !hitsWall(label.box, moving)) continue;
      label.box = bestPlace(places, own, {
        plot,
        others: [...profiles.values()].filter((profile) => profile !== own),
        walls: [...moving, ...alarms],
        taken: labels.flatMap(({ box }) => (box && box !== label.box ? [box] : [])),
      });
      element.hidden = !label.box;
      if (label.box) element.style.transform = `translate(${label.box.left}px, ${label.box.top}px)`;
    }
  };
}

/** Names and values beside the lines' ends, one below the other. */
function nameEnds(sheet: Sheet, chart: CurveChart, lines: readonly Line[]): (marks: Marks) => void {
  const { scales } = sheet;
  const named = lines.flatMap((line) => {
    const end = points(scales, line).at(-1);
    return line.name && end ? [{ line, y: end[1] - HEIGHT / 2, element: write(sheet, "name", line.name) }] : [];
  });
  const heights = spreadOut(
    named.map(({ y }) => y),
    HEIGHT,
    scales.height - HEIGHT / 2,
  );
  named.forEach(({ element }, i) => {
    element.style.transform = `translate(${scales.width + BESIDE}px, ${heights[i]}px)`;
    element.style.maxWidth = `${(chart.ends ?? 0) - BESIDE}px`;
  });
  return ({ cursor, hover }) => {
    const step = hover ?? cursor;
    for (const { line, element } of named) {
      element.textContent = step === null ? (line.name ?? "") : `${line.name} ${chart.figure(valueAt(line, step))}`;
    }
  };
}
