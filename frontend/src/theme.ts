/**
 * The design's colours, light and dark: custom properties for style sheets, a palette for canvases, both from one table.
 */
import { store } from "./state";

const TOKENS = {
  bg: ["#ffffff", "#16191f"],
  rail: ["#f7f8fa", "#1b1f26"],
  sunk: ["#f1f3f6", "#222730"],
  line: ["#e4e7ec", "#2b313b"],
  line2: ["#c8ced8", "#454e5d"],
  ink: ["#171b24", "#e9ebef"],
  ink2: ["#465062", "#b6bdc9"],
  ink3: ["#636d7e", "#929cab"],
  accent: ["#1a56c4", "#8ab4f8"],
  accentBg: ["#e8effc", "#22314d"],
  focusBg: ["#f0f5fd", "#1d2635"],
  onAccent: ["#ffffff", "#10151c"],
  alarm: ["#c5221f", "#ff8b82"],
  alarmBg: ["#fdeceb", "#3a2224"],
  ok: ["#16753b", "#6dd58c"],
  warn: ["#8a5a00", "#fdc753"],
  warnBg: ["#fff4dc", "#3a3019"],
  cursor: ["#171b24", "#f2f4f7"],
} as const;

/** In TensorBoard's order; the first is lighter in dark. */
const RUNS = ["#425066", "#12b5cb", "#e52592", "#f9ab00", "#9334e6", "#7cb342", "#e8710a"];
const FIRST_RUN_DARK = "#8e98a3";

export type Token = keyof typeof TOKENS;
export type Palette = Readonly<Record<Token, string>> & { readonly theme: "light" | "dark" };

const palettes = [0, 1].map((column) => ({
  theme: column ? "dark" : "light",
  ...Object.fromEntries(Object.entries(TOKENS).map(([name, values]) => [name, values[column]])),
})) as [Palette, Palette];

/** The colours that canvases draw with. */
export const paletteOf = (dark: boolean): Palette => palettes[dark ? 1 : 0];

/** Those of the theme as it is now. */
export const palette = (): Palette => paletteOf(store.state.dark);

const contrast = globalThis.matchMedia?.("(prefers-contrast: more)");

/** The colour of a run's marks, by its place in the list. */
export function runColour(index: number, dark = store.state.dark): string {
  const colour = index % RUNS.length === 0 && dark ? FIRST_RUN_DARK : RUNS[index % RUNS.length];
  return contrast?.matches ? mix(colour, paletteOf(dark).ink, 0.35) : colour;
}

/** A colour with so much of another in it, channel by channel. */
export function mix(colour: string, other: string, share: number): string {
  const channels = [1, 3, 5].map((at) => {
    const [a, b] = [colour, other].map((hex) => Number.parseInt(hex.slice(at, at + 2), 16));
    return Math.round(a + (b - a) * share)
      .toString(16)
      .padStart(2, "0");
  });
  return `#${channels.join("")}`;
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const properties = (column: 0 | 1): string =>
  Object.entries(TOKENS)
    .map(([name, values]) => `--${kebab(name)}: ${values[column]};`)
    .join(" ");

/** For the document; every shadow root inherits the properties. */
export const themeSheet = `
  :root { color-scheme: light; ${properties(0)} }
  :root.dark { color-scheme: dark; ${properties(1)} }
  :root, body { height: 100%; margin: 0; background: var(--bg); }
`;
