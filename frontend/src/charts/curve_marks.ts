/** What lies over a chart of curves: the cursor, the reference, the pointer's step, and dots on lines. All are places on the axis of epochs. */

import type { Palette } from "../theme";
import { indexAt, type Line } from "./curve_data";
import type { CurveScales } from "./curve_scales";

export interface Marks {
  cursor: number | null;
  reference: number | null;
  hover: number | null;
}

/**
 * Lines and dots that move with every step, as elements: nothing is drawn again for them.
 *
 * @param lines those with a dot
 */
export function overlayOf(
  over: HTMLElement,
  scales: CurveScales,
  lines: readonly Line[],
  palette: Palette,
): (marks: Marks) => void {
  const element = (name: string): HTMLElement => {
    const div = document.createElement("div");
    div.className = name;
    over.append(div);
    return div;
  };
  const [reference, cursor, hover] = ["mark reference", "mark cursor", "mark hover"].map(element);
  const dots = lines.map((line) => {
    const dot = element(line.focus ? "point focus" : "point");
    dot.style.background = line.colour;
    dot.style.borderColor = palette.bg;
    return { line, dot };
  });
  const place = (mark: HTMLElement, epoch: number | null): void => {
    mark.hidden = epoch === null || !scales.shows(epoch);
    if (epoch !== null) mark.style.transform = `translateX(${scales.x(epoch)}px)`;
  };
  return (marks) => {
    place(cursor, marks.cursor);
    place(reference, marks.reference === marks.cursor ? null : marks.reference);
    place(hover, marks.hover === marks.cursor ? null : marks.hover);
    const epoch = marks.hover ?? marks.cursor;
    for (const { line, dot } of dots) {
      const at = epoch === null ? -1 : indexAt(line.epochs, epoch);
      const value = line.epochs[at] === epoch ? line.values[at] : Number.NaN;
      dot.hidden = epoch === null || !scales.shows(epoch) || !scales.holds(value);
      if (!dot.hidden && epoch !== null) {
        dot.style.transform = `translate(${scales.x(epoch)}px, ${scales.y(value)}px)`;
      }
    }
  };
}
