/** Names beside the points of a scatter: those of the farthest first, none over another, over a named point or out of the plot. */

import { type Box, bestPlace, type Size } from "../charts/label_places";

export interface Point {
  /** CSS pixels of the plot, from its top left corner. */
  readonly x: number;
  readonly y: number;
}

export interface NamedPoint extends Point {
  readonly name: string;
}

export interface Label extends Box {
  readonly name: string;
}

/** From the middle of a point to its name, and how much room a point takes itself. */
const APART = 7;
const MARK = 4;
/** So many names are written even if they cover other points. */
const NEEDED = 3;

/** Places around a point: beside it first, then above and below, then at its corners. */
function around({ x, y }: Point, { width, height }: Size): Box[] {
  const [left, right, middle] = [x - APART - width, x + APART, y - height / 2];
  const [above, below, centred] = [y - APART - height, y + APART, x - width / 2];
  const corner = APART / 2;
  return [
    [right, middle],
    [left, middle],
    [centred, above + corner / 2],
    [centred, below - corner / 2],
    [x + corner, above + corner],
    [left + corner, above + corner],
    [x + corner, below - corner],
    [left + corner, below - corner],
  ].map(([l, t]) => ({ left: l, top: t, width, height }));
}

const markOf = ({ x, y }: Point): Box => ({ left: x - MARK, top: y - MARK, width: 2 * MARK, height: 2 * MARK });

const inside = ({ left, top, width, height }: Box, plot: Size): boolean =>
  left >= 0 && top >= 0 && left + width <= plot.width && top + height <= plot.height;

/**
 * The names that find a place, in the order given, off all points; if the first few find none, off the named ones.
 *
 * @param named  the points to name, the most important first
 * @param others the points without a name
 * @param widthOf how wide a name is written
 */
export function placeLabels(
  named: readonly NamedPoint[],
  others: readonly Point[],
  plot: Size,
  lineHeight: number,
  widthOf: (name: string) => number,
): Label[] {
  const marks = named.map(markOf);
  const crowd = others.map(markOf);
  const placed: Label[] = [];
  for (const point of named) {
    const boxes = around(point, { width: widthOf(point.name), height: lineHeight }).filter((box) => inside(box, plot));
    const free = (taken: readonly Box[]) => bestPlace(boxes, undefined, { plot, others: [], walls: [], taken });
    const place =
      free([...placed, ...marks, ...crowd]) ?? (placed.length < NEEDED ? free([...placed, ...marks]) : undefined);
    if (place) placed.push({ ...place, name: point.name });
  }
  return placed;
}
