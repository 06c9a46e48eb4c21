/** What stands above a layer: its name, what it is, its neighbours in the model and its pictures as links, and how curves are smoothed. */
import { css, html, nothing, type TemplateResult } from "lit";
import type { ManifestLayer } from "../api";
import { smoothingSlider, smoothingStyles } from "../elements/smoothing_slider";
import { store } from "../state";
import { layerSummary, type PictureKind, parametersText, picturesText } from "./layers_model";

export const layerHeadStyles = [
  smoothingStyles,
  css`
    .head { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 16px; min-height: 28px; margin-bottom: 8px; }
    .head h2 { min-width: 0; max-width: 60%; font-size: 15px; line-height: 24px; }
    .links { display: flex; flex: 1 1 240px; flex-wrap: wrap; align-items: baseline; gap: 0 8px; min-width: 0; }
    .links button { max-width: min(200px, 100%); padding: 0; border: 0; background: none; color: var(--accent); cursor: pointer; }
    .links button:hover { text-decoration: underline; }
    .links button:focus-visible { outline-offset: -2px; }
  `,
];

/**
 * @param choose  takes the name of a neighbour whose link was pressed
 * @param pictures  kinds of pictures that stand below
 * @param show    takes the kind whose link was pressed
 */
export function layerHead(
  layer: ManifestLayer,
  readsFrom: readonly string[],
  readBy: readonly string[],
  choose: (name: string) => void,
  pictures: readonly PictureKind[],
  show: (kind: PictureKind) => void,
): TemplateResult {
  const links = (word: string, names: readonly string[]) =>
    names.length
      ? html`<span class="faint">${word}</span>${names.map((name) => html`<button class="clip" title=${name} @click=${() => choose(name)}>${name}</button>`)}`
      : nothing;
  const summary = [layerSummary(layer), parametersText(layer)].filter(Boolean).join(", ");
  return html`<div class="head">
    <h2 class="clip end-first" title=${layer.name}><bdi>${layer.name}</bdi></h2>
    <span class="quiet clip" title=${summary}>${summary}</span>
    <div class="links">${links("from", readsFrom)} ${links("to", readBy)}
      ${pictures.length ? html`<span class="faint">below</span>${pictures.map((kind) => html`<button @click=${() => show(kind)}>${picturesText([kind])}</button>`)}` : nothing}</div>
    ${smoothingSlider(store.state.smoothing)}
  </div>`;
}
