/** What is told of what is under the pointer, in a box beside it. */
import { css, html, unsafeCSS } from "lit";
import { styleMap } from "lit/directives/style-map.js";

/** Room that it takes beside and below the pointer, CSS pixels. */
const ROOM = { width: 260, height: 64 };
const WIDTH = unsafeCSS(`${ROOM.width}px`);

export const tipStyles = css`
  .tip {
    position: fixed; z-index: 4; pointer-events: none; width: max-content; max-width: ${WIDTH}; padding: 6px 10px; border-radius: 6px;
    background: var(--bg); border: 1px solid var(--line2); box-shadow: 0 4px 12px rgb(20 30 50 / 0.14); overflow-wrap: anywhere;
  }
`;

export type Said = readonly [heading: string, text: string];

/** @param x, y  of the pointer in the window */
export function tip([heading, text]: Said, x: number, y: number) {
  const { innerWidth, innerHeight } = window;
  const place = {
    ...(x + ROOM.width + 24 > innerWidth ? { right: `${innerWidth - x + 12}px` } : { left: `${x + 12}px` }),
    ...(y + ROOM.height + 24 > innerHeight ? { bottom: `${innerHeight - y + 12}px` } : { top: `${y + 16}px` }),
  };
  return html`<div class="tip" role="tooltip" style=${styleMap(place)}><b>${heading}</b><br />${text}</div>`;
}
