/**
 * How classes look: ten colours that stay apart for protan, deutan and tritan vision in both themes, and five shapes.
 * Both change from one class to the next, so that fifty classes have marks of their own.
 */
import { html } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import type { Theme } from "../charts/color";
import type { Pen } from "../charts/marks";

const COLOURS: Record<Theme, string> = {
  light: "#1b5fe0 #f2611b #1fa258 #c444a7 #8c81f2 #8e3133 #135d71 #672d9f #231269 #4a151a",
  dark: "#68acf1 #fc6212 #8bfdac #da88af #cfba47 #ac487d #f7c0fc #729b6a #4061c4 #7e602f",
};

const TABLES = { light: COLOURS.light.split(" "), dark: COLOURS.dark.split(" ") };
export const CLASS_COLOURS = TABLES.light.length;

type Corner = readonly [x: number, y: number];

/** Corners about (0, 0), of about the area of a circle of radius 1; none of the circle itself. */
const SHAPES: readonly (readonly Corner[])[] = [
  [],
  [
    [-0.88, -0.88],
    [0.88, -0.88],
    [0.88, 0.88],
    [-0.88, 0.88],
  ],
  [
    [0, -1.3],
    [1.2, 0.85],
    [-1.2, 0.85],
  ],
  [
    [0, -1.3],
    [1.2, 0],
    [0, 1.3],
    [-1.2, 0],
  ],
  [
    [0, 1.3],
    [1.2, -0.85],
    [-1.2, -0.85],
  ],
];

/** The colour of a class; −1, no class, has none of its own. */
export const classColour = (index: number, theme: Theme): string =>
  index < 0 ? { light: "#636d7e", dark: "#929cab" }[theme] : TABLES[theme][index % CLASS_COLOURS];

/** With every ten classes the shapes go on by one. */
const shapeOf = (index: number): readonly Corner[] =>
  index < 0 ? SHAPES[0] : SHAPES[(index + Math.floor(index / CLASS_COLOURS)) % SHAPES.length];

/** The outline of a class's mark, to be filled or stroked. */
export function traceMark(pen: Pen, index: number, x: number, y: number, radius: number): void {
  const corners = shapeOf(index);
  pen.beginPath();
  if (!corners.length) pen.arc(x, y, radius, 0, 2 * Math.PI);
  corners.forEach(([dx, dy], i) => {
    if (i) pen.lineTo(x + dx * radius, y + dy * radius);
    else pen.moveTo(x + dx * radius, y + dy * radius);
  });
  if (corners.length) pen.closePath();
}

const CIRCLE = "M-1,0A1,1 0 1 1 1,0A1,1 0 1 1 -1,0Z";

/** A class's mark in a line of text; of no class, in the given colour. */
export function classMark(index: number, fill: string) {
  const corners = shapeOf(index);
  const path = corners.length ? `M${corners.map((corner) => corner.join(",")).join("L")}Z` : CIRCLE;
  return html`<svg class="mark" viewBox="-1.4 -1.4 2.8 2.8" width="11" height="11" aria-hidden="true"><path d=${path} style=${styleMap({ fill })}></path></svg>`;
}
