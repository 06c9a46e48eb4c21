import { describe, expect, test } from "vitest";
import { mix, paletteOf, runColour, themeSheet } from "../src/theme";

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

describe.each([false, true])("colours, dark %s", (dark) => {
  const colours = paletteOf(dark);

  test.each(["bg", "rail", "sunk", "focusBg"] as const)("text can be read on %s", (surface) => {
    for (const text of ["ink", "ink2", "ink3", "alarm", "warn", "ok"] as const) {
      expect(contrast(colours[text], colours[surface]), `${text} on ${surface}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  test("text can be read on buttons and cards", () => {
    expect(contrast(colours.onAccent, colours.accent)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colours.ink2, colours.warnBg)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colours.warn, colours.warnBg)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colours.ink2, colours.accentBg)).toBeGreaterThanOrEqual(4.5);
  });

  test("style sheets have the palette's", () => {
    const block = themeSheet.split(":root.dark")[dark ? 1 : 0];
    expect(block).toContain(`--on-accent: ${colours.onAccent};`);
    expect(block).toContain(`--line2: ${colours.line2};`);
  });
});

test("runs keep their colours, the first apart in dark, and start over after seven", () => {
  expect([runColour(0, false), runColour(0, true), runColour(1, true), runColour(8, false)]).toEqual([
    "#425066",
    "#8e98a3",
    "#12b5cb",
    "#12b5cb",
  ]);
});

test("colours mix channel by channel", () => expect(mix("#000000", "#ffffff", 0.5)).toBe("#808080"));
