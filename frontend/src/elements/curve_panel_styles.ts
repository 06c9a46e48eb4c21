/** How a chart of curves with its title row looks. */
import { css } from "lit";

export const panelStyles = css`
  :host { display: block; }
  .title { height: 16px; gap: 12px; }
  .title b, .about { font-weight: 500; }
  .about { max-width: 100%; overflow: hidden; padding: 0; text-overflow: ellipsis; white-space: nowrap; vertical-align: bottom; border: 0; background: none; cursor: help; }
  .about:hover { text-decoration: underline dotted; text-underline-offset: 3px; }
  .about:focus-visible { outline-offset: -1px; }
  .named .spread { min-width: 72px; }
  .named .values, .named .value { flex: 0 1 auto; min-width: 0; }
  .named .value > .dot, .named .figure { flex: none; }
  .value { display: inline-flex; align-items: center; gap: 4px; flex: none; }
  .value.focus { font-weight: 600; }
  explain-figure-menu { margin-left: -12px; }
  .zooms, .zooms .over { cursor: ew-resize; }
  .zooming { position: absolute; z-index: 1; top: 0; bottom: 0; background: var(--accent); opacity: 0.15; pointer-events: none; }
  .values { display: flex; gap: 12px; flex: none; }
  .plot { position: relative; cursor: crosshair; touch-action: pan-y; border-radius: 3px; }
  .chart { position: relative; }
  .curves { display: block; }
  .over { position: absolute; }
  .mark { position: absolute; top: 0; bottom: 0; left: 0; width: 0; pointer-events: none; }
  .mark.cursor { border-left: 1.25px solid var(--cursor); margin-left: -0.6px; }
  .mark.reference { border-left: 1px dashed var(--ink2); }
  .mark.hover { border-left: 1px solid var(--line2); }
  .point { position: absolute; top: -3px; left: -3px; width: 6px; height: 6px; border-radius: 50%; pointer-events: none; }
  .label {
    position: absolute; top: 0; left: 0; padding: 0 1px; pointer-events: none; white-space: nowrap;
    font-size: 11px; line-height: 14px; color: var(--ink2);
    text-shadow: 0 0 2px var(--bg), 0 0 2px var(--bg), 0 0 2px var(--bg);
  }
  .label.name { overflow: hidden; text-overflow: ellipsis; pointer-events: auto; }
  .label.limit { color: var(--ink3); }
  .label.alarm { color: var(--alarm); font-weight: 500; }
  .point.focus { top: -5px; left: -5px; width: 10px; height: 10px; border: 1.5px solid; }
`;
