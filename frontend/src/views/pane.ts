/** A view that fills the page: its main part, and a pane of details beside it, over it as a drawer where there is no room. */
import { css } from "lit";

/** Below this width of a view its pane is a drawer: the view then has the attribute `narrow`. */
export const NARROW = 1000;

export const paneStyles = css`
  :host {
    display: flex; position: relative; height: calc(100% + var(--above) + var(--beside)); min-height: 400px; overflow: hidden;
    margin: calc(-1 * var(--above)) calc(-1 * var(--beside)) calc(-1 * var(--beside));
  }
  .main { flex: 1; min-width: 0; display: flex; flex-direction: column; padding: 12px 8px 12px var(--beside); gap: 8px; }
  .pane { flex: none; width: min(var(--pane), 36vw); border-left: 1px solid var(--line); background: var(--bg); }
  :host([narrow]) .pane {
    position: absolute; inset: 0 0 0 auto; width: min(var(--pane), 100%); z-index: 3; box-shadow: 0 4px 12px rgb(20 30 50 / 0.14);
  }
`;
