/** `<explain-run-row>`: a run's swatch, name, alarms and how well it does at the cursor. Click draws it, Enter is for details. */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { alarmsOf } from "../alarms";
import { getScalars } from "../api";
import { valueAt } from "../charts/curve_data";
import { verdict } from "../curves_of_learning";
import { icon } from "../elements/icons";
import { load } from "../loading";
import {
  comparable,
  cursorPlace,
  focusRun,
  type RunEntry,
  setFocus,
  shownRuns,
  store,
  toggleRun,
  Watch,
} from "../state";
import { base } from "../styles";
import { runColour } from "../theme";

@customElement("explain-run-row")
export class RunRow extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; }
      .run { height: 32px; padding: 0 16px; gap: 8px; cursor: pointer; user-select: none; border-left: 0 solid transparent; }
      .run:hover { background: var(--sunk); }
      .run:focus-visible { outline-offset: -2px; }
      .run[aria-current="true"] { background: var(--focus-bg); box-shadow: inset 3px 0 var(--colour); font-weight: 600; }
      .swatch {
        flex: none; display: grid; place-items: center; width: 14px; height: 14px; border: 1.5px solid var(--colour);
        border-radius: 3px; color: var(--bg);
      }
      .swatch svg { width: 12px; height: 12px; stroke-width: 2.2; }
      [aria-checked="true"] .swatch { background: var(--colour); }
      [aria-checked="false"] .name { color: var(--ink3); }
      .alarms { color: var(--alarm); font-size: 11px; font-weight: 600; flex: none; }
      .other { color: var(--warn); flex: none; }
      .value { flex: none; }
      @media (max-width: 1199px) {
        .run { justify-content: center; padding: 0; }
        .name, .alarms, .other, .value { display: none; }
      }
    `,
  ];

  @property({ attribute: false }) run!: RunEntry;

  /** Of hundreds of runs only those in sight are asked how they do. */
  @state() private inSight = false;
  private sight = new IntersectionObserver((entries) => {
    this.inSight = entries.some(({ isIntersecting }) => isIntersecting);
  });

  private scalars = load(
    this,
    () => (this.inSight ? ([this.run.group, store.state.revision] as const) : null),
    ([group], signal) => getScalars(group, signal),
  );

  constructor() {
    super();
    new Watch(this, ["epoch", "shown", "focus", "groups", "dark", "visible", "alarms"]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.sight.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sight.disconnect();
  }

  protected override render() {
    const focus = focusRun(store.state);
    const shown = shownRuns(store.state).some(({ run }) => run === this.run.run);
    const alarms = alarmsOf(this.run.run).length;
    return html`<div
      class="row run"
      role="checkbox"
      tabindex="0"
      aria-checked=${shown}
      aria-current=${this.run.run === focus?.run}
      aria-label=${this.run.label}
      title="${this.run.label}: click shows or hides, double-click or Enter for details"
      style=${styleMap({ "--colour": runColour(this.run.index) })}
      @click=${() => toggleRun(this.run.run)}
      @dblclick=${() => setFocus(this.run.run)}
      @keydown=${this.key}
    >
      <span class="swatch">${shown ? icon("check") : nothing}</span>
      <span class="name clip spread">${this.run.label}</span>
      ${alarms ? html`<span class="alarms">▲ ${alarms}</span>` : nothing}
      ${
        focus && !comparable(this.run, focus)
          ? html`<span class="other">other probe</span>`
          : html`<span class="value">${this.value()}</span>`
      }
    </div>`;
  }

  private value(): string {
    const found = verdict(this.scalars.value ?? []);
    if (!found) return "";
    const { epochs, values } = found.curve;
    const place = cursorPlace(store.state, store.state.epoch);
    const value = place === null ? Number.NaN : valueAt(found.curve, Math.max(place, epochs[0] ?? place));
    return found.text(Number.isFinite(value) ? value : (values.at(-1) ?? Number.NaN));
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Enter") setFocus(this.run.run);
    else if (event.key === " ") toggleRun(this.run.run);
    else return;
    event.preventDefault();
  }
}
