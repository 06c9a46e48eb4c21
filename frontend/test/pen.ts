/** A canvas context that writes down what is asked of it, numbers to one decimal: pictures without a screen. */
import type { Palette, Pen } from "../src/charts/marks";

const written = (value: unknown): string =>
  typeof value === "number"
    ? String(Math.round(value * 10) / 10)
    : Array.isArray(value)
      ? `[${value.map(written).join(" ")}]`
      : String(value);

/** The pen, and the lines it writes: `moveTo 1 2`, `fillStyle = #fff`. */
export function recordingPen(): { pen: Pen; lines: string[] } {
  const lines: string[] = [];
  const pen = new Proxy(
    {},
    {
      get:
        (_, name) =>
        (...args: unknown[]) => {
          lines.push([String(name), ...args.map(written)].join(" "));
        },
      set: (_, name, value) => {
        lines.push(`${String(name)} = ${written(value)}`);
        return true;
      },
    },
  );
  return { pen: pen as Pen, lines };
}

/** Colours that read well in a snapshot. */
export const palette: Palette = {
  theme: "light",
  bg: "bg",
  sunk: "sunk",
  line: "line",
  line2: "line2",
  ink: "ink",
  ink2: "ink2",
  ink3: "ink3",
  accent: "accent",
  alarm: "alarm",
  cursor: "cursor",
};
