/**
 * A plane's regions as a picture: the class as colour, how sure the model is as its strength, lines where the class changes.
 *
 * Between the middles of cells, where the model was asked, it is bilinear in the probabilities. Of each cell that of one class is known; the others share what is left of 1 evenly,
 * which of two classes is exact.
 */
import { colorAt, parseHex, sequentialIndex, sequentialLut, type Theme } from "../charts/color";
import { hatch, type Pixels, toWord } from "../charts/marks";
import type { Numbers } from "../safetensors";
import { mix, paletteOf } from "../theme";
import { classColour } from "./class_marks";
import type { Boundary } from "./frames";

/** Levels of strength that are told apart. */
const LEVELS = 32;
/** How much of a class's colour its region takes at chance, and where the model is sure. */
const PALEST = 0.06;
const STRONGEST = 0.48;

/** Of each class and level the colour as a word. */
function tints(classes: number, theme: Theme): Uint32Array {
  const words = new Uint32Array(classes * LEVELS);
  const { bg } = paletteOf(theme === "dark");
  for (let i = 0; i < words.length; i++) {
    const strength = PALEST + ((i % LEVELS) / (LEVELS - 1)) * (STRONGEST - PALEST);
    words[i] = toWord(parseHex(mix(bg, classColour(Math.floor(i / LEVELS), theme), strength)));
  }
  return words;
}

const made = new Map<string, Uint32Array>();

function tintsOf(classes: number, theme: Theme): Uint32Array {
  const key = `${classes} ${theme}`;
  const words = made.get(key) ?? tints(classes, theme);
  made.set(key, words);
  return words;
}

/** What the model says at each pixel: the class, −1 for no number, and its probability. */
export interface Said {
  classes: Int32Array;
  probability: Float32Array;
}

/** Where pixels lie between the middles of an axis' cells: the cell before, and how far on the way to the next. Beyond the outer ones all is as there. */
function between(pixels: number, size: number, reversed: boolean): { cell: Int32Array; part: Float32Array } {
  const [cell, part] = [new Int32Array(pixels), new Float32Array(pixels)];
  for (let i = 0; i < pixels; i++) {
    const along = (reversed ? pixels - i - 0.5 : i + 0.5) / pixels;
    const at = Math.max(0, Math.min(size - 1, along * size - 0.5));
    cell[i] = Math.max(0, Math.min(size - 2, Math.floor(at)));
    part[i] = size > 1 ? at - cell[i] : 0;
  }
  return { cell, part };
}

/** @param count  classes that there are */
export function saidBy(boundary: Boundary, width: number, height: number, count: number): Said {
  const { size, class: classes, probability } = boundary;
  const said = {
    classes: new Int32Array(width * height).fill(-1),
    probability: new Float32Array(width * height).fill(Number.NaN),
  };
  if (!classes || !probability) return said;
  const cells = Int32Array.from(classes);
  const shares = Float32Array.from(probability); // half floats are slow to read
  const [columns, rows] = [between(width, size, false), between(height, size, true)];
  const [right, above] = size > 1 ? [1, size] : [0, 0];
  const rest = Math.max(1, count - 1);
  const own = said.classes;
  const sure = said.probability;
  for (let y = 0, i = 0; y < height; y++) {
    const v = rows.part[y];
    for (let x = 0; x < width; x++, i++) {
      const u = columns.part[x];
      const a = rows.cell[y] * size + columns.cell[x];
      const d = a + right + above;
      const ka = cells[a];
      const kb = cells[a + right];
      const kc = cells[a + above];
      const kd = cells[d];
      if (ka < 0 || kb < 0 || kc < 0 || kd < 0) continue;
      const pa = shares[a];
      const pb = shares[a + right];
      const pc = shares[a + above];
      const pd = shares[d];
      if (ka === kb && ka === kc && ka === kd) {
        own[i] = ka;
        sure[i] = (1 - v) * ((1 - u) * pa + u * pb) + v * ((1 - u) * pc + u * pd);
        continue;
      }
      let most = -1;
      for (let corner = 0; corner < 4; corner++) {
        const of = corner === 0 ? ka : corner === 1 ? kb : corner === 2 ? kc : kd;
        const part =
          (1 - v) * ((1 - u) * (ka === of ? pa : (1 - pa) / rest) + u * (kb === of ? pb : (1 - pb) / rest)) +
          v * ((1 - u) * (kc === of ? pc : (1 - pc) / rest) + u * (kd === of ? pd : (1 - pd) / rest));
        if (part <= most) continue;
        most = part;
        own[i] = of;
      }
      sure[i] = most;
    }
  }
  return said;
}

