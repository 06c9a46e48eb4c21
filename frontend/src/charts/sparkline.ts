/** A curve small enough for a line of text: the outline of an SVG that is stretched to its box, so that it knows no pixels. */

/** CSS pixels around the curve, so that a mark at its end is whole. */
export const SPARKLINE_EDGE = 3;

/** The units that a curve is drawn in, along and down. */
export const SPARKLINE_BOX = { width: 480, height: 96 } as const;

/** Where each value lies within its box, from the top left: 0 … 1. A constant, and a single value, lie in the middle. */
export function sparklinePoint(values: readonly number[]): (index: number) => [x: number, y: number] {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return (i) => [
    values.length < 2 ? 0.5 : i / (values.length - 1),
    high > low ? (high - values[i]) / (high - low) : 0.5,
  ];
}

/** The line, which NaN breaks, and dots where a value stands between two of them: what the `d` of two paths say. */
export function sparklinePaths(values: readonly number[]): { line: string; dots: string } {
  const point = sparklinePoint(values);
  const paths = { line: "", dots: "" };
  let drawing = false;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      drawing = false;
      continue;
    }
    const [x, y] = point(i);
    const place = `${Math.round(x * SPARKLINE_BOX.width)} ${Math.round(y * SPARKLINE_BOX.height)}`;
    if (drawing) paths.line += `L${place}`;
    else if (Number.isFinite(values[i + 1])) paths.line += `M${place}`;
    else paths.dots += `M${place}h0`;
    drawing = true;
  }
  return paths;
}
