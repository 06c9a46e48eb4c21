/** `<explain-trust>`: what the checks say at the cursor, a badge each; pressed, a badge tells what it means. */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Drift, Series } from "../api";
import "../elements/words_dialog";
import { saidOf } from "../elements/words_dialog";
import { sumErrorOf } from "../methods";
import { atOrBefore, focusRun, type RunEntry, shownMethod, store, Watch } from "../state";
import { stepName } from "../steps";
import { base } from "../styles";
import type { Answers } from "./answers";
import { type Badge, badges, type Measured } from "./badges";
import { FIGURES } from "./figure_help";
import type { Figures } from "./trust_panels";

const MARKS = { ok: "✓", warn: "!", plain: "" } as const;

/** All that was checked, of the runs that are drawn. */
export interface Checked {
  drift?: Answers<Drift>;
  startDrift?: Answers<Drift>;
  deletion?: Answers<Series>;
  agreement?: Answers<Figures>;
  trainingGap?: Answers<Series>;
  localFit?: Answers<Series>;
}

@customElement("explain-trust")
export class Trust extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; }
      .all { display: flex; gap: 6px 8px; align-items: center; }
      .badge { display: inline-flex; min-width: 0; gap: 6px; height: 24px; padding: 0 8px; align-items: center; border: 1px solid var(--line2); border-radius: 12px; background: var(--bg); cursor: help; }
      .badge:hover { background: var(--sunk); }
      .ok b { color: var(--ok); }
      .text { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .badge .quiet { flex: none; }
      @media (max-width: 799px) {
        .all { flex-wrap: wrap; }
      }
      .warn { border-color: transparent; background: var(--warn-bg); }
      .warn b, .warn .text { color: var(--warn); font-weight: 600; }
    `,
  ];

  @property({ attribute: false }) checked: Checked = {};
  @state() private told: Badge | null = null;

  constructor() {
    super();
    new Watch(this, ["epoch", "focus", "method", "groups"]);
  }

  protected override render() {
    const run = focusRun(store.state);
    const { epoch } = store.state;
    if (!run || epoch === null) return nothing;
    const found = this.badges(run, epoch);
    if (!found.length) return nothing;
    return html`<div class="all" role="group" aria-label=${`Trust at ${stepName(run, epoch)}`}>
        ${found.map(
          (
            badge,
          ) => html`<button class="badge ${badge.tone}" aria-haspopup="dialog" title=${`${badge.text}: what this means`} @click=${() => this.tell(badge)}>
            ${MARKS[badge.tone] ? html`<b aria-hidden="true">${MARKS[badge.tone]}</b>` : nothing}<span class="text">${badge.text}</span><span class="quiet">${badge.figure}${badge.at ? ` at ${badge.at}` : nothing}</span>
          </button>`,
        )}
      </div>
      ${
        this.told
          ? html`<explain-words .heading=${this.told.text} .rows=${saidOf(FIGURES[this.told.about])} @close=${() => this.tell(null)}></explain-words>`
          : nothing
      }`;
  }

  private tell(badge: Badge | null): void {
    this.told = badge;
  }

  private badges(run: RunEntry, epoch: number): Badge[] {
    const { drift, startDrift, deletion, agreement, trainingGap, localFit } = this.checked;
    const own = <T>(answers: Answers<T> | undefined): T | undefined =>
      answers?.find((answer) => answer.run.run === run.run)?.value;
    const [now, start, rho] = [own(drift), own(startDrift), own(agreement)];
    const at = now ? now.steps.indexOf(epoch) : -1;
    const from = start ? start.steps.indexOf(epoch) : -1;
    return badges({
      sumError: sumErrorOf(shownMethod(store.state) ?? ""),
      // Of an explanation that is not finite nothing holds.
      completeness: Number.isFinite(now?.effectiveFeatures[at]) ? (now?.completenessP95[at] ?? Number.NaN) : Number.NaN,
      deletion: measuredAt(run, own(deletion), epoch),
      agreement: measuredAt(run, rho && { steps: rho.steps, at: (i) => [rho.values[i]] }, epoch),
      similarity: from > 0 ? 1 - (start?.localDrift.median[from] ?? Number.NaN) : Number.NaN,
      trainingGap: measuredAt(run, own(trainingGap), epoch),
      localFit: fitOf(measuredAt(run, own(localFit), epoch)),
    });
  }
}

/** The median alone: its quartile is no error of it. */
const fitOf = (fit: Measured | undefined): Measured | undefined => fit && { value: fit.value, at: fit.at };

/** What was last measured at a step; these come at fewer steps than explanations. */
function measuredAt(
  run: RunEntry,
  series: { steps: readonly number[]; at(index: number): ArrayLike<number> } | undefined,
  epoch: number,
): Measured | undefined {
  const step = series && atOrBefore(series.steps, epoch);
  if (!series || step === undefined) return undefined;
  const { 0: value, 1: error } = series.at(series.steps.indexOf(step));
  return { value, error, at: step === epoch ? undefined : stepName(run, step) };
}
