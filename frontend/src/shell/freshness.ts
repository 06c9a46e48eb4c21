/** `<explain-freshness>`: which epoch was read when, how much of the run that is, and what explaining has cost. */

import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { getScalars, getSeries } from "../api";
import { ago, capital, percent } from "../format";
import { load } from "../loading";
import { cursorSteps, focusRun, store, Watch } from "../state";
import { placesAt, stepName } from "../steps";
import { base } from "../styles";
import { findTag } from "../tags";
import { loadedPart } from "./loaded_part";

@customElement("explain-freshness")
export class Freshness extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; }
      .row { align-items: baseline; font-size: 11px; color: var(--ink3); }
      @container (max-width: 100px) {
        .row { justify-content: center; margin: 0 -16px; }
        .said { display: none; }
      }
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

  private curves = load(
    this,
    () => {
      const run = focusRun(store.state);
      return run ? ([run, store.state.revision] as const) : null;
    },
    async ([run], signal) => ({ run, ends: (await getScalars(run.group, signal)).map(({ epochs }) => epochs.at(-1)) }),
  );

  constructor() {
    super();
    new Watch(this, ["groups", "failure", "readAt", "focus", "visible"]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.ticking = setInterval(() => store.state.visible && this.requestUpdate(), 5000) as unknown as number;
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
    const said = state.failure
      ? `TensorBoard does not answer; last read ${read}`
      : `${last === undefined ? "Nothing" : capital(stepName(focusRun(state), last))} read ${read}`;
    return html`<div class="row" title=${said}>
      <span class="dot" style=${styleMap({ background: colour })}></span>
      <div class="said">
        <p role="status">${this.partly()}</p>
        <p>${said}</p>
        ${Number.isFinite(share) ? html`<p>Explaining took ${percent(share)} of the time</p>` : nothing}
      </div>
    </div>`;
  }

  /** "121 of 301 epochs loaded" while TensorBoard has read more of the curves than of the explanations; "" otherwise. */
  private partly(): string {
    const { state } = store;
    const [run, known] = [focusRun(state), this.curves.value];
    const part = run && known?.run === run ? loadedPart(placesAt(run, cursorSteps(state)), known.ends) : null;
    return part ? `${part.loaded} of ${part.all} epochs loaded` : "";
  }
}