/** Fills a picture with the regions of what is said. */
export function paintRegions(pixels: Pixels, { classes, probability }: Said, count: number, theme: Theme): void {
  const words = new Uint32Array(pixels.data.buffer);
  const tint = tintsOf(Math.max(count, 1), theme);
  const chance = 1 / Math.max(2, count);
  for (let i = 0; i < words.length; i++) {
    const of = classes[i];
    if (of < 0 || Number.isNaN(probability[i])) {
      words[i] = toWord(hatch(i % pixels.width, Math.floor(i / pixels.width), theme));
      continue;
    }
    const sure = Math.min(1, Math.max(0, (probability[i] - chance) / (1 - chance)));
    words[i] = tint[(of % count) * LEVELS + Math.round(sure * (LEVELS - 1))];
  }
}

/** Draws where the class changes, `thick` pixels wide; dashed where `dash`, in pixels, is not 0. */
export function paintLines(pixels: Pixels, { classes }: Said, color: string, thick: number, dash = 0): void {
  const { width, height } = pixels;
  const words = new Uint32Array(pixels.data.buffer);
  const ink = toWord(parseHex(color));
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const i = y * width + x;
      if (classes[i] === classes[i + 1] && classes[i] === classes[i + width]) continue;
      if (dash && (x + y) % (2 * dash) >= dash) continue;
      for (let dy = 0; dy < thick && y + dy < height; dy++)
        words.fill(ink, i + dy * width, i + dy * width + Math.min(thick, width - x));
    }
  }
}

/** Fills a picture with the values of a regression, between `low` and `high`. */
export function paintValues(
  pixels: Pixels,
  boundary: Boundary,
  [low, high]: readonly [number, number],
  theme: Theme,
): void {
  const { size } = boundary;
  const value = boundary.value as Numbers;
  const { width, height } = pixels;
  const words = new Uint32Array(pixels.data.buffer);
  const [columns, rows] = [between(width, size, false), between(height, size, true)];
  const [right, above] = size > 1 ? [1, size] : [0, 0];
  const lut = Uint32Array.from({ length: 256 }, (_, i) => toWord(colorAt(sequentialLut[theme], i)));
  for (let y = 0, i = 0; y < height; y++) {
    const v = rows.part[y];
    for (let x = 0; x < width; x++, i++) {
      const a = rows.cell[y] * size + columns.cell[x];
      const u = columns.part[x];
      const lower = value[a] * (1 - u) + value[a + right] * u;
      const upper = value[a + above] * (1 - u) + value[a + right + above] * u;
      const at = (lower * (1 - v) + upper * v - low) / (high - low || 1);
      words[i] = Number.isNaN(at) ? toWord(hatch(x, y, theme)) : lut[sequentialIndex(at, 1)];
    }
  }
}

/** Of each class that has a region the cell that is farthest from all others and from the plane's edge; the largest region first. */
export function regionCentres(
  { size, class: classes }: Boundary,
  least: number,
): { class: number; column: number; row: number }[] {
  if (!classes) return [];
  const away = new Int32Array(size * size);
  const areas = new Map<number, number>();
  const at = (row: number, column: number, of: number): number => {
    const inside = row >= 0 && column >= 0 && row < size && column < size && classes[row * size + column] === of;
    return inside ? away[row * size + column] : 0;
  };
  for (let i = 0; i < away.length; i++) {
    const [row, column, of] = [Math.floor(i / size), i % size, classes[i]];
    away[i] =
      1 +
      Math.min(
        at(row - 1, column, of),
        at(row, column - 1, of),
        at(row - 1, column - 1, of),
        at(row - 1, column + 1, of),
      );
    areas.set(of, (areas.get(of) ?? 0) + 1);
  }
  const best = new Map<number, number>();
  for (let i = away.length - 1; i >= 0; i--) {
    const [row, column, of] = [Math.floor(i / size), i % size, classes[i]];
    const back =
      1 +
      Math.min(
        at(row + 1, column, of),
        at(row, column + 1, of),
        at(row + 1, column + 1, of),
        at(row + 1, column - 1, of),
      );
    away[i] = Math.min(away[i], back);
    const known = best.get(of);
    if (known === undefined || away[i] > away[known]) best.set(of, i);
  }
  return [...best]
    .filter(([of]) => of >= 0 && (areas.get(of) ?? 0) >= least * size * size)
    .sort(([a], [b]) => (areas.get(b) ?? 0) - (areas.get(a) ?? 0))
    .map(([of, cell]) => ({ class: of, column: cell % size, row: Math.floor(cell / size) }));
}
