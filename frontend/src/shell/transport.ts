/** `<explain-transport>`: the one cursor of the tab; buttons, a number, and the track. */

import { css, html, LitElement } from "lit";
import { customElement } from "lit/decorators.js";
import { showAll } from "../curve_settings";
import { leave } from "../elements/controls";
import { icon } from "../elements/icons";
import { thousands } from "../format";
import { cursorPlace, cursorSteps, focusRun, moveEpoch, setEpoch, setPlace, store, Watch } from "../state";
import { batchText, placeOf, placeText } from "../steps";
import { base } from "../styles";
import { SPEEDS, setSpeed, togglePlaying } from "./playing";
import "./track";

@customElement("explain-transport")
export class Transport extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: flex; height: 72px; border-top: 1px solid var(--line2); background: var(--rail); user-select: none; }
      .controls { flex: none; width: 256px; padding: 8px 0 0 8px; }
      .controls .row { gap: 2px; white-space: nowrap; }
      .play { width: 28px; border-radius: 50%; background: var(--ink); color: var(--bg); }
      .play:hover:not(:disabled) { background: var(--ink2); }
      .play svg { width: 14px; height: 14px; }
      input {
        width: 44px; height: 28px; margin: 0 4px 0 6px; border: 1px solid var(--line2); border-radius: 6px;
        background: var(--bg); font-weight: 600; text-align: center;
      }
      .zoom { padding: 0; border: 0; background: none; color: var(--accent); font: inherit; cursor: pointer; }
      .zoom:hover { text-decoration: underline; }
      .hints { height: 20px; margin: 4px 0 0 8px; font-size: 11px; }
      .hints .spread { white-space: nowrap; }
      .speed select { height: 20px; padding: 0 18px 0 4px; border: 0; border-radius: 4px; background: none; color: var(--ink2); text-align: right; }
      .speed select:hover { background: var(--sunk); }
      .speed::after { top: 6px; right: 7px; width: 4px; height: 4px; }
      explain-track { flex: 1; min-width: 0; margin-right: 24px; }
      @media (max-width: 639px) {
        .hints, .controls .end { display: none; }
        .controls { width: 184px; }
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, ["epoch", "playing", "speed", "zoom", "groups", "focus", "method"]);
  }

  protected override render() {
    return html`${this.controls(cursorSteps(store.state))}<explain-track></explain-track>`;
  }

  private controls(steps: readonly number[]) {
    const { epoch, playing, zoom } = store.state;
    const [first, last] = [steps[0], steps.at(-1)];
    const run = focusRun(store.state);
    const batch = epoch === null ? "" : batchText(run, epoch);
    const button = (name: "first" | "previous" | "next" | "last", label: string, off: boolean, go: () => void) =>
      html`<button class="icon ${name === "first" || name === "last" ? "end" : ""}" title=${label} aria-label=${label} ?disabled=${off} @click=${go}>
        ${icon(name)}
      </button>`;
    return html`<div class="controls">
      <div class="row">
        ${button("first", "First step (Home)", epoch === first, () => setEpoch(first, { push: true }))}
        ${button("previous", "Step before (←)", epoch === first, () => moveEpoch(-1))}
        <button class="icon play" title=${playing ? "Stop (Space)" : "Play (Space)"} aria-label=${playing ? "Stop" : "Play"} ?disabled=${steps.length < 2} @click=${togglePlaying}>
          ${icon(playing ? "pause" : "play")}
        </button>
        ${button("next", "Next step (→)", epoch === last, () => moveEpoch(1))}
        ${button("last", "Last step (End)", epoch === last, () => setEpoch(last ?? 0, { push: true }))}
        <input
          aria-label="Epoch"
          inputmode="numeric"
          autocomplete="off"
          .value=${epoch === null ? "" : placeText(placeOf(run, epoch))}
          @change=${this.type}
          @focus=${(event: Event) => (event.target as HTMLInputElement).select()}
        />
        <span class="faint">/ ${last === undefined ? "" : placeText(placeOf(run, last))}</span>
      </div>
      <div class="row hints faint">
        <span class="spread clip">${
          zoom
            ? html`<button class="zoom" title="Show all epochs in the curves (0)" @click=${showAll}>curves show ${zoom.map(placeText).join("\u2009–\u2009")}: all</button>`
            : batch
              ? html`<span class="batch">${batch} of ${thousands(last ?? 0)}</span>`
              : html`<kbd>←</kbd><kbd>→</kbd>&nbsp;step&ensp;<kbd>⇧</kbd>&nbsp;click: reference`
        }</span>
        ${this.speeds()}
      </div>
    </div>`;
  }

  private speeds() {
    return html`<span class="speed opens"><select aria-label="Playing speed" title="Steps a second when playing (< and >)" @change=${this.chooseSpeed}>
      ${SPEEDS.map((speed) => html`<option value=${speed} .selected=${speed === store.state.speed}>${speed}/s</option>`)}
    </select></span>`;
  }

  private chooseSpeed(event: Event): void {
    const select = event.target as HTMLSelectElement;
    setSpeed(Number(select.value));
    leave(select);
  }

  private type(event: Event): void {
    const field = event.target as HTMLInputElement;
    const place = Number(field.value.replace("\u2212", "-"));
    if (field.value.trim() && Number.isFinite(place)) setPlace(place, { push: true });
    field.value = placeText(cursorPlace(store.state, store.state.epoch) ?? Number.NaN);
    field.blur();
  }
}
