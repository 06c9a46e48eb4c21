/** `<explain-help>`: the list of keys, over everything until it is closed. */
import { css, html, LitElement } from "lit";
import { customElement } from "lit/decorators.js";
import { icon } from "../elements/icons";
import { base } from "../styles";
import { keyList } from "./keys";

@customElement("explain-help")
export class Help extends LitElement {
  static override styles = [
    base,
    css`
      dialog {
        width: 440px; max-width: calc(100vw - 32px); padding: 16px 24px 24px; border: 1px solid var(--line2); border-radius: 8px;
        background: var(--bg); color: var(--ink); box-shadow: 0 4px 12px rgb(20 30 50 / .14);
      }
      dialog::backdrop { background: rgb(20 30 50 / .3); }
      dl { display: grid; grid-template-columns: 96px 1fr; gap: 8px; margin-top: 12px; }
      dt { font-weight: 500; }
      dd { color: var(--ink2); }
    `,
  ];

  protected override firstUpdated(): void {
    this.renderRoot.querySelector("dialog")?.showModal();
  }

  protected override render() {
    return html`<dialog aria-label="Keys" @close=${() => this.dispatchEvent(new Event("close"))} @click=${this.outside}>
      <div class="row">
        <h2 class="spread">Keys</h2>
        <button class="icon" aria-label="Close" @click=${() => this.renderRoot.querySelector("dialog")?.close()}>${icon("close")}</button>
      </div>
      <dl>${keyList().map(({ shown, does }) => html`<dt>${shown}</dt><dd>${does}</dd>`)}</dl>
    </dialog>`;
  }

  /** A click beside the list closes it. */
  private outside(event: MouseEvent): void {
    if (event.target === event.currentTarget) (event.target as HTMLDialogElement).close();
  }
}
