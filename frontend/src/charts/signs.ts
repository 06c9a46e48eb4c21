/** The signs of alarms: a shape a family, so that no meaning lies in colour alone. */
import type { Pen } from "./marks";

export type Sign = "triangle" | "square" | "circle" | "diamond" | "cross";

/** As text, where text is what there is. */
export const SIGN_TEXT: Record<Sign, string> = {
  triangle: "▲",
  square: "■",
  circle: "●",
  diamond: "◆",
  cross: "✕",
};

/** The same for what has settled. */
export const HOLLOW_TEXT: Record<Sign, string> = {
  triangle: "△",
  square: "□",
  circle: "○",
  diamond: "◇",
  cross: "✕",
};

/** Layers are warned of in another colour than reasons. */
export const signColour = (sign: Sign): "warn" | "alarm" => (sign === "diamond" ? "warn" : "alarm");

/** Fill a sign that stands on (x, y), `size` wide. */
export function drawSign(pen: Pen, sign: Sign, x: number, y: number, size: number): void {
  const half = size / 2;
  pen.beginPath();
  if (sign === "triangle") {
    pen.moveTo(x - half, y);
    pen.lineTo(x + half, y);
    pen.lineTo(x, y - size);
  } else if (sign === "square") {
    pen.rect(x - half, y - size, size, size);
  } else if (sign === "circle") {
    pen.arc(x, y - half, half, 0, 2 * Math.PI);
  } else if (sign === "diamond") {
    pen.moveTo(x, y);
    pen.lineTo(x + half, y - half);
    pen.lineTo(x, y - size);
    pen.lineTo(x - half, y - half);
  } else {
    // Two strips, each from a corner to the one across.
    const thick = size / 6;
    for (const side of [-1, 1]) {
      const at = (along: number, up: number): [number, number] => [x + side * (along - half), y - up];
      pen.moveTo(...at(0, thick));
      pen.lineTo(...at(size - thick, size));
      pen.lineTo(...at(size, size - thick));
      pen.lineTo(...at(thick, 0));
      pen.closePath();
    }
  }
  pen.fill("nonzero");
}
