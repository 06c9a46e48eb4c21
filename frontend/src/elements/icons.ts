/** The tab's few icons, 16 × 16, drawn in the colour of the text around them. */
import { html, svg, type TemplateResult } from "lit";

const PATHS = {
  eye: svg`<path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8Z"/><circle cx="8" cy="8" r="2"/>`,
  link: svg`<path d="M6.5 9.5 9.5 6.5M7 4.8l1.4-1.4a2.9 2.9 0 0 1 4.1 4.1L11.2 9M9 11.2l-1.4 1.4a2.9 2.9 0 0 1-4.1-4.1L4.8 7"/>`,
  check: svg`<path d="m3.5 8.5 3 3 6-7"/>`,
  keys: svg`<rect x="1.5" y="4" width="13" height="8.5" rx="1.5"/><path d="M4 6.8h.1M6.7 6.8h.1M9.4 6.8h.1M12 6.8h.1M4 9.8h.1M6.2 9.8h3.6M12 9.8h.1"/>`,
  first: svg`<path d="M4 4v8M12 4 7 8l5 4Z"/>`,
  previous: svg`<path d="m10.5 4-5 4 5 4Z"/>`,
  next: svg`<path d="m5.5 4 5 4-5 4Z"/>`,
  last: svg`<path d="M12 4v8M4 4l5 4-5 4Z"/>`,
  play: svg`<path d="m5.5 3.5 7 4.5-7 4.5Z" fill="currentColor"/>`,
  pause: svg`<path d="M5.5 4v8M10.5 4v8" stroke-width="2.5"/>`,
  search: svg`<circle cx="7" cy="7" r="4"/><path d="m10 10 3.5 3.5"/>`,
  alarm: svg`<path d="M8 2.5 14.5 13.5h-13Z M8 6.8v3M8 11.6v.1"/>`,
  enter: svg`<path d="M12.5 4.5v3.5h-8M6.5 6 4.5 8l2 2"/>`,
  help: svg`<circle cx="8" cy="8" r="6"/><path d="M6.3 6.4a1.8 1.8 0 1 1 2.4 1.7c-.5.2-.7.5-.7 1M8 11.3v.1"/>`,
  more: svg`<path d="M3.5 8h.1M8 8h.1M12.5 8h.1" stroke-width="2.2"/>`,
  close: svg`<path d="m4 4 8 8M12 4l-8 8"/>`,
};

export const icon = (name: keyof typeof PATHS): TemplateResult =>
  html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true">${PATHS[name]}</svg>`;
