/**
 * A figure as it stands on the page, as a PNG: its canvases, texts, boxes and paths are drawn again onto one canvas. That holds for
 * every figure, however it is made; controls are left out. A line below says what it is of.
 */
import type { Palette } from "../theme";
import { CanvasElement } from "./canvas";

/** Screen pixels a CSS pixel, so that text is sharp on paper too. */
export const PICTURE_RATIO = 2;
const MARGIN = 16;
const LINE = 18;
const NOTE_FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const LEFT_OUT =
  "explain-figure-menu, dialog, explain-words, [popover], [role=tooltip], .tools, .segments, .toggle, .control, input, select, .unseen, .mark.hover, style, script";

export interface KeyEntry {
  label: string;
  colour: string;
}

export async function paintFigure(
  root: Element,
  palette: Palette,
  note: string,
  key: readonly KeyEntry[],
): Promise<Blob> {
  const box = root.getBoundingClientRect();
  const canvas = document.createElement("canvas");
  const rows = wrapKey(key, box.width);
  canvas.width = Math.ceil((box.width + 2 * MARGIN) * PICTURE_RATIO);
  canvas.height = Math.ceil((box.height + 2 * MARGIN + (1 + rows.length) * LINE) * PICTURE_RATIO);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("the browser gives no canvas of this size");
  pen.scale(PICTURE_RATIO, PICTURE_RATIO);
  pen.fillStyle = palette.bg;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.save();
  pen.translate(MARGIN - box.left, MARGIN - box.top);
  paint(pen, root);
  pen.restore();
  paintNotes(pen, rows, note, MARGIN + box.height + LINE, palette);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error("the browser made no picture of it"))),
      "image/png",
    ),
  );
}

/** About as wide as a letter of the notes. */
const LETTER = 6.5;

function wrapKey(key: readonly KeyEntry[], width: number): KeyEntry[][] {
  const rows: KeyEntry[][] = [];
  let room = 0;
  for (const entry of key) {
    const wide = 26 + entry.label.length * LETTER;
    if (wide > room || !rows.length) {
      rows.push([]);
      room = width;
    }
    rows[rows.length - 1].push(entry);
    room -= wide;
  }
  return rows;
}

function paintNotes(
  pen: CanvasRenderingContext2D,
  rows: readonly (readonly KeyEntry[])[],
  note: string,
  top: number,
  palette: Palette,
): void {
  pen.font = NOTE_FONT;
  pen.textBaseline = "middle";
  rows.forEach((row, i) => {
    let x = MARGIN;
    for (const { label, colour } of row) {
      pen.fillStyle = colour;
      pen.beginPath();
      pen.arc(x + 4, top + i * LINE, 4, 0, 2 * Math.PI);
      pen.fill();
      pen.fillStyle = palette.ink2;
      pen.fillText(label, x + 12, top + i * LINE);
      x += 26 + pen.measureText(label).width;
    }
  });
  pen.fillStyle = palette.ink3;
  pen.fillText(note, MARGIN, top + rows.length * LINE);
}

function paint(pen: CanvasRenderingContext2D, element: Element): void {
  if (element.matches(LEFT_OUT)) return;
  const style = getComputedStyle(element);
  if (style.display === "none" || style.visibility === "hidden") return;
  const box = element.getBoundingClientRect();
  pen.save();
  pen.globalAlpha *= Number(style.opacity);
  if (element instanceof SVGGeometryElement) paintPath(pen, element, style);
  else if (element instanceof HTMLElement) paintBox(pen, box, style);
  if (style.overflowX !== "visible" && box.width > 0) {
    pen.beginPath();
    pen.rect(box.left, box.top, box.width, box.height);
    pen.clip();
  }
  if (element instanceof HTMLCanvasElement) pen.drawImage(element, box.left, box.top, box.width, box.height);
  else if (element instanceof CanvasElement) paintCanvas(pen, element, box);
  else for (const child of childrenOf(element)) paintNode(pen, child, style);
  pen.restore();
}

function paintNode(pen: CanvasRenderingContext2D, node: Node, style: CSSStyleDeclaration): void {
  if (node instanceof Element) paint(pen, node);
  else if (node instanceof Text) paintText(pen, node, style);
}

