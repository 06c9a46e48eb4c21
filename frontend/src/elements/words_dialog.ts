/**
 * `<explain-words>`: a dialog of words and what they mean, closed by Escape, its cross or a click beside it.
 *
 * @property heading  its title
 * @property rows     a name and what is said of it; rows of which nothing is said are left out
 * @fires close
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { base } from "../styles";
import { icon } from "./icons";

export type Said = readonly [name: string, text: unknown];

/** What a figure means, how it is made, how to read it, and where it misleads. */
export interface FigureHelp {
  means: string;
  formula: string;
  read: string;
  mind: string;
}

export const saidOf = ({ means, formula, read, mind }: FigureHelp): Said[] => [
  ["Means", means],
  ["Formula", html`<code>${formula}</code>`],
  ["Read", read],
  ["Mind", mind],
];

@customElement("explain-words")
export class WordsDialog extends LitElement {
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

  @property() heading = "";
  @property({ attribute: false }) rows: readonly Said[] = [];

  protected override firstUpdated(): void {
    this.renderRoot.querySelector("dialog")?.showModal();
  }

  protected override render() {
    return html`<dialog aria-label=${this.heading} @close=${() => this.dispatchEvent(new Event("close"))} @click=${this.outside}>
      <div class="row">
        <h2 class="spread">${this.heading}</h2>
        <button class="icon" aria-label="Close" @click=${() => this.renderRoot.querySelector("dialog")?.close()}>${icon("close")}</button>
      </div>
      <dl>${this.rows.map(([name, text]) => (text ? html`<dt>${name}</dt><dd>${text}</dd>` : nothing))}</dl>
    </dialog>`;
  }

  /** A click beside the words closes them. */
  private outside(event: MouseEvent): void {
    if (event.target === event.currentTarget) (event.target as HTMLDialogElement).close();
  }
}
