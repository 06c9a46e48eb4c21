/**
 * Names at the curves themselves, at limits and at the first alarm: elements over the plot. They keep their places while
 * the cursor moves, unless it runs over one, which then moves out of its way.
 */
import type uPlot from "uplot";
import { type Line, valueAt } from "./curve_data";
import { shownAlarms, shownLimits } from "./curve_limits";
import type { Marks } from "./curve_marks";
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

export const CHART_FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const HEIGHT = 14;
/** From the end of the plot to the names that stand there. */
const BESIDE = 8;

interface Label {
  element: HTMLElement;
  /** The curve or limit it names. */
  own?: Profile;
  places: readonly Box[];
  box?: Box;
}

function textSize(u: uPlot, text: string): Size {
  u.ctx.save();
  u.ctx.font = CHART_FONT;
  const { width } = u.ctx.measureText(text);
  u.ctx.restore();
  return { width: Math.ceil(width) + 2, height: HEIGHT };
}

function write(u: uPlot, kind: string, text: string): HTMLElement {
  const element = document.createElement("span");
  element.className = `label ${kind}`;
  element.textContent = text;
  u.over.append(element);
  return element;
}

/** Those of a line's points that are shown. */
function points(u: uPlot, { epochs, values }: Line): [number, number][] {
  const { min = 0, max = 1 } = u.scales.x;
  return epochs.flatMap((epoch, i): [number, number][] =>
    Number.isFinite(values[i]) && epoch >= min && epoch <= max
      ? [[u.valToPos(epoch, "x"), u.valToPos(values[i], "y")]]
      : [],
  );
}

function labelsOf(u: uPlot, chart: CurveChart, profiles: ReadonlyMap<Line, Profile>, plot: Size): Label[] {
  const label = (kind: string, text: string, own: Profile): Label => ({
    element: write(u, kind, text),
    own,
    places: besideCurve(own, textSize(u, text), plot),
  });
  const limits = shownLimits(u, chart).map((limit) => {
    const y = u.valToPos(limit.value, "y");
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
            element: write(u, "alarm", chart.alarmLabel),
            places: besideWall(u.valToPos(alarm.place, "x"), textSize(u, chart.alarmLabel), plot),
          },
        ]
      : [];
  const names = [...profiles].flatMap(([{ name }, own]) => (name ? [label("name", name, own)] : []));
  return [...limits, ...first, ...names];
}

/** Lays the names over a chart that has been drawn; what comes back keeps them out of the cursor's way. */
export function nameCurves(u: uPlot, chart: CurveChart, lines: readonly Line[]): (marks: Marks) => void {
  if (chart.ends) return nameEnds(u, chart, lines);
  const plot = { width: u.over.clientWidth, height: u.over.clientHeight };
  const profiles = new Map(lines.map((line) => [line, profileOf(points(u, line), plot.width)]));
  const labels = labelsOf(u, chart, profiles, plot);
  const alarms = shownAlarms(chart).map(({ place }) => u.valToPos(place, "x"));
  return ({ cursor, reference }) => {
    const moving = [cursor, reference].flatMap((step) => (step === null ? [] : [u.valToPos(step, "x")]));
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
function nameEnds(u: uPlot, chart: CurveChart, lines: readonly Line[]): (marks: Marks) => void {
  const named = lines.flatMap((line) => {
    const end = points(u, line).at(-1);
    return line.name && end ? [{ line, y: end[1] - HEIGHT / 2, element: write(u, "name", line.name) }] : [];
  });
  const heights = spreadOut(
    named.map(({ y }) => y),
    HEIGHT,
    u.over.clientHeight - HEIGHT / 2,
  );
  named.forEach(({ element }, i) => {
    element.style.transform = `translate(${u.over.clientWidth + BESIDE}px, ${heights[i]}px)`;
  });
  return ({ cursor, hover }) => {
    const step = hover ?? cursor;
    for (const { line, element } of named) {
      element.textContent = step === null ? (line.name ?? "") : `${line.name} ${chart.figure(valueAt(line, step))}`;
    }
  };
}
