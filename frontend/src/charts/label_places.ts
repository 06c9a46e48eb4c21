/**
 * Where names stand beside curves: off the curves, off the upright lines, off one another.
 *
 * All places are CSS pixels of the plot, from its top left corner.
 */
export interface Size {
  width: number;
  height: number;
}

export interface Box extends Size {
  left: number;
  top: number;
}

/** What a curve covers of each pixel column: its least and its greatest height. NaN where it is not. */
export interface Profile {
  top: Float32Array;
  bottom: Float32Array;
}

export interface Surroundings {
  plot: Size;
  /** The other curves. */
  others: readonly Profile[];
  /** Where upright lines stand. */
  walls: readonly number[];
  /** Names that have a place already. */
  taken: readonly Box[];
}

const GAP = 3;
/** Names are tried at places so far apart. */
const PITCH = 6;
/** From the middle of a point to its name. */
const POINT = 8;
/** How far a name may rise above the plot. */
const OVER = 6;
/** Another curve nearer to the name than this may be taken for the named one. */
const NEAR = 10;

/** What a place costs: an upright line through the name is worst, then a curve through it. */
const WALL = 100;
const CROSSING = 50;
const TWIN = 30;
const STEEP = 0.3;
const FAR_FROM_THE_END = 3;

/** The columns that a line through points of ascending x covers. */
export function profileOf(points: readonly (readonly [x: number, y: number])[], width: number): Profile {
  const columns = Math.max(1, Math.ceil(width) + 1);
  const top = new Float32Array(columns).fill(Number.NaN);
  const bottom = new Float32Array(columns).fill(Number.NaN);
  const cover = (column: number, y: number): void => {
    if (column < 0 || column >= columns) return;
    top[column] = Number.isNaN(top[column]) ? y : Math.min(top[column], y);
    bottom[column] = Number.isNaN(bottom[column]) ? y : Math.max(bottom[column], y);
  };
  points.forEach(([x, y], i) => {
    cover(Math.floor(x), y);
    const [nextX, nextY] = points[i + 1] ?? [x, y];
    for (let column = Math.floor(x) + 1; column <= nextX; column++) {
      const height = y + ((column - x) / (nextX - x)) * (nextY - y);
      cover(column - 1, height);
      cover(column, height);
    }
  });
  return { top, bottom };
}

/** The least and the greatest height of a curve between two columns; undefined where it is not. */
function extent({ top, bottom }: Profile, from: number, to: number): [number, number] | undefined {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let column = Math.max(0, Math.floor(from)); column <= to && column < top.length; column++) {
    if (top[column] < least) least = top[column];
    if (bottom[column] > most) most = bottom[column];
  }
  return least <= most ? [least, most] : undefined;
}

/** Places above and below a curve; of a single point, to both its sides. */
export function besideCurve(own: Profile, name: Size, plot: Size): Box[] {
  const boxes: Box[] = [];
  const covered = [...own.top.keys()].filter((x) => !Number.isNaN(own.top[x]));
  if (covered.length === 1) {
    const [x] = covered;
    const top = own.top[x] - name.height / 2;
    return [x + POINT, x - POINT - name.width]
      .filter((left) => left >= 0 && left + name.width <= plot.width)
      .map((left) => ({ ...name, left, top }));
  }
  for (let left = 0; left + name.width <= plot.width; left += PITCH) {
    const middle = extent(own, left + name.width / 2 - PITCH, left + name.width / 2 + PITCH);
    const span = extent(own, left, left + name.width);
    if (!middle || !span) continue;
    const [above, below] = [span[0] - GAP - name.height, span[1] + GAP];
    if (above >= -OVER) boxes.push({ ...name, left, top: above });
    if (below + name.height <= plot.height) boxes.push({ ...name, left, top: below });
  }
  return boxes;
}

/** Places beside an upright line, from the top. */
export function besideWall(x: number, name: Size, plot: Size): Box[] {
  const lines = Math.max(1, Math.floor(plot.height / name.height));
  return Array.from({ length: lines }, (_, i) => i * name.height).flatMap((top) =>
    [x + 2 * GAP, x - 2 * GAP - name.width]
      .filter((left) => left >= 0 && left + name.width <= plot.width)
      .map((left) => ({ ...name, left, top })),
  );
}

export const hitsWall = ({ left, width }: Box, walls: readonly number[]): boolean =>
  walls.some((x) => x > left - GAP && x < left + width + GAP);

const overlap = (a: Box, b: Box): boolean =>
  a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;

/** How much of the name's width two curves run so close together that either could be meant. */
function togetherness(own: Profile, other: Profile, { left, width }: Box): number {
  let close = 0;
  for (let column = Math.floor(left); column < left + width; column++) {
    if (Math.abs(own.top[column] - other.top[column]) < GAP) close++;
  }
  return close / width;
}

function cost(box: Box, own: Profile | undefined, { plot, others, walls, taken }: Surroundings): number {
  if (taken.some((other) => overlap(box, other))) return Number.POSITIVE_INFINITY;
  const [low, high] = [box.left, box.left + box.width];
  let sum = (FAR_FROM_THE_END * (plot.width - high)) / plot.width;
  if (hitsWall(box, walls)) sum += WALL;
  const ownSpan = own && extent(own, low, high);
  if (ownSpan) sum += STEEP * (ownSpan[1] - ownSpan[0]);
  for (const other of others) {
    const span = extent(other, low, high);
    if (!span) continue;
    const away = Math.max(span[0] - (box.top + box.height), box.top - span[1]);
    if (away < 1) sum += CROSSING;
    sum += Math.max(0, NEAR - Math.max(0, away));
    if (own) sum += TWIN * togetherness(own, other, box);
  }
  return sum;
}

/** The best of some places for a name, of the curve `own` if it is one's; undefined where none is free of other names. */
export function bestPlace(boxes: readonly Box[], own: Profile | undefined, around: Surroundings): Box | undefined {
  let [least, best]: [number, Box | undefined] = [Number.POSITIVE_INFINITY, undefined];
  for (const box of boxes) {
    const price = cost(box, own, around);
    if (price < least) [least, best] = [price, box];
  }
  return best;
}

/** Heights in their order, moved apart to `pitch` at least, none below `floor` if there is room. */
export function spreadOut(heights: readonly number[], pitch: number, floor: number): number[] {
  const order = heights.map((_, i) => i).sort((a, b) => heights[a] - heights[b]);
  const result = [...heights];
  order.forEach((i, k) => {
    if (k > 0) result[i] = Math.max(result[i], result[order[k - 1]] + pitch);
  });
  let limit = floor;
  for (const i of order.toReversed()) {
    result[i] = Math.min(result[i], limit);
    limit = result[i] - pitch;
  }
  return result;
}
