/** `<explain-linear>`: the terms of the linear surrogate at the cursor, the strongest first, with where they stood at the reference. */
import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { getLinear, type Manifest } from "../api";
import { drawSignedBar, strongest } from "../charts/bars";
import { scaleOf } from "../charts/color";
import type { Draw } from "../elements/canvas";
import "../elements/canvas";
import { clippedName, clippedNameStyles } from "../elements/clipped_name";
import { controlStyles, picker } from "../elements/controls";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import { problem, skeleton } from "../elements/states";
import { figure } from "../format";
import { memo } from "../memo";
import { described, store, Watch } from "../state";
import { stepName } from "../steps";
import { base } from "../styles";
import { palette } from "../theme";
import { className } from "../views/samples_model";
import type { Linear } from "./frames";
import { LINEAR_HELP } from "./help_texts";
import { FOLLOWED, LiveFrames, type Moment } from "./live_frames";
import { rangeOf } from "./looks";
import { panelStyles } from "./panel_styles";
import { surrogateNames, targetText } from "./surrogate_names";
import { linearTable } from "./tables";
import { ofStep } from "./words";

const SHOWN = 12;

/** The coefficients of one class. */
export const termsOf = ({ coefficient, features }: Linear, index: number): ArrayLike<number> =>
  coefficient.subarray(index * features, (index + 1) * features);

const amount = (value: number): string => (value > 0 ? `+${figure(value)}` : figure(value));

@customElement("explain-linear")
export class LinearPanel extends LitElement {
  static override styles = [
    base,
    controlStyles,
    panelStyles,
    clippedNameStyles,
    css`
      .terms { display: grid; grid-template-columns: minmax(64px, 1fr) minmax(96px, 1.3fr) auto auto; column-gap: 10px; align-items: center; }
      .terms > * { height: 24px; line-height: 24px; min-width: 0; }
      .terms .name { display: flex; }
      .terms .number { text-align: right; }
      .terms .heading { color: var(--ink3); font-size: 11px; display: flex; justify-content: space-between; }
      .terms .number.heading { display: block; }
    `,
  ];

  @state() private chosenClass = 0;
  private frames = new LiveFrames(this, "surrogate", ["linear"], getLinear);
  private names = memo((manifest: Manifest, now: Linear) => surrogateNames(manifest, now.tokens));

  constructor() {
    super();
    new Watch(this, FOLLOWED);
  }

  protected override render() {
    const of = described(store.state);
    const now = of && this.frames.now(store.state);
    if (!of || !now) {
      const { error } = this.frames;
      return html`<section>${this.renderHead()}${error ? problem(error, () => this.frames.tryAgain()) : skeleton(240)}</section>`;
    }
    const reference = this.frames.reference(store.state);
    const before =
      reference && reference.frame !== now.frame && reference.frame.features === now.frame.features
        ? reference
        : undefined;
    const all = this.frames.inMemory(of.run).map(({ frame }) => frame);
    return html`<section>
      ${this.renderHead(now, before, of.manifest)}
      ${this.frames.error ? problem(this.frames.error, () => this.frames.tryAgain()) : nothing}
      ${this.renderTerms(now, before, of.manifest, all)}
    </section>`;
  }

  private renderHead(now?: Moment<Linear>, before?: Moment<Linear>, manifest?: Manifest) {
    const heading = "Linear surrogate";
    const table = () =>
      linearTable(
        (now as Moment<Linear>).frame,
        before?.frame,
        this.names(manifest as Manifest, (now as Moment<Linear>).frame),
        (index) => className(manifest as Manifest, index),
      );
    return html`<div class="row head">
      <explain-figure-title heading=${heading} .help=${LINEAR_HELP}></explain-figure-title>
      ${now && manifest ? figureMenu(heading, table) : nothing}
      ${now ? html`<span class="faint clip at">${ofStep(now.run, now.step, store.state.epoch)}</span>` : nothing}
    </div>`;
  }

  private renderTerms(
    now: Moment<Linear>,
    before: Moment<Linear> | undefined,
    manifest: Manifest,
    all: readonly Linear[],
  ) {
    const classes = now.frame.intercept.length;
    const shown = Math.min(this.chosenClass, classes - 1);
    const names = this.names(manifest, now.frame);
    const terms = termsOf(now.frame, shown);
    const was = before && termsOf(before.frame, shown);
    if (Array.prototype.every.call(terms, (value: number) => !Number.isFinite(value)))
      return html`<p class="quiet">The model says nothing finite: there is nothing to fit a line to.</p>`;
    const { bars } = strongest(terms, was, SHOWN);
    const told = bars.filter(({ value, reference }) => value !== 0 || (Number.isFinite(reference) && reference !== 0));
    const used = Array.prototype.filter.call(terms, (value: number) => value !== 0).length;
    const left = used - told.filter(({ value }) => value !== 0).length;
    const limit = Math.max(...rangeOf(all.map(({ coefficient }) => coefficient)).map(Math.abs));
    return html`${
      classes > 1
        ? html`<div class="tools">${picker(
            "Class",
            String(shown),
            Array.from({ length: classes }, (_, i) => ({ id: String(i), title: className(manifest, i) })),
            (id) => {
              this.chosenClass = Number(id);
            },
          )}</div>`
        : nothing
    }
    ${told.length ? nothing : html`<p class="quiet">All coefficients are zero: the line says one number for all samples.</p>`}
    ${
      told.length
        ? html`<div class="terms">
      <span class="heading"></span><span class="heading"><span>lowers</span><span>raises</span></span>
      <span class="heading number">now</span><span class="heading number">${before ? "change" : ""}</span>
      ${told.map(({ index, value, reference }) => {
        const draw: Draw = (context, { width, height }) =>
          drawSignedBar(context, value, reference, {
            width,
            height,
            limit,
            scale: scaleOf(true, palette().theme),
            palette: palette(),
          });
        const name = names[index]?.name ?? `feature ${index}`;
        return html`<span class="name" title=${name}>${clippedName(name)}</span><explain-canvas .draw=${draw}></explain-canvas>
          <span class="number">${value === 0 ? "0" : amount(value)}</span><span class="number faint">${before ? amount(value - reference) : ""}</span>`;
      })}
    </div>`
        : nothing
    }
    <p class="caption">${[
      unitOf(manifest, now.frame),
      before
        ? `line: ${before.run.run === now.run.run ? "" : `${before.run.label} at `}${stepName(before.run, before.step)}`
        : "",
      `${used} of ${now.frame.features} features${left > 0 ? `, ${left} more than are shown` : ""}`,
      `constant ${figure(now.frame.intercept[shown])}`,
    ]
      .filter(Boolean)
      .join(" · ")}</p>`;
  }
}

/** What is explained, and the unit of a coefficient. */
const unitOf = (manifest: Manifest, line: Linear): string =>
  [targetText(manifest, line), line.unit && `${line.unit} a deviation`].filter(Boolean).join(", ");

declare global {
  interface HTMLElementTagNameMap {
    "explain-linear": LinearPanel;
  }
}
