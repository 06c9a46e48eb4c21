/** An image's maps side by side, on one canvas: with hundreds of canvases the browser is busier with these than with what is in them. */
import type { ManifestInput } from "../api";
import { scaleOf } from "../charts/color";
import { overlayPixels, pooled } from "../charts/overlay";
import { type Draw, putPixels, scratchPixels } from "../elements/canvas";
import { cellsOf, imageOf, type LoggedSample, pools } from "../elements/sample_thumb";
import { palette } from "../theme";

/** CSS pixels between two maps. */
export const MAP_GAP = 8;

/** CSS pixels of a map whose shape asks for less. */
const NARROWEST = 24;

export interface ImageMap {
  /** The sample's attribution, [rows, columns]; undefined leaves an empty well. */
  values: ArrayLike<number> | undefined;
  /** What lies under it. */
  sample: LoggedSample | undefined;
  signed: boolean;
}

/** @param limit  |value| at the end of the scales */
export function drawMaps(input: ManifestInput, maps: readonly ImageMap[], limit: number): Draw {
  const colours = palette();
  const { theme } = colours;
  return (context, size) => {
    const room = (size.width - MAP_GAP * (maps.length - 1)) / maps.length;
    const [high, wide = 1] = input.cells;
    const each = Math.min(room, Math.max(NARROWEST, (size.height * wide) / high));
    maps.forEach(({ values, sample, signed }, i) => {
      const left = i * (room + MAP_GAP);
      context.fillStyle = colours.line;
      context.fillRect(left, 0, each, size.height);
      // In screen pixels, a line's width of border left at each side.
      const [x, y] = [Math.round((left + 1) * size.ratio), Math.round(size.ratio)];
      const width = Math.round((left + each - 1) * size.ratio) - x;
      const height = Math.round((size.height - 1) * size.ratio) - y;
      if (!values) {
        context.fillStyle = colours.sunk;
        context.fillRect(left + 1, 1, each - 2, size.height - 2);
        return;
      }
      const full = cellsOf(input, values);
      const options = { width, height, scale: scaleOf(signed, theme), limit, theme };
      const under = sample && imageOf(sample);
      const pixels = scratchPixels(width, height);
      putPixels(context, overlayPixels(pools(input) ? pooled(full) : full, under, options, pixels), x, y);
    });
  };
}
