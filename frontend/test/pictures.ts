/** Pictures as text: a letter for each colour, so that a snapshot can be read and a difference seen. */
import type { Pixels } from "../src/charts/marks";

/** Rows of letters; `a` is the first colour met from the top left, `.` a pixel that was never drawn. */
export function asText({ width, height, data }: Pixels): string {
  const letters = new Map<string, string>();
  const rows = Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => {
      const [red, green, blue, alpha] = data.subarray(4 * (y * width + x));
      if (alpha === 0) return ".";
      const color = `${red},${green},${blue}`;
      if (!letters.has(color)) letters.set(color, String.fromCharCode(97 + letters.size));
      return letters.get(color);
    }).join(""),
  );
  return rows.join("\n");
}

export const pixelAt = ({ width, data }: Pixels, x: number, y: number): number[] =>
  Array.from(data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4));
