/** Controls that the views' tool bars are made of: pickers, toggles, segments, a find box. */
import { css, html } from "lit";

export const controlStyles = css`
  .tools { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; }
  .picker {
    display: inline-flex; align-items: center; gap: 4px; height: 28px; max-width: 176px; padding: 0 22px 0 8px;
    border: 1px solid var(--line2); border-radius: 6px; background: var(--bg); color: var(--ink2); cursor: pointer; font-weight: 400;
  }
  .picker b { font-weight: 500; color: var(--ink); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .picker select { position: absolute; inset: 0; width: 100%; opacity: 0; cursor: pointer; font: inherit; color: var(--ink); background: var(--bg); }
  .picker:focus-within { outline: 2px solid var(--accent); outline-offset: 2px; }
  .toggle {
    height: 24px; padding: 0 8px; border: 1px solid var(--line2); border-radius: 12px; background: var(--bg); color: var(--ink);
    font: inherit; cursor: pointer;
  }
  .toggle span { color: var(--ink3); }
  .toggle[aria-pressed="true"] { border-color: var(--accent); background: var(--accent-bg); color: var(--accent); }
  .toggle[aria-pressed="true"] span { color: inherit; }
  .segments { flex: none; display: inline-flex; border: 1px solid var(--line2); border-radius: 6px; overflow: clip; }
  .segments:focus-within { overflow: visible; }
  .segments button { height: 26px; padding: 0 8px; border: 0; background: var(--bg); color: var(--ink2); font: inherit; font-weight: 500; white-space: nowrap; cursor: pointer; }
  .segments button + button { border-left: 1px solid var(--line2); }
  .segments button[aria-pressed="true"] { background: var(--accent-bg); color: var(--accent); font-weight: 600; }
  .find { height: 28px; width: 120px; padding: 0 8px; border: 1px solid var(--line2); border-radius: 6px; background: var(--bg); color: var(--ink); font: inherit; }
  .find::placeholder { color: var(--ink3); opacity: 1; }
`;

/** After a choice with the pointer, so that arrows move the epoch again; whoever chooses by keyboard goes on from there. */
export function leave(select: HTMLSelectElement): void {
  if (!select.matches(":focus-visible")) select.blur();
}

export interface Choice {
  id: string;
  title: string;
}

/** A native list behind a label that shows what is chosen: "Sort **drift**". */
export const picker = (label: string, chosen: string, choices: readonly Choice[], choose: (id: string) => void) => html`
  <label class="picker opens">
    <span>${label}</span><b>${choices.find(({ id }) => id === chosen)?.title ?? ""}</b>
    <select aria-label=${label} @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>
      ${choices.map(({ id, title }) => html`<option value=${id} .selected=${id === chosen}>${title}</option>`)}
    </select>
  </label>`;

export const toggle = (label: string, count: number | undefined, on: boolean, set: (on: boolean) => void) => html`
  <button class="toggle" aria-pressed=${on ? "true" : "false"} @click=${() => set(!on)}>
    ${label} ${count === undefined ? "" : html`<span>${count}</span>`}
  </button>`;

/** One of a few, all in sight. */
export const segments = (
  label: string,
  chosen: string,
  choices: readonly Choice[],
  choose: (id: string) => void,
) => html`
  <div class="segments" role="group" aria-label=${label}>
    ${choices.map(
      ({ id, title }) => html`
        <button aria-pressed=${id === chosen ? "true" : "false"} @click=${() => choose(id)}>${title}</button>`,
    )}
  </div>`;

export const findBox = (label: string, text: string, type: (text: string) => void) => html`
  <input class="find" type="search" placeholder=${label} aria-label=${label} .value=${text}
    @input=${(event: Event) => type((event.target as HTMLInputElement).value)} />`;
