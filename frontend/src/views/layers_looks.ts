/** Attention laid over a sample: words or patches, shaded by how much attention each receives. */
import { css, html, nothing } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import { type ColorScale, scaleOf } from "../charts/color";
import { overlayPixels } from "../charts/overlay";
import { tokenShade } from "../charts/tokens";
import { type Draw, putPixels, scratchPixels } from "../elements/canvas";
import { imageOf, type LoggedSample } from "../elements/sample_thumb";
import { distance, signed } from "../format";
import type { Positions } from "../layer_frames";
import { paletteOf } from "../theme";
import { type Places, patchCells } from "./layers_attention_model";
import type { Moment } from "./layers_moments";

/** How much attention each place receives at a moment. */
export interface Look {
  moment: Moment;
  /** When that is: "start", "20", "change". */
  name: string;
  values: Float32Array;
}

export interface Looked {
  looks: readonly Look[];
  places: Places;
  positions: Positions;
  sample: LoggedSample | undefined;
  /** The attention at the end of the scale. */
  limit: number;
  dark: boolean;
  /** The place that is looked from; null for none, and where queries are not what is looked at. */
  from: number | null;
  /** Looks from a place; undefined where queries are something else. */
  choose: ((place: number) => void) | undefined;
}

export const lookStyles = css`
  .look { display: grid; grid-template-columns: 48px minmax(0, 1fr); gap: 8px; margin-top: 8px; }
  .look > .clip { line-height: 20px; text-align: right; color: var(--ink3); }
  .look > .clip.now, .patches .now { color: var(--ink); font-weight: 600; }
  .words { display: flex; flex-wrap: wrap; gap: 2px 1px; line-height: 20px; }
  .words span { max-width: 24ch; padding: 0 4px; border-radius: 3px; overflow: hidden; text-overflow: ellipsis; white-space: pre; }
  .words .chooses { cursor: pointer; }
  .words .from { outline: 1.5px solid var(--cursor); outline-offset: -1.5px; }
  .words .hatched { color: var(--ink3); background: repeating-linear-gradient(135deg, var(--line2) 0 1px, var(--sunk) 1px 4px); }
  .patches { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(0, 200px); gap: 16px; margin-top: 8px; }
  .patches p { color: var(--ink3); margin-bottom: 4px; }
  .patch { position: relative; }
  .patch explain-canvas { border: 1px solid var(--line); }
  .patch.chooses { cursor: pointer; }
  .patch i { position: absolute; border: 1.5px solid var(--cursor); outline: 1px solid var(--bg); pointer-events: none; }
  @media (forced-colors: active) { .words span { forced-color-adjust: none; } }
`;

const scaleAt = (moment: Moment, dark: boolean): ColorScale => scaleOf(moment === "change", dark ? "dark" : "light");

export const attentionText = (value: number, moment: Moment = "now"): string =>
  Number.isFinite(value) ? (moment === "change" ? signed(value) : distance(value)) : "not finite";

/** Images as patches where they were logged, all else as words. */
export const renderLooks = (looked: Looked) =>
  looked.positions.kind === "patches" ? renderPatches(looked) : looked.looks.map((look) => renderWords(looked, look));

function renderWords({ places, limit, dark, from, choose }: Looked, { moment, name, values }: Look) {
  return html`<div class="look">
    <span class="clip ${moment}" title=${name}>${name}</span>
    <div class="words" dir="auto">${places.shown.map((place) => {
      const shade = tokenShade(values[place], limit, scaleAt(moment, dark));
      const marks = [shade.hatched ? "hatched" : "", place === from ? "from" : "", choose ? "chooses" : ""].join(" ");
      const style = styleMap({ backgroundColor: shade.background, color: shade.ink });
      return html`<span class=${marks} style=${style} title=${`${places.names[place]} ${attentionText(values[place], moment)}`}
        @click=${() => choose?.(place)}>${places.names[place]}</span>`;
    })}</div>
  </div>`;
}

function renderPatches({ looks, places, positions, sample, limit, dark, from, choose }: Looked) {
  const { rows, columns } = positions;
  const image = sample && imageOf(sample);
  const { theme } = paletteOf(dark);
  const at = from === null ? -1 : from - places.extra;
  const place = (event: MouseEvent): number => {
    const { left, top, width, height } = (event.currentTarget as Element).getBoundingClientRect();
    const row = Math.floor(((event.clientY - top) / height) * rows);
    const column = Math.floor(((event.clientX - left) / width) * columns);
    return places.extra + row * columns + column;
  };
  return html`<div class="patches">${looks.map(({ moment, name, values }) => {
    const cells = patchCells(values, positions, places);
    const draw: Draw = (context, size) => {
      const [width, height] = [Math.round(size.width * size.ratio), Math.round(size.height * size.ratio)];
      const options = { width, height, scale: scaleAt(moment, dark), limit, theme };
      putPixels(context, overlayPixels(cells, image, options, scratchPixels(width, height)));
    };
    const aspect = image ? `${image.width} / ${image.height}` : `${columns} / ${rows}`;
    const box = {
      left: `${(100 * (at % columns)) / columns}%`,
      top: `${(100 * Math.floor(at / columns)) / rows}%`,
      width: `${100 / columns}%`,
      height: `${100 / rows}%`,
    };
    return html`<div><p class="clip ${moment}" title=${name}>${name}</p>
      <div class="patch ${choose ? "chooses" : ""}" @click=${(event: MouseEvent) => choose?.(place(event))}>
        <explain-canvas style=${styleMap({ aspectRatio: aspect })} .draw=${draw} label=${`attention over the image, ${name}`}></explain-canvas>
        ${at >= 0 ? html`<i style=${styleMap(box)}></i>` : nothing}
      </div></div>`;
  })}</div>`;
}
