/**
 * `<explain-method-matrix>`: methods × methods, how far they rank the features alike at the cursor; and in a sentence which two agree least.
 *
 * @property tables  of all methods of the run, the chosen one's first
 * @fires choose (detail: a feature's name)
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { scaleOf } from "../charts/color";
import { tokenShade } from "../charts/tokens";
import { tableOf } from "../downloads";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import { distance } from "../format";
import { methodTitle, shortMethod } from "../methods";
import { focusRun, store, Watch } from "../state";
import { stepName } from "../steps";
import { base } from "../styles";
import type { FeatureTable } from "./features_model";
import { MATRIX_HELP } from "./features_split_help";
import { agreementAt, chanceRho, leastAlike, type MethodAgreement } from "./method_agreement";

/** Of more methods, names stand upright below their columns. */
const WIDE = 6;
/** |ρ| at the end of the scale: beyond one, so that agreement, which is the rule, is no louder than its numbers. */
const LIMIT = 1.5;

@customElement("explain-method-matrix")
export class MethodMatrix extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; }
      .title { display: flex; align-items: baseline; gap: 8px; }
      .scrolls { overflow-x: auto; margin-top: 4px; }
      table { border-collapse: separate; border-spacing: 2px; }
      th { font-weight: 400; font-size: 11px; color: var(--ink2); text-align: left; }
      tbody th { padding-right: 4px; }
      tbody th div { max-width: 112px; }
      tfoot th { text-align: center; vertical-align: top; }
      tfoot th div { max-width: 44px; margin: 0 auto; }
      .many tbody th div { max-width: 88px; }
      .many tfoot th div { max-width: none; max-height: 96px; writing-mode: vertical-rl; }
      td { min-width: 44px; height: 24px; text-align: center; border-radius: 3px; }
      .many td { min-width: 27px; font-size: 11px; }
      .said { margin-top: 4px; min-height: 32px; }
      .said button { padding: 0; border: 0; background: none; font: inherit; color: var(--accent); text-decoration: underline; cursor: pointer; }
    `,
  ];

  @property({ attribute: false }) tables: readonly FeatureTable[] = [];
  protected watch = new Watch(this, ["epoch", "dark", "focus"]);

  protected override render() {
    const agreement = agreementAt(this.tables, store.state.epoch ?? Number.POSITIVE_INFINITY);
    const { tables, rho } = agreement;
    if (tables.length < 2) return nothing;
    const run = focusRun(store.state);
    return html`<section>
      <div class="title"><explain-figure-title heading="Methods × methods" .help=${MATRIX_HELP}></explain-figure-title>
        ${figureMenu("Methods by methods", () => agreementTable(agreement))} <span class="faint">rank ρ, ${stepName(run, store.state.epoch ?? 0)}</span></div>
      <div class="scrolls" tabindex="0" role="region" aria-label="Agreement of every two methods"><table class=${tables.length > WIDE ? "many" : ""}>
        <tbody>${tables.slice(1).map(
          (
            { method },
            i,
          ) => html`<tr><th scope="row" title=${methodTitle(method)}><div class="clip">${shortMethod(method)}</div></th>
            ${rho[i + 1].slice(0, i + 1).map(cell)}</tr>`,
        )}</tbody>
        <tfoot><tr><td></td>${tables.slice(0, -1).map(({ method }) => html`<th scope="col" title=${methodTitle(method)}><div class="clip">${shortMethod(method)}</div></th>`)}</tr></tfoot>
      </table></div>
      <p class="quiet said" aria-live="off">${this.sentence(agreement)}</p>
      ${lateText(agreement)}
      ${this.leftOut(tables)}
    </section>`;
  }

  private sentence(agreement: MethodAgreement) {
    const worst = leastAlike(agreement);
    if (!worst) return "No two of them have shares here that can be ranked.";
    const { tables } = agreement;
    const [a, b] = [worst.a, worst.b].map((i) => shortMethod(tables[i].method));
    const { names } = tables[0];
    const chance = chanceRho(names.length);
    // So few features that chance alone may order them alike: then only a contrary order is told as such.
    const telling = chance < 1;
    const apart = worst.rho <= (telling ? chance : 0);
    const verb = apart ? "disagree" : tables.length > 2 ? "agree least" : "agree";
    const said = `${a} and ${b} ${verb}: ρ ${distance(worst.rho)}${apart && telling ? `, by chance up to ${distance(chance)}` : ""}`;
    if (worst.feature < 0 || worst.rankA === worst.rankB) return `${said}.`;
    const name = names[worst.feature];
    const choose = () => this.dispatchEvent(new CustomEvent("choose", { detail: name }));
    return html`${said}; most about <button @click=${choose}><bdi>${name}</bdi></button> (rank ${worst.rankA} by ${a}, ${worst.rankB} by ${b}).`;
  }

  private leftOut(alike: readonly FeatureTable[]) {
    const others = this.tables.filter((table) => !alike.includes(table)).map(({ method }) => shortMethod(method));
    return others.length
      ? html`<p class="caption">Of other features, so not held against these: ${others.join(", ")}.</p>`
      : nothing;
  }
}

function cell(value: number) {
  const shade = tokenShade(value, LIMIT, scaleOf(true, store.state.dark ? "dark" : "light"));
  const style = styleMap(shade.hatched ? {} : { backgroundColor: shade.background, color: shade.ink });
  return html`<td style=${style}>${distance(value)}</td>`;
}

/** "LIME: its answer of epoch 30. Occlusion: none yet." */
function lateText({ tables, columns }: MethodAgreement) {
  const run = focusRun(store.state);
  const { epoch } = store.state;
  const late = tables.flatMap(({ method, steps }, i) => {
    if (columns[i] < 0) return [`${shortMethod(method)}: no answer yet`];
    return steps[columns[i]] === epoch
      ? []
      : [`${shortMethod(method)}: its answer of ${stepName(run, steps[columns[i]])}`];
  });
  return late.length ? html`<p class="caption">${late.join("; ")}.</p>` : nothing;
}

const agreementTable = ({ tables, columns, rho }: MethodAgreement) =>
  tableOf(
    tables.flatMap((a, i) => tables.map((b, k) => ({ a, b, i, k }))),
    {
      method: ({ a }) => a.method,
      step: ({ a, i }) => a.steps[columns[i]] ?? null,
      other_method: ({ b }) => b.method,
      other_step: ({ b, k }) => b.steps[columns[k]] ?? null,
      rank_correlation: ({ i, k }) => rho[i][k],
    },
  );

declare global {
  interface HTMLElementTagNameMap {
    "explain-method-matrix": MethodMatrix;
  }
}
