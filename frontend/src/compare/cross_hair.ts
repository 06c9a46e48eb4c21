/** The cross hair over the picture of pairs of epochs: it moves by itself, the picture is not drawn again. */

import { css, html, nothing } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import { type EpochRange, epochToX } from "../charts/epoch_axis";

export const crossHairStyles = css`
  .hair { position: absolute; inset: 0; contain: strict; pointer-events: none; }
  .hair i { position: absolute; box-sizing: border-box; }
  .hair .cursor { top: 0; bottom: 0; width: 4px; margin-left: -2px; background: var(--cursor); border: solid var(--bg); border-width: 0 1.4px; }
  .hair .reference { left: 0; right: 0; border-top: 1px dashed var(--ink); box-shadow: 0 0 0 1px var(--bg); background: var(--bg); }
  .hair .meet { width: 9px; height: 9px; margin: -4.5px; border: 1.25px solid var(--cursor); border-radius: 50%; background: var(--bg); }
`;

/** The cursor from top to bottom, the reference dashed from left to right, a ring where they meet. Both are places, or null for none. */
export function crossHair(across: EpochRange, down: EpochRange, cursor: number | null, reference: number | null) {
  const left = cursor === null ? "" : `${epochToX(cursor, across, 100)}%`;
  const top = reference === null ? "" : `${epochToX(reference, down, 100)}%`;
  return html`<div class="hair" aria-hidden="true">
    ${top ? html`<i class="reference" style=${styleMap({ top })}></i>` : nothing}
    ${left ? html`<i class="cursor" style=${styleMap({ left })}></i>` : nothing}
    ${left && top ? html`<i class="meet" style=${styleMap({ left, top })}></i>` : nothing}
  </div>`;
}
