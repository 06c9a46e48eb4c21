/** `<explain-top-bar>`: where we are, the views, what drift is measured against, the link and the keys. */

import { css, html, LitElement } from "lit";
import { customElement, state } from "lit/decorators.js";
import { linkTo } from "../address";
import { icon } from "../elements/icons";
import { copy } from "../elements/states";
import { store, Watch } from "../state";
import { base } from "../styles";
import { views } from "../views";
import { openView } from "./amiss";
import "./method_picker";
import "./reference_picker";

@customElement("explain-top-bar")
export class TopBar extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: flex; align-items: center; padding-right: 16px; border-bottom: 1px solid var(--line); background: var(--bg); }
      .logdir { width: 224px; padding: 0 16px; flex: none; font-size: 13px; line-height: 20px; font-weight: 600; }
      .logdir svg { flex: none; }
      nav { display: flex; align-self: stretch; gap: 8px; padding-left: 16px; flex: 1; min-width: 0; overflow-x: auto; scrollbar-width: none; }
      .tab {
        display: inline-flex; align-items: center; gap: 8px; padding: 0 8px; border: 0; background: none;
        border-bottom: 2px solid transparent; border-top: 2px solid transparent;
        font-size: 13px; font-weight: 500; color: var(--ink2); cursor: pointer; white-space: nowrap;
      }
      .tab:hover { color: var(--ink); }
      .tab[aria-selected="true"] { border-bottom-color: var(--accent); color: var(--ink); font-weight: 600; }
      .tab:focus-visible { outline-offset: -2px; }
      explain-method-picker { display: none; }
      explain-reference-picker { margin-right: 12px; flex: none; }
      .said { position: absolute; top: 40px; right: 16px; z-index: 3; padding: 4px 8px; border-radius: 6px; background: var(--ink); color: var(--bg); }
      @media (max-width: 1199px) {
        .logdir { width: auto; padding-right: 8px; }
        .logdir .clip, .tab kbd { display: none; }
        nav { padding-left: 0; }
        explain-method-picker { display: block; flex: none; margin-right: 8px; max-width: 208px; }
        explain-reference-picker { margin-right: 8px; }
      }
      @media (max-width: 999px) {
        explain-method-picker { max-width: 164px; }
      }
      @media (max-width: 799px) {
        .logdir { padding-right: 0; }
        nav { gap: 0; }
        explain-method-picker { max-width: 144px; }
      }
    `,
  ];

  @state() private said = "";

  constructor() {
    super();
    new Watch(this, ["view", "groups"]);
  }

  protected override render() {
    const { groups } = store.state;
    const open = openView(store.state).id;
    return html`
      <h1 class="row logdir" title=${groups?.logdir ?? ""}>${icon("eye")}<span class="clip">${groups?.logdir || "Explain"}</span></h1>
      <nav role="tablist" aria-label="Views">
        ${views.map(
          ({ id, title, help, key }) =>
            html`<button
              class="tab"
              role="tab"
              id=${`tab-${id}`}
              title=${help}
              aria-selected=${id === open}
              @click=${() => store.set({ view: id }, { push: true })}
            >
              ${title}<kbd aria-hidden="true">${key}</kbd>
            </button>`,
        )}
      </nav>
      <explain-method-picker compact></explain-method-picker>
      <explain-reference-picker></explain-reference-picker>
      <button class="icon" title="Copy a link to what is shown" aria-label="Copy link" @click=${this.copyLink}>${icon("link")}</button>
      <button class="icon" title="Keys (?)" aria-label="Keys" @click=${() => this.dispatchEvent(new Event("help"))}>${icon("keys")}</button>
      <span role="status">${this.said ? html`<span class="said">${this.said}</span>` : ""}</span>
    `;
  }

  private async copyLink(): Promise<void> {
    this.said = (await copy(linkTo(store.state)))
      ? "Link copied"
      : "The browser does not let us copy; take the address";
    setTimeout(() => {
      this.said = "";
    }, 2000);
  }
}
