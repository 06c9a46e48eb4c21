/**
 * `<explain-run-row>`: a run's swatch, name, alarms and how well it does at the cursor. Click draws it, Enter is for details.
 *
 * @property run     which
 * @property spared  length of the start of its name that is cut first where there is no room
 * @property stop    whether the Tab key stops at it
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { alarmsOf } from "../alarms";
import { type Curve, getScalars } from "../api";
import { valueAt } from "../charts/curve_data";
import { verdict } from "../curves_of_learning";
import { icon } from "../elements/icons";
import { load } from "../loading";
import { memo } from "../memo";
import {
  comparable,
  cursorPlace,
  focusRun,
  type RunEntry,
  setFocus,
  shownRuns,
  showOnly,
  store,
  toggleRun,
  Watch,
} from "../state";
import { base } from "../styles";
import { runColour } from "../theme";

const NONE: readonly Curve[] = [];

@customElement("explain-run-row")
export class RunRow extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; }
      .run { position: relative; height: 32px; border-left: 0 solid transparent; user-select: none; }
      .run:hover { background: var(--sunk); }
      .run.focus { background: var(--focus-bg); box-shadow: inset 3px 0 var(--colour); font-weight: 600; }
      .row { height: 100%; padding: 0 16px; cursor: pointer; }
      .row:focus-visible, .only:focus-visible { outline-offset: -2px; }
      .swatch {
        flex: none; display: grid; place-items: center; width: 14px; height: 14px; border: 1.5px solid var(--colour);
        border-radius: 3px; color: var(--bg);
      }
      .swatch svg { width: 12px; height: 12px; stroke-width: 2.2; }
      [aria-checked="true"] .swatch { background: var(--colour); }
      [aria-checked="false"] .name { color: var(--ink3); }
      .name { display: flex; }
      .spared { flex: 0 9999 auto; min-width: 0; }
      .spared.long { min-width: 1.2em; }
      .end { flex: 0 1 auto; min-width: 0; }
      .alarms { color: var(--alarm); font-size: 11px; font-weight: 600; flex: none; }
      .other { color: var(--warn); flex: none; }
      .value { flex: none; }
      .only {
        position: absolute; right: 8px; top: 4px; height: 24px; padding: 0 8px; border: 1px solid var(--line2); border-radius: 6px;
        background: var(--bg); font-weight: 500; opacity: 0; cursor: pointer;
      }
      .run:hover :is(.value, .other), .row:focus-visible :is(.value, .other) { visibility: hidden; }
      .run:hover .only, .row:focus-visible + .only, .only:focus-visible { opacity: 1; }
      @container (max-width: 100px) {
        .row { justify-content: center; padding: 0; }
        .name, .alarms, .other, .value, .only { display: none; }
      }
    `,
  ];

  @property({ attribute: false }) run!: RunEntry;
  @property({ type: Number }) spared = 0;
  @property({ type: Boolean }) stop = false;

  private scalars = load(
    this,
    () => [this.run.group, store.state.revision] as const,
    async ([group], signal) => ({ group, curves: await getScalars(group, signal) }),
  );
  private verdict = memo(verdict);
  /** How well it does at the cursor: the row is drawn again only where that reads otherwise. */
  private said = "";
  private unwatch?: () => void;

  constructor() {
    super();
    new Watch(this, ["shown", "focus", "groups", "dark", "visible", "alarms", "runFilter"]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.unwatch = store.subscribe((now, before) => {
      if (now.epoch !== before.epoch && this.value() !== this.said) this.requestUpdate();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unwatch?.();
  }

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>(".row")?.focus();
  }

  protected override render() {
    const focus = focusRun(store.state);
    const shown = shownRuns(store.state).some(({ run }) => run === this.run.run);
    const alarms = alarmsOf(this.run.run).length;
    const { label, run } = this.run;
    const isFocus = run === focus?.run;
    this.said = this.value();
    const tabindex = this.stop ? 0 : -1;
    return html`<div class="run ${isFocus ? "focus" : ""}" style=${styleMap({ "--colour": runColour(this.run.index) })}>
      <div
        class="row"
        role="checkbox"
        tabindex=${tabindex}
        aria-checked=${shown}
        aria-current=${isFocus}
        aria-label=${label}
        title="${label}: click shows or hides, double-click or Enter for details"
        @click=${(event: MouseEvent) => event.detail > 1 || toggleRun(run)}
        @dblclick=${() => setFocus(run)}
        @keydown=${this.key}
      >
        <span class="swatch">${shown ? icon("check") : nothing}</span>
        <span class="name spread"><span class="spared clip ${this.spared > 3 ? "long" : ""}">${label.slice(0, this.spared)}</span><span class="end clip">${label.slice(this.spared)}</span></span>
        ${alarms ? html`<span class="alarms">▲ ${alarms}</span>` : nothing}
        ${
          focus && !comparable(this.run, focus)
            ? html`<span class="other">other probe</span>`
            : html`<span class="value">${this.said}</span>`
        }
      </div>
      <button class="only" tabindex=${tabindex} title=${`Draw ${label} alone`} aria-label=${`Only ${label}`} @click=${() => showOnly(run)}>only</button>
    </div>`;
  }

  private value(): string {
    const { value: known } = this.scalars;
    const found = this.verdict(known?.group === this.run.group ? known.curves : NONE);
    if (!found) return "";
    const { epochs, values } = found.curve;
    const place = cursorPlace(store.state, store.state.epoch);
    const figure = place === null ? Number.NaN : valueAt(found.curve, Math.max(place, epochs[0] ?? place));
    return found.text(Number.isFinite(figure) ? figure : (values.at(-1) ?? Number.NaN));
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Enter") setFocus(this.run.run);
    else if (event.key === " ") event.repeat || toggleRun(this.run.run);
    else return;
    event.preventDefault();
  }
}
