/** `<explain-freshness>`: which epoch was read when, and what explaining has cost. */

import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { getSeries } from "../api";
import { ago, capital, percent } from "../format";
import { load } from "../loading";
import { cursorSteps, focusRun, store, Watch } from "../state";
import { stepName } from "../steps";
import { base } from "../styles";
import { findTag } from "../tags";

@customElement("explain-freshness")
export class Freshness extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; }
      .row { align-items: baseline; font-size: 11px; color: var(--ink3); }
    `,
  ];

  private ticking = 0;
  private overhead = load(
    this,
    () => {
      const run = focusRun(store.state);
      const tag = run && findTag(run, "clock", "overhead");
      return run && tag ? ([run.run, tag, store.state.revision] as const) : null;
    },
    ([run, tag], signal) => getSeries(run, tag, signal),
  );

  constructor() {
    super();
    new Watch(this, ["groups", "failure", "readAt", "focus", "visible"]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.ticking = setInterval(() => this.requestUpdate(), 5000) as unknown as number;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.ticking);
  }

  protected override render() {
    const { state } = store;
    const steps = cursorSteps(state);
    const last = steps.at(-1);
    const { value } = this.overhead;
    const share = value?.steps.length ? value.at(value.steps.length - 1)[0] : Number.NaN;
    const colour = state.failure ? "var(--alarm)" : "var(--ok)";
    const read = ago(Date.now() - state.readAt);
    return html`<div class="row">
      <span class="dot" style=${styleMap({ background: colour })}></span>
      <div>
        <p>
          ${
            state.failure
              ? `TensorBoard does not answer; last read ${read}`
              : `${last === undefined ? "Nothing" : capital(stepName(focusRun(state), last))} read ${read}`
          }
        </p>
        ${Number.isFinite(share) ? html`<p>Explaining took ${percent(share)} of the time</p>` : nothing}
      </div>
    </div>`;
  }
}
