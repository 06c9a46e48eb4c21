/** What all elements share: type, controls, focus, panel titles, the cards of states. */
import { css } from "lit";

export const base = css`
  :host {
    font: 400 12px / 16px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
    font-variant-numeric: tabular-nums;
    color: var(--ink);
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p,
  dl,
  dd,
  ul,
  ol {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  h2 {
    font-size: 13px;
    line-height: 20px;
    font-weight: 600;
  }
  button,
  input,
  select {
    font: inherit;
    color: inherit;
    letter-spacing: inherit;
  }
  .opens {
    position: relative;
  }
  .opens::after {
    content: "";
    position: absolute;
    right: 10px;
    top: 9px;
    width: 5px;
    height: 5px;
    border: solid var(--ink2);
    border-width: 0 1.5px 1.5px 0;
    transform: rotate(45deg);
    pointer-events: none;
  }
  .opens > select {
    appearance: none;
    text-overflow: ellipsis;
    cursor: pointer;
  }
  .control {
    height: 28px;
    padding: 0 10px;
    border: 1px solid var(--line2);
    border-radius: 6px;
    background: var(--bg);
    font-weight: 500;
    cursor: pointer;
  }
  .control:hover:not(:disabled) {
    background: var(--sunk);
  }
  .control.primary {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
  }
  .icon {
    display: inline-grid;
    place-items: center;
    width: 28px;
    height: 28px;
    padding: 0;
    border: 0;
    border-radius: 6px;
    background: none;
    cursor: pointer;
  }
  .icon:hover:not(:disabled) {
    background: var(--sunk);
  }
  button:disabled {
    opacity: 0.4;
    cursor: default;
  }
  svg.i {
    flex: none;
    width: 16px;
    height: 16px;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.5;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  .quiet {
    color: var(--ink2);
  }
  .faint {
    color: var(--ink3);
  }
  .caption {
    color: var(--ink3);
    font-size: 11px;
  }
  .row {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  .spread {
    flex: 1;
    min-width: 0;
  }
  .clip {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .clip.end-first {
    direction: rtl;
    text-align: left;
  }
  .row h2:not(.spread) {
    flex: none;
  }
  .beside {
    flex: 1;
    min-width: 0;
    text-align: right;
  }
  .dot {
    flex: none;
    display: inline-block;
    width: 8px;
    height: 8px;
    border-radius: 50%;
  }
  kbd {
    display: inline-block;
    min-width: 16px;
    padding: 0 4px;
    border: 1px solid var(--line);
    border-radius: 3px;
    color: var(--ink3);
    font: inherit;
    font-size: 10px;
    line-height: 14px;
    text-align: center;
  }
  code,
  pre {
    font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace;
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .card {
    padding: 16px;
    border: 1px solid var(--line2);
    border-radius: 8px;
    background: var(--bg);
  }
  .row + .card,
  .title + .card,
  .row + .skeleton {
    margin-top: 8px;
  }
  .card h3 {
    font-size: 12px;
    line-height: 20px;
    font-weight: 600;
  }
  .card.alarm {
    border-color: var(--alarm);
  }
  .card.alarm h3 {
    color: var(--alarm);
  }
  .card.warn {
    border-color: transparent;
    background: var(--warn-bg);
  }
  .card.warn h3 {
    color: var(--warn);
  }
  .card.note {
    border-color: transparent;
    background: var(--accent-bg);
  }
  .card div.row {
    margin-top: 12px;
  }
  .card p {
    color: var(--ink2);
    overflow-wrap: anywhere;
  }
  @media (hover: hover) {
    :host(:not(:hover)) explain-figure-menu[tight]:not(:focus-within),
    section:not(:hover) explain-figure-menu[tight]:not(:focus-within) {
      opacity: 0;
    }
  }
  /* Where the system forces its colours it takes all backgrounds away: those of marks are what they say. */
  @media (forced-colors: active) {
    i,
    u,
    .dot,
    .swatch,
    .pill.cursor,
    [style*="background"] {
      forced-color-adjust: none;
    }
    [aria-pressed="true"]:not(:focus-visible),
    [aria-selected="true"]:not(:focus-visible) {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
    .tab[aria-selected="false"] {
      border-color: Canvas;
    }
  }
  .skeleton {
    border-radius: 6px;
    background: var(--sunk);
    opacity: 0;
    animation: appear 0s linear 300ms forwards;
  }
  @keyframes appear {
    to {
      opacity: 1;
    }
  }
`;
