/** How widely each head of a layer looks, over the epochs. */
import type { Series } from "../api";
import type { Panel } from "../elements/curve_panel";
import { distance, tick } from "../format";
import { cursorSteps, type RunEntry, store } from "../state";
import { placesAt } from "../steps";
import { mix, paletteOf, runColour } from "../theme";
import { headName } from "./layers_attention_model";
import { ENTROPY_HELP } from "./layers_pictures_help";

/** CSS pixels: of a name beside its curve, of the plot at least and at most, of the names. */
const [NAME, LEAST, MOST, NAMES] = [14, 160, 280, 88];

/** @param chosen  the head that stands out; null for none */
export function entropyPanel(
  series: Series,
  layer: string,
  run: RunEntry,
  chosen: number | null,
  dark: boolean,
): Panel {
  const epochs = placesAt(run, series.steps);
  const whole = placesAt(run, cursorSteps(store.state));
  const { bg, ink3 } = paletteOf(dark);
  const heads = Array.from({ length: series.shape[0] ?? 1 }, (_, head) => head);
  return {
    title: "Entropy of heads",
    of: layer,
    unit: "1: looks everywhere alike",
    help: ENTROPY_HELP,
    height: Math.min(MOST, Math.max(LEAST, NAME * heads.length + 16)),
    figure: distance,
    tick,
    lines: heads.map((head) => ({
      run: run.run,
      label: headName(head),
      name: headName(head),
      colour: chosen === null || head === chosen ? runColour(run.index, dark) : mix(ink3, bg, 0.4),
      focus: head === chosen,
      epochs,
      values: series.steps.map((_, i) => series.at(i)[head]),
    })),
    scale: { low: 0, high: 1 },
    range: [whole[0] ?? 0, whole.at(-1) ?? 0],
    axis: true,
    ends: NAMES,
  };
}
