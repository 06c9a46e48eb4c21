/**
 * `<explain-method-help>`: what a method answers, its formula, where it misleads, its source, and what it was called with.
 *
 * @property name     as in its tags
 * @property heading  its title
 * @property method   what the manifest says of it
 * @fires close
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { ManifestMethod } from "../api";
import { icon } from "../elements/icons";
import { words } from "../format";
import { methodHelp } from "../methods";
import { base } from "../styles";

@customElement("explain-method-help")
export class MethodHelpDialog extends LitElement {
  static override styles = [
    base,
    css`
      dialog {
        width: 520px; max-width: calc(100vw - 32px); padding: 16px 24px 24px; border: 1px solid var(--line2); border-radius: 8px;
        background: var(--bg); color: var(--ink); box-shadow: 0 4px 12px rgb(20 30 50 / .14);
      }
      dialog::backdrop { background: rgb(20 30 50 / .3); }
      dl { display: grid; grid-template-columns: 96px minmax(0, 1fr); gap: 8px; margin-top: 12px; }
      dt { color: var(--ink3); }
      dd { overflow-wrap: anywhere; }
      code { font-size: 12px; white-space: pre-wrap; }
    `,
  ];

  @property() name = "";
  @property() heading = "";
  @property({ attribute: false }) method: ManifestMethod | undefined;

  protected override firstUpdated(): void {
    this.renderRoot.querySelector("dialog")?.showModal();
  }

  protected override render() {
    const help = methodHelp(this.name);
    const rows: [string, unknown][] = help
      ? [
          ["Answers", help.answers],
          ["Formula", html`<code>${help.formula}</code>`],
          ["Mind", help.pitfall],
          ["Source", help.source],
        ]
      : [["Source", "a function of your own, given to Explain(methods=…)"]];
    const { parameters = {}, score = "", unit = "", signed = true } = this.method ?? {};
    const said: [string, unknown][] = [
      ["Score", words(score).toLowerCase().replace("log odds", "log-odds")],
      ["Unit", unit],
      ["Sign", signed ? "values speak for or against the label" : "none: values count from zero"],
      ...Object.entries(parameters).map(([name, value]): [string, unknown] => [words(name), value]),
    ];
    return html`<dialog aria-label=${this.heading} @close=${() => this.dispatchEvent(new Event("close"))} @click=${this.outside}>
      <div class="row">
        <h2 class="spread">${this.heading}</h2>
        <button class="icon" aria-label="Close" @click=${() => this.renderRoot.querySelector("dialog")?.close()}>${icon("close")}</button>
      </div>
      <dl>${[...rows, ...(this.method ? said : [])].map(([name, value]) => (value ? html`<dt>${name}</dt><dd>${value}</dd>` : nothing))}</dl>
    </dialog>`;
  }

  /** A click beside the words closes them. */
  private outside(event: MouseEvent): void {
    if (event.target === event.currentTarget) (event.target as HTMLDialogElement).close();
  }
}