/** As the page shows them: an element's own tree, with what it was given in its slots. */
function childrenOf(element: Element): Iterable<Node> {
  if (element instanceof HTMLSlotElement) return element.assignedNodes();
  return (element.shadowRoot ?? element).childNodes;
}

/** Drawn anew, as fine as the picture is. */
function paintCanvas(pen: CanvasRenderingContext2D, { draw }: CanvasElement, box: DOMRect): void {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(box.width * PICTURE_RATIO);
  canvas.height = Math.round(box.height * PICTURE_RATIO);
  const context = canvas.getContext("2d");
  if (!context || !draw || !canvas.width || !canvas.height) return;
  context.scale(PICTURE_RATIO, PICTURE_RATIO);
  draw(context, { width: box.width, height: box.height, ratio: PICTURE_RATIO });
  pen.drawImage(canvas, box.left, box.top, box.width, box.height);
}

const SIDES = ["top", "right", "bottom", "left"] as const;

function paintBox(pen: CanvasRenderingContext2D, box: DOMRect, style: CSSStyleDeclaration): void {
  const { left, top, width, height } = box;
  const given = Number.parseFloat(style.borderTopLeftRadius) || 0;
  const radius = style.borderTopLeftRadius.endsWith("%") ? (given / 100) * width : given;
  pen.beginPath();
  pen.roundRect(left, top, width, height, Math.min(radius, width / 2, height / 2));
  pen.fillStyle = style.backgroundColor;
  pen.fill();
  const widths = SIDES.map((side) => Number.parseFloat(style.getPropertyValue(`border-${side}-width`)) || 0);
  const line = (side: (typeof SIDES)[number], thick: number): void => {
    pen.strokeStyle = style.getPropertyValue(`border-${side}-color`);
    pen.lineWidth = thick;
    pen.setLineDash(style.getPropertyValue(`border-${side}-style`) === "dashed" ? [3, 3] : []);
  };
  if (widths.every((thick) => thick > 0)) {
    line("top", widths[0]);
    pen.stroke();
    return;
  }
  const corners = [
    [left, top],
    [left + width, top],
    [left + width, top + height],
    [left, top + height],
  ];
  SIDES.forEach((side, i) => {
    if (!widths[i]) return;
    line(side, widths[i]);
    pen.beginPath();
    pen.moveTo(corners[i][0], corners[i][1]);
    pen.lineTo(corners[(i + 1) % 4][0], corners[(i + 1) % 4][1]);
    pen.stroke();
  });
}

/** Word by word where the page has put it: the page alone knows where lines break. */
function paintText(pen: CanvasRenderingContext2D, node: Text, style: CSSStyleDeclaration): void {
  pen.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  pen.fillStyle = style.color;
  pen.textBaseline = "alphabetic";
  const range = document.createRange();
  for (const { index, 0: word } of node.data.matchAll(/[^ \t\r\n]+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const box = range.getBoundingClientRect();
    const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent, width } = pen.measureText(word);
    if (style.writingMode === "vertical-rl") {
      // From the bottom to the top, as names above a map's columns are.
      pen.save();
      pen.translate(box.left + box.width / 2, box.top + box.height / 2);
      pen.rotate(-Math.PI / 2);
      pen.fillText(word, -width / 2, (ascent - descent) / 2);
      pen.restore();
    } else pen.fillText(word, box.left, box.top + (box.height - ascent - descent) / 2 + ascent);
  }
}

/** Icons and small curves. */
function paintPath(pen: CanvasRenderingContext2D, path: SVGGeometryElement, style: CSSStyleDeclaration): void {
  const [data, place] = [path.getAttribute("d"), path.getScreenCTM()];
  if (!data || !place) return;
  pen.transform(place.a, place.b, place.c, place.d, place.e, place.f);
  const drawn = new Path2D(data);
  if (style.fill !== "none") {
    pen.fillStyle = style.fill;
    pen.fill(drawn);
  }
  if (style.stroke !== "none") {
    pen.strokeStyle = style.stroke;
    pen.lineWidth = Number.parseFloat(style.strokeWidth) || 1;
    pen.stroke(drawn);
  }
}
