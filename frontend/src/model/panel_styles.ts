/** What the panels of the Model view share. */
import { css } from "lit";

export const panelStyles = css`
  :host { display: block; min-width: 0; container-type: inline-size; }
  .head { min-height: 20px; }
  .head .of { flex: 1 1 auto; min-width: 0; }
  .head .at { flex: 0 10 auto; margin-left: auto; min-width: 0; text-align: right; }
  .tools { min-height: 28px; margin: 6px 0 8px; }
  .tools .label { color: var(--ink3); }
  .axis { min-width: 0; }
  .under { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 4px 16px; margin-top: 6px; }
  .link { padding: 0; border: 0; background: none; color: var(--accent); font: inherit; text-decoration: underline; cursor: pointer; }
  .ring { display: inline-block; width: 10px; height: 10px; margin-right: 4px; border: 1.5px solid var(--alarm); border-radius: 50%; vertical-align: -1px; }
  .mark { flex: none; vertical-align: -1px; }
`;
