/** Samples of an embedding by how far the model moved them since the reference. */
import { css, html } from "lit";
import { followChoice } from "../elements/item_keys";
import { fixed } from "../format";
import { store } from "../state";
import type { SampleRow } from "../views/samples_model";
import { classMark } from "./class_marks";
import type { Looks } from "./looks";
import { chooseSample } from "./words";

export const movedListStyles = css`
  .moved button {
    display: grid; grid-template-columns: 12px minmax(0, 1fr) auto; gap: 0 6px; align-items: center; width: 100%; min-height: 24px; padding: 2px 6px;
    border: 0; border-radius: 3px; background: none; font: inherit; text-align: left; cursor: pointer;
  }
  .moved button:hover { background: var(--sunk); }
  .moved button[aria-pressed="true"] { background: var(--focus-bg); box-shadow: inset 2px 0 0 var(--accent); }
  .moved .who { display: flex; gap: 4px; min-width: 0; white-space: nowrap; }
  .moved .who > * { overflow: hidden; text-overflow: ellipsis; }
  .moved .who > b { flex: 0 1 auto; min-width: 3ch; }
  .moved .who > span { flex: 0 4 auto; min-width: 0; }
`;

/** @param moved  in spreads of the cloud; NaN where there is no reference */
export function movedList(rows: readonly SampleRow[], moved: Float64Array, { classes, colours }: Looks) {
  const chosen = store.state.sample;
  return html`<ol class="moved">${rows.map((row) => {
    const { now, label } = row;
    const tone = now?.wrong ? "wrong" : "faint";
    const said =
      now && (now.wrong || !label)
        ? html`<span class=${tone} title=${`says ${now.says}`}>says <bdi>${now.says}</bdi></span>`
        : "";
    const is = label ? html`<span class="quiet" title=${`is ${label}`}>is <bdi>${label}</bdi></span>` : "";
    return html`<li><button aria-pressed=${row.index === chosen ? "true" : "false"} @click=${() => chooseSample(row.index)}>
      ${classMark(classes[row.index], colours[row.index])}<span class="who"><b title=${row.name}><bdi>${row.name}</bdi></b>${is}${said}</span>
      <span>${fixed(moved[row.index])}</span></button></li>`;
  })}</ol>`;
}

/** Let the focus follow the choice that J and K make. */
export function followMoved(root: Node): void {
  if (root instanceof ShadowRoot)
    followChoice(root, ".moved button", root.querySelector('.moved button[aria-pressed="true"]'));
}
