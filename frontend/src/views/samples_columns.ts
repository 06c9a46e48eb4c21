/** The columns of a sample of several inputs: images as wide as they are, the others in what is left. */
import type { ManifestInput } from "../api";
import type { Room } from "../elements/sample_thumb";

/** CSS pixels of an image's height, of a row of images or texts, of one of bars alone, and between inputs. */
const IMAGE_HEIGHT = 56;
const TALL_ROW = 72;
const FLAT_ROW = 48;
const GAP = 12;
/** Lines of a text that a row has room for. */
const LINES = 3;

export const rowHeightOf = (inputs: readonly ManifestInput[]): number =>
  inputs.some(({ kind }) => kind === "image" || kind === "text") ? TALL_ROW : FLAT_ROW;

const imageWidth = ({ cells: [high, wide = 1] }: ManifestInput): number =>
  Math.round(IMAGE_HEIGHT * Math.min(2, wide / high));

/** Parts of what images leave of a row: a text has the most to say. */
const rowPart = ({ kind }: ManifestInput): number => (kind === "image" ? 0 : kind === "text" ? 3 : 1);

/** As CSS has it. */
export const columnsOf = (inputs: readonly ManifestInput[]): string =>
  inputs
    .map((input) => (input.kind === "image" ? `${imageWidth(input)}px` : `minmax(0, ${rowPart(input)}fr)`))
    .join(" ");

/** The room of a text beside other inputs in so many CSS pixels. */
export function textRoom(inputs: readonly ManifestInput[], width: number): Room {
  const taken = inputs.reduce((sum, input) => sum + (input.kind === "image" ? imageWidth(input) : 0), 0);
  const parts = inputs.reduce((sum, input) => sum + rowPart(input), 0);
  const left = width - taken - GAP * (inputs.length - 1);
  return { lines: LINES, width: Math.max(1, (3 * left) / Math.max(1, parts)) };
}
