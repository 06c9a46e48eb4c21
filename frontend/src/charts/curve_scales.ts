/** Where places on the axis of epochs and values lie in a chart of curves: CSS pixels from the plot's top left. */
import { type Axis, axisOf, type Limit } from "./curve_data";
import type { CurveChart } from "./curves";

export interface CurveScales {
  width: number;
  height: number;
  axis: Axis;
  /** First and last place of the axis of epochs. */
  range: readonly [number, number];
  x(place: number): number;
  y(value: number): number;
  /** The place below a distance from the plot's left. */
  placeAt(x: number): number;
  shows(place: number): boolean;
  /** Whether the value axis has a place for a value: zero has none on a logarithmic one. */
  holds(value: number): boolean;
}

/** What the value axis has to hold: all that is drawn within the range of epochs. */
function heldValues({ lines, limits = [], range: [first, last] }: CurveChart): number[] {
  const held = lines.flatMap(({ epochs, values, band }) =>
    epochs.flatMap((epoch, i) =>
      epoch >= first && epoch <= last ? [values[i], ...(band ? [band.upper[i], band.lower[i]] : [])] : [],
    ),
  );
  return [...held, ...limits.flatMap(madeRoomFor)];
}

/** What is shaded without an end has some room beyond its beginning; what is usual needs none. */
const madeRoomFor = ({ value, to = value, shade }: Limit): number[] =>
  shade === "sunk" ? [] : [value, Number.isFinite(to) ? to : 1.2 * value];

/** One place alone would have no width. */
const spread = ([first, last]: readonly [number, number]): readonly [number, number] =>
  first === last ? [first - 1, last + 1] : [first, last];

/** Of a chart whose plot, without ticks, is `width` × `height` CSS pixels. */
export function scalesOf(chart: CurveChart, width: number, height: number): CurveScales {
  const axis = axisOf(heldValues(chart), chart.scale);
  const { log, min, max } = axis;
  const range = spread(chart.range);
  const [first, last] = range;
  // Below all that the axis holds, and still on paper.
  const onAxis = (value: number): number => (log ? Math.log10(Math.max(value, min / 10)) : value);
  const [low, high] = [onAxis(min), onAxis(max)];
  return {
    width,
    height,
    axis,
    range,
    x: (place) => ((place - first) / (last - first)) * width,
    y: (value) => ((high - onAxis(value)) / (high - low)) * height,
    placeAt: (x) => first + (x / width) * (last - first),
    shows: (place) => place >= first && place <= last,
    holds: (value) => value >= min && value <= max,
  };
}
