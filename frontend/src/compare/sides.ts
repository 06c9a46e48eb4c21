/**
 * `<explain-sides>`: which explanations are held against each other: A, the focus run at the cursor, and B, the reference.
 *
 * @property reference   B, or null where there is none
 * @property comparison  of A with B, once it is there
 * @property seeds       what two seeds lie apart by there; undefined where there are no two
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Comparison } from "../api";
import { controlStyles } from "../elements/controls";
import { icon } from "../elements/icons";
import { isolated, percent, withError } from "../format";
import { type Place, referenceName, referenceRun } from "../references";
import { comparable, focusRun, type RunEntry, runsOf, setFocus, store, Watch } from "../state";
import { shortStep, stepName } from "../steps";
import { base } from "../styles";
import { runColour } from "../theme";

/** What follows from swapping A and B, as changes of the state; null where B is no step that A could be. */
export function swapped(
  run: RunEntry,
  epoch: number | null,
  reference: Place | null,
): { epoch: number; against: string } | null {
  if (epoch === null || !reference || reference.run.run !== run.run) return null;
  return { epoch: reference.step, against: `step:${epoch}` };
}

/** What two runs that differ by their seed alone lie apart by. */
export interface SeedShift {
  /** One of the two. */
  run: string;
  shift: number;
}

/** "14.9 ± 0.7 % of the attribution lies elsewhere; between two seeds of cnn-base it is 5.9 %", or the noise of the samples. */
export function shiftSentence({ shareShift }: Comparison, seeds?: SeedShift): string {
  const { value, standardError, noise } = shareShift;
  if (!Number.isFinite(value)) return "nothing to compare: one side is not finite, or all zero";
  const limit =
    seeds && Number.isFinite(seeds.shift)
      ? `; between two seeds of ${isolated(seeds.run)} it is ${percent(seeds.shift)}`
      : Number.isFinite(noise)
        ? ` (noise of the samples: ${percent(noise)})`
        : "";
  return `${withError(value, standardError)} of the attribution lies elsewhere${limit}`;
}

@customElement("explain-sides")
export class Sides extends LitElement {
  static override styles = [
    base,
    controlStyles,
    css`
      :host { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; }
      .picker { max-width: 320px; position: relative; }
      .picker b { flex: none; max-width: 160px; }
      .ok { color: var(--ok); display: inline-flex; gap: 4px; align-items: center; }
      .said { flex: 1; min-width: 240px; text-align: right; }
      .swap { border: 1px solid var(--line2); }
    `,
  ];

  @property({ attribute: false }) reference: Place | null = null;
  @property({ attribute: false }) comparison: Comparison | undefined;
  @property({ attribute: false }) seeds: SeedShift | undefined;
  protected watch = new Watch(this, ["epoch", "against", "focus", "groups", "dark", "best"]);

  protected override render() {
    const { state } = store;
    const focus = focusRun(state);
    if (!focus || state.epoch === null) return nothing;
    const others = runsOf(state).filter(({ run }) => run !== focus.run);
    return html`
      ${this.picker("A", focus, stepName(focus, state.epoch), [focus, ...others], (run) => setFocus(run))}
      ${this.renderB(focus, others)}
      <button class="icon swap" title="Swap A and B" aria-label="Swap A and B" ?disabled=${!this.canSwap(focus)} @click=${this.swap}>⇄</button>
      ${this.comparison && this.comparison.referenceRun !== focus.run ? html`<span class="ok">${icon("check")}same probe, score and baseline</span>` : nothing}
      <span class="said quiet" role="status">${this.comparison ? shiftSentence(this.comparison, this.seeds) : nothing}</span>`;
  }

  private picker(side: string, run: RunEntry, at: string, runs: readonly RunEntry[], choose: (run: string) => void) {
    return html`<label class="picker opens">
      <span>${side}</span><span class="dot" style="background: ${runColour(run.index)}"></span><b>${run.label}</b><span class="clip">${at}</span>
      <select aria-label="Run of ${side}" @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>
        ${runs.map(({ run: name, label }) => html`<option value=${name} .selected=${name === run.run}>${label}</option>`)}
      </select>
    </label>`;
  }

  /** Another run at the same epoch, or the run itself at its reference. Runs that explained other samples cannot be chosen. */
  private renderB(focus: RunEntry, others: readonly RunEntry[]) {
    const { state } = store;
    const other = referenceRun(state);
    const shown = this.reference?.run ?? other ?? focus;
    const at = this.reference ? shortStep(this.reference.run, this.reference.step) : "";
    return html`<label class="picker opens">
      <span>B</span><span class="dot" style="background: ${runColour(shown.index)}"></span><b>${shown.label}</b>
      <span class="clip">${other ? (at ? `at ${at}` : "") : referenceName(state)}</span>
      <select aria-label="Run of B" @change=${this.chooseB}>
        <option value="" .selected=${!other}>${focus.label}, at the reference</option>
        ${others.map((run) => {
          const same = comparable(run, focus);
          return html`<option value=${run.run} ?disabled=${!same} .selected=${other?.run === run.run}>${run.label}${same ? "" : " (other probe)"}</option>`;
        })}
      </select>
    </label>`;
  }

  private chooseB(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    store.set({ against: value ? `run:${value}` : "start" }, { push: true });
  }

  private canSwap(focus: RunEntry): boolean {
    return referenceRun(store.state) !== undefined || swapped(focus, store.state.epoch, this.reference) !== null;
  }

  private swap(): void {
    const { state } = store;
    const [focus, other] = [focusRun(state), referenceRun(state)];
    if (!focus) return;
    const change = swapped(focus, state.epoch, this.reference);
    if (other) {
      setFocus(other.run);
      store.set({ against: `run:${focus.run}` });
    } else if (change) store.set(change, { push: true });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-sides": Sides;
  }
}
