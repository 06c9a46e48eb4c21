/** `<explain-headline>`: the sentence, from what the Overview has read. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Curve, Drift } from "../api";
import { valueAt } from "../charts/curve_data";
import { curveOf, scoreOf } from "../curves_of_learning";
import { skeleton } from "../elements/states";
import { figure, percent, words } from "../format";
import { methodTitle } from "../methods";
import { drawnReference, isPlace, referenceName, referenceOf, referenceStep } from "../references";
import { cursorSteps, focusManifest, focusRun, type RunEntry, shownMethod, store, Watch } from "../state";
import { placeOf, stepName } from "../steps";
import { base } from "../styles";
import type { Answers } from "./answers";
import { askChangeErrors, askReferenceShares, askShares, errorsAtCursor, referenceShares } from "./questions";
import { type Facts, sentence } from "./sentence";
import { ranked, sharesAt } from "./shares";
import type { Figures } from "./trust_panels";

@customElement("explain-headline")
export class Headline extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; min-height: 48px; }
      @media (max-width: 1199px) {
        :host { min-height: 72px; }
      }
      p { max-width: 1168px; font-size: 15px; line-height: 24px; color: var(--ink2); }
      b { font-weight: 600; color: var(--ink); }
    `,
  ];

  @property({ attribute: false }) drift: Answers<Drift> | undefined;
  @property({ attribute: false }) scalars: Answers<readonly Curve[]> | undefined;
  @property({ attribute: false }) agreement: Answers<Figures> | undefined;

  private shares = askShares(this);
  private others = askReferenceShares(this);
  private errors = askChangeErrors(this);

  constructor() {
    super();
    new Watch(this, ["epoch", "resting", "against", "focus", "method", "groups", "manifests", "visible"]);
  }

  protected override render() {
    const run = focusRun(store.state);
    if (!run) return nothing;
    const drift = this.drift?.find((answer) => answer.run.run === run.run);
    if (!this.drift) return skeleton(48);
    if (!drift?.value) {
      const why = drift ? `could not be compared with its reference${reason(drift.error)}.` : "";
      const none = `has no ${methodTitle(shownMethod(store.state) ?? "")} attributions of single samples to compare.`;
      return html`<p><b>${run.label}</b> ${why || none}</p>`;
    }
    const facts = this.facts(run, drift.value);
    if (!facts) return nothing;
    return html`<p role="status">
      ${sentence(facts).map(({ text, strong }) => (strong ? html`<b>${text}</b>` : text))}
    </p>`;
  }

  private facts(run: RunEntry, drift: Drift): Facts | undefined {
    const { state } = store;
    const { epoch } = state;
    if (epoch === null) return undefined;
    const steps = cursorSteps(state);
    const said = (step: number): string => stepName(run, step).replace(/^start$/, "the start");
    const { kind } = referenceOf(state);
    const at = drift.steps.indexOf(epoch);
    return {
      run: run.label,
      now: said(epoch),
      reference: referenceName(state),
      elsewhere: kind === "run" || kind === "trailing",
      same: isPlace(drawnReference(state), run, epoch),
      alone: steps.length === 1 && kind !== "run",
      shift: drift.shareShift.value[at] ?? Number.NaN,
      standardError: drift.shareShift.standardError[at] ?? Number.NaN,
      noise: drift.shareShift.noise[at] ?? Number.NaN,
      samples: drift.samples,
      feature: this.feature(epoch),
      ...(kind === "run" || kind === "trailing" ? {} : this.meanwhile(run, epoch, referenceStep(state))),
    };
  }

  /** The feature whose share changed most. */
  private feature(epoch: number): Facts["feature"] {
    const manifest = focusManifest(store.state);
    if (!manifest || !this.shares.value) return undefined;
    const now = sharesAt(this.shares.value, manifest, epoch);
    const before = referenceShares(this.shares.value, this.others.value, manifest);
    if (!now || !before) return undefined;
    const most = ranked(now, before, errorsAtCursor(this.errors)).reduce((a, b) =>
      Math.abs(b.change) > Math.abs(a.change) ? b : a,
    );
    const image = manifest.inputs.some(({ name, kind }) => name === most.input && kind === "image");
    return image ? { ...most, name: `cell ${most.name}` } : most;
  }

  private meanwhile(run: RunEntry, epoch: number, reference: number | null): Pick<Facts, "learning" | "agreement"> {
    const rho = this.agreement?.find((answer) => answer.run.run === run.run)?.value;
    const at = (step: number) => (rho ? valueAt({ epochs: rho.steps, values: rho.values }, step) : Number.NaN);
    return {
      learning: this.learning(run, epoch, reference),
      agreement: reference === null ? undefined : { before: at(reference), now: at(epoch) },
    };
  }

  private learning(run: RunEntry, epoch: number, reference: number | null): Facts["learning"] {
    const curves = this.scalars?.find((answer) => answer.run.run === run.run)?.value ?? [];
    const score = scoreOf(curves) ?? { name: "loss", share: false };
    const validation = curveOf(curves, score.name, "validation");
    const curve = validation ?? curveOf(curves, score.name, "training");
    if (!curve || reference === null) return undefined;
    // Before the first batch nothing has been measured: the first epoch stands for it.
    const value = (step: number) => valueAt(curve, Math.max(placeOf(run, step), curve.epochs[0]));
    return {
      name: `${validation ? "validation" : "training"} ${words(score.name).toLowerCase()}`,
      before: value(reference),
      now: value(epoch),
      text: score.share ? (x) => percent(x) : figure,
      smallest: score.share ? 0.001 : 0,
    };
  }
}

/** ": their scores differ" */
const reason = (error: unknown): string => {
  const what = (error as { what?: string } | undefined)?.what;
  return what ? `: ${what}` : "";
};
